//! The state diagrams, in Mermaid.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::incidents::{IncidentState, TABLE, To};
use domain::orders::OrderState;

use crate::rows::ORDER_STATES;
use crate::words::{Words, key};

fn node(out: &mut String, indent: &str, words: &Words, section: &str, key: &str) {
    let name = words.both(section, key);
    writeln!(out, "{indent}state \"{name}\" as {key}").expect("a String");
}

/// The life of an incident. What is possible from every open state alike is drawn once, from the
/// box around them; what keeps the state is left to the tables.
pub fn incidents(words: &Words) -> String {
    let mut out = String::from("\n## The life of a matter 案件\n\n```mermaid\nstateDiagram-v2\n");
    let is_everywhere = |from: &[IncidentState]| {
        IncidentState::ALL
            .iter()
            .all(|state| !state.is_open() || from.contains(state))
    };
    let (mut inner, mut outer) = (BTreeMap::new(), BTreeMap::new());
    for row in &TABLE {
        let action = words.zh("action", row.action.name());
        for one in row.moves {
            let targets: Vec<(String, String)> = match one.to {
                To::Same => Vec::new(),
                To::State(to) if is_everywhere(one.from) => vec![("open".to_owned(), key(to))],
                To::State(to) => {
                    let moving = one.from.iter().filter(|from| **from != to);
                    moving.map(|from| (key(*from), key(to))).collect()
                }
                To::WhereSuspended => where_suspended(),
            };
            for (from, to) in targets {
                let is_end = IncidentState::ALL
                    .iter()
                    .any(|s| !s.is_open() && key(*s) == to);
                let edges = if is_end { &mut outer } else { &mut inner };
                let labels: &mut Vec<String> = edges.entry((from, to)).or_default();
                if !labels.iter().any(|label| label == action) {
                    labels.push(action.to_owned());
                }
            }
        }
    }
    out.push_str("    state \"在办 Open\" as open {\n");
    for state in IncidentState::ALL.into_iter().filter(|s| s.is_open()) {
        node(&mut out, "        ", words, "incident_state", &key(state));
    }
    let report = words.zh("action", "report");
    writeln!(out, "        [*] --> reported: {report}").expect("a String");
    draw(&mut out, "        ", &inner);
    out.push_str("    }\n");
    for state in IncidentState::ALL.into_iter().filter(|s| !s.is_open()) {
        node(&mut out, "    ", words, "incident_state", &key(state));
    }
    draw(&mut out, "    ", &outer);
    out.push_str("```\n");
    out
}

/// The states from which a suspension may begin, and to which it returns.
fn where_suspended() -> Vec<(String, String)> {
    let suspends = TABLE.iter().flat_map(|row| row.moves);
    suspends
        .filter(|one| one.to == To::State(IncidentState::Suspended))
        .flat_map(|one| one.from)
        .map(|to| (key(IncidentState::Suspended), key(*to)))
        .collect()
}

fn draw(out: &mut String, indent: &str, edges: &BTreeMap<(String, String), Vec<String>>) {
    for ((from, to), labels) in edges {
        let label = labels.join(" / ");
        writeln!(out, "{indent}{from} --> {to}: {label}").expect("a String");
    }
}

/// The way of an order: each step that can be reached only over the ones before it. Receipts may
/// be lost, so the table below also allows what skips a step.
pub fn orders(words: &Words) -> String {
    let mut out = String::from("\n## The way of an order 派单\n\n```mermaid\nstateDiagram-v2\n");
    for state in ORDER_STATES {
        node(&mut out, "    ", words, "order_state", &key(state));
    }
    let is_direct = |from: OrderState, to: OrderState| {
        from.may_become(to)
            && !ORDER_STATES
                .into_iter()
                .any(|between| from.may_become(between) && between.may_become(to))
    };
    writeln!(out, "    [*] --> {}", key(OrderState::Queued)).expect("a String");
    for from in ORDER_STATES {
        for to in ORDER_STATES.into_iter().filter(|to| is_direct(from, *to)) {
            writeln!(out, "    {} --> {}", key(from), key(to)).expect("a String");
        }
    }
    for last in ORDER_STATES.into_iter().filter(|state| state.is_final()) {
        writeln!(out, "    {} --> [*]", key(last)).expect("a String");
    }
    out.push_str("```\n");
    out
}
