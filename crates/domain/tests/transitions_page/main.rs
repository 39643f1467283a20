//! `docs/transitions.md` is written from the tables that decide. When this test fails, the table
//! has changed: bless the page with `UPDATE_EXPECT=1 cargo test -p domain --test transitions_page`
//! and read what changed.

mod diagrams;
mod rows;
mod words;

use expect_test::expect_file;
use words::Words;

const HEAD: &str = "\
# What may happen to a matter, and to an order

案件与派单的流转。This page is written from the code and never by hand: from the rows of
`crates/domain/src/incidents/rows.rs` and the table of `crates/domain/src/orders.rs`, with the words
of the screens (`assets/strings/ui.yml`). The backend decides by these rows, the desk offers by them.
An action that no row allows is refused with its reason, and nothing is changed.
";

fn page() -> String {
    let words = Words::read();
    [
        HEAD.to_owned(),
        diagrams::incidents(&words),
        rows::states_by_actions(&words),
        rows::actions_by_takers(&words),
        rows::clocks(&words),
        rows::conditions(&words),
        rows::general(),
        diagrams::orders(&words),
        rows::orders(&words),
        rows::conflicts(&words),
    ]
    .concat()
}

#[test]
fn the_published_page_is_the_table() {
    expect_file!["../../../../docs/transitions.md"].assert_eq(&page());
}

#[test]
fn everything_the_page_names_has_words_of_its_own() {
    use domain::trail::ActionKind;
    let words = Words::read();
    let all: std::collections::BTreeSet<_> = ActionKind::ALL
        .iter()
        .map(|kind| words.both("action", kind.name()))
        .collect();
    assert_eq!(all.len(), ActionKind::ALL.len());
}
