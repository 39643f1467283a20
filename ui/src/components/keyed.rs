//! A keyed list: rows keep their elements while they stay, and a row wakes only when it changed.

use std::collections::HashMap;
use std::hash::Hash;

use leptos::prelude::*;

/// Shows each row once for its key. `row` is called when a key first appears and gets a memo of
/// the row's newest value.
#[component]
pub fn KeyedRows<T, K, V>(
    /// The rows in the order in which they are shown; keys must be unique.
    #[prop(into)]
    rows: Signal<Vec<T>>,
    /// Key of a row.
    key: fn(&T) -> K,
    /// View of a row.
    row: impl Fn(Memo<T>) -> V + Send + Sync + Clone + 'static,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Clone + Eq + Hash + Send + Sync + 'static,
    V: IntoView + 'static,
{
    let by_key = Memo::new(move |_| {
        rows.with(|rows| {
            let pairs = rows.iter().map(|row| (key(row), row.clone()));
            pairs.collect::<HashMap<K, T>>()
        })
    });
    view! {
        <For
            each=move || rows.get()
            key=key
            children=move |first: T| {
                let own_key = key(&first);
                row(
                    Memo::new(move |last: Option<&T>| {
                        // A row that is about to be removed keeps its last value.
                        by_key
                            .with(|rows| rows.get(&own_key).cloned())
                            .unwrap_or_else(|| last.unwrap_or(&first).clone())
                    }),
                )
            }
        />
    }
}
