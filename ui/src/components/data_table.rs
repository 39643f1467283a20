//! The one table: sticky head, sortable columns, one tab stop, arrows move and Enter opens.

use std::cmp::Ordering;
use std::hash::Hash;
use std::sync::Arc;

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use rust_i18n::t;
use wasm_bindgen::JsCast;

use super::keyed::KeyedRows;

type Cell<T> = Arc<dyn Fn(Memo<T>) -> AnyView + Send + Sync>;
type Compare<T> = fn(&T, &T) -> Ordering;

/// A column.
#[derive(Clone)]
pub struct Column<T: Send + Sync + 'static> {
    /// Name of the column; also its class (`col-NAME`).
    pub name: &'static str,
    /// Heading.
    pub title: String,
    /// View of a cell.
    cell: Cell<T>,
    /// Order of the rows by this column; `None` when it cannot be sorted by.
    compare: Option<Compare<T>>,
}

impl<T: Send + Sync + 'static> Column<T> {
    /// A column that cannot be sorted by.
    pub fn new<V: IntoView + 'static>(
        name: &'static str,
        title: impl Into<String>,
        cell: impl Fn(Memo<T>) -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            name,
            title: title.into(),
            cell: Arc::new(move |row| cell(row).into_any()),
            compare: None,
        }
    }

    /// The same column, sortable.
    pub fn sorted_by(mut self, compare: Compare<T>) -> Self {
        self.compare = Some(compare);
        self
    }
}

/// By which column a table is sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SortOrder {
    /// Name of the column.
    pub column: &'static str,
    /// Whether the largest comes first.
    pub descending: bool,
}

impl SortOrder {
    /// The order after a click on a heading: ascending first, then the other way round.
    #[must_use]
    pub fn clicked(self, column: &'static str) -> Self {
        Self {
            column,
            descending: self.column == column && !self.descending,
        }
    }
}

/// Sorts rows in place; rows that are equal keep their order.
fn sort<T: Send + Sync>(rows: &mut [T], columns: &[Column<T>], order: SortOrder) {
    let column = columns.iter().find(|c| c.name == order.column);
    if let Some(compare) = column.and_then(|c| c.compare) {
        rows.sort_by(|a, b| {
            let ascending = compare(a, b);
            if order.descending {
                ascending.reverse()
            } else {
                ascending
            }
        });
    }
}

/// A table of rows with unique keys.
#[component]
pub fn DataTable<T, K>(
    /// Name for screen readers.
    #[prop(into)]
    label: Signal<String>,
    /// Columns, from left to right.
    columns: Vec<Column<T>>,
    /// The rows.
    #[prop(into)]
    rows: Signal<Vec<T>>,
    /// Key of a row.
    key: fn(&T) -> K,
    /// By what it is sorted; a click on a heading changes it.
    order: RwSignal<SortOrder>,
    /// The selected row.
    #[prop(into)]
    selected: Signal<Option<K>>,
    /// Called with the key of a row that is clicked, or reached by the arrows.
    #[prop(into)]
    on_select: Callback<K>,
    /// Called with the key of a row on Enter or double click.
    #[prop(into, optional)]
    on_open: Option<Callback<K>>,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Clone + Eq + Hash + Send + Sync + 'static,
{
    let columns = StoredValue::new(columns);
    let sorted = Memo::new(move |_| {
        let mut rows = rows.get();
        columns.with_value(|columns| sort(&mut rows, columns, order.get()));
        rows
    });
    let table = Rows {
        sorted,
        key,
        selected,
        on_select,
        on_open,
        body: NodeRef::new(),
    };
    let row = move |row| table.row(row, columns);
    let is_empty = Memo::new(move |_| sorted.with(Vec::is_empty));
    view! {
        <div class="table-box">
            <table class="data-table" aria-label=label>
                <thead>
                    <tr>{move || columns.with_value(|all| head(all, order))}</tr>
                </thead>
                <tbody node_ref=table.body on:keydown=move |event| table.key_pressed(&event)>
                    <KeyedRows rows=sorted key row />
                </tbody>
            </table>
            <Show when=move || is_empty.get()>
                <p class="table-empty">{t!("table.empty").into_owned()}</p>
            </Show>
        </div>
    }
}

/// What a row needs to know of its table.
struct Rows<T: Send + Sync + 'static, K: Send + Sync + 'static> {
    sorted: Memo<Vec<T>>,
    key: fn(&T) -> K,
    selected: Signal<Option<K>>,
    on_select: Callback<K>,
    on_open: Option<Callback<K>>,
    body: NodeRef<html::Tbody>,
}

// Deriving would ask for copies of the rows and keys themselves.
impl<T: Send + Sync, K: Send + Sync> Clone for Rows<T, K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T: Send + Sync, K: Send + Sync> Copy for Rows<T, K> {}

impl<T, K> Rows<T, K>
where
    T: Clone + PartialEq + Send + Sync + 'static,
    K: Clone + Eq + Hash + Send + Sync + 'static,
{
    /// Selects the row that lies so many steps away.
    fn move_by(self, steps: isize) {
        let rows = self.sorted.get_untracked();
        let present = self.selected.get_untracked();
        let at = rows.iter().position(|row| Some((self.key)(row)) == present);
        if let Some(index) = step_from(at, steps, rows.len()) {
            self.on_select.run((self.key)(&rows[index]));
            focus_row(self.body, index);
        }
    }

    fn key_pressed(self, event: &KeyboardEvent) {
        match event.key().as_str() {
            "ArrowDown" => self.move_by(1),
            "ArrowUp" => self.move_by(-1),
            "PageDown" => self.move_by(10),
            "PageUp" => self.move_by(-10),
            "Home" => self.move_by(isize::MIN),
            "End" => self.move_by(isize::MAX),
            "Enter" => {
                if let (Some(open), Some(key)) = (self.on_open, self.selected.get_untracked()) {
                    open.run(key);
                }
            }
            _ => return,
        }
        event.prevent_default();
    }

    /// A row: the selected one, or else the first, is the table's one tab stop.
    fn row(self, row: Memo<T>, columns: StoredValue<Vec<Column<T>>>) -> impl IntoView + use<T, K> {
        let key = self.key;
        let own = Memo::new(move |_| row.with(key));
        let is_selected = Memo::new(move |_| {
            self.selected
                .with(|selected| selected.as_ref() == Some(&own.get()))
        });
        let is_tab_stop = move || {
            let first = self.sorted.with(|rows| rows.first().map(key));
            is_selected.get() || (self.selected.with(Option::is_none) && first == Some(own.get()))
        };
        let open = move |_| {
            if let Some(open) = self.on_open {
                open.run(own.get_untracked());
            }
        };
        view! {
            <tr
                tabindex=move || if is_tab_stop() { "0" } else { "-1" }
                aria-selected=move || is_selected.get().to_string()
                class:is-selected=is_selected
                on:click=move |_| self.on_select.run(own.get_untracked())
                on:dblclick=open
            >
                {columns.with_value(|columns| cells(columns, row))}
            </tr>
        }
    }
}

fn cells<T: Send + Sync + 'static>(columns: &[Column<T>], row: Memo<T>) -> AnyView {
    let cell = |column: &Column<T>| {
        view! { <td class=format!("col-{}", column.name)>{(column.cell)(row)}</td> }
    };
    columns.iter().map(cell).collect_view().into_any()
}

fn head<T: Send + Sync + 'static>(columns: &[Column<T>], order: RwSignal<SortOrder>) -> AnyView {
    let heading = |column: &Column<T>| {
        let name = column.name;
        let title = column.title.clone();
        let class = format!("col-{name}");
        if column.compare.is_none() {
            return view! { <th scope="col" class=class>{title}</th> }.into_any();
        }
        let sort = move || match order.get() {
            now if now.column != name => "none",
            now if now.descending => "descending",
            _ => "ascending",
        };
        let words = t!("table.sort_by", column = title).into_owned();
        view! {
            <th scope="col" class=class aria-sort=sort>
                <button
                    type="button"
                    title=words
                    on:click=move |_| order.update(|order| *order = order.clicked(name))
                >
                    {title}
                </button>
            </th>
        }
        .into_any()
    };
    columns.iter().map(heading).collect_view().into_any()
}

/// Index after so many steps, held inside the list; `None` for an empty list.
fn step_from(at: Option<usize>, steps: isize, len: usize) -> Option<usize> {
    let last = len.checked_sub(1)?;
    let Some(at) = at else {
        return Some(if steps == isize::MAX { last } else { 0 });
    };
    Some(at.saturating_add_signed(steps).min(last))
}

fn focus_row(body: NodeRef<html::Tbody>, index: usize) {
    let row = body
        .get_untracked()
        .and_then(|body| body.children().item(index as u32))
        .and_then(|row| row.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(row) = row {
        // Without focus the arrows still work on the selection.
        row.focus().ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrows_stay_inside_the_list() {
        assert_eq!(step_from(None, 1, 3), Some(0));
        assert_eq!(step_from(Some(2), 1, 3), Some(2));
        assert_eq!(step_from(Some(0), -1, 3), Some(0));
        assert_eq!(step_from(Some(1), isize::MIN, 3), Some(0));
        assert_eq!(step_from(Some(1), isize::MAX, 3), Some(2));
        assert_eq!(step_from(Some(1), 1, 0), None);
    }

    #[test]
    fn a_second_click_on_a_heading_turns_the_order_round() {
        let by = |column, descending| SortOrder { column, descending };
        assert_eq!(by("a", false).clicked("a"), by("a", true));
        assert_eq!(by("a", true).clicked("a"), by("a", false));
        assert_eq!(by("a", true).clicked("b"), by("b", false));
    }

    #[test]
    fn equal_rows_keep_their_order_in_both_directions() {
        let columns = [Column::<(u8, u8)>::new("n", "n", |_| ()).sorted_by(|a, b| a.0.cmp(&b.0))];
        let mut rows = vec![(2, 0), (1, 0), (2, 1), (1, 1)];
        let by = |descending| SortOrder {
            column: "n",
            descending,
        };
        sort(&mut rows, &columns, by(false));
        assert_eq!(rows, [(1, 0), (1, 1), (2, 0), (2, 1)]);
        sort(&mut rows, &columns, by(true));
        assert_eq!(rows, [(2, 0), (2, 1), (1, 0), (1, 1)]);
    }
}
