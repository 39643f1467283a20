//! The tables of the page.

use std::fmt::Write as _;

use domain::conflicts::{self, Wanted};
use domain::incidents::{
    ClockEffect, Guard, IncidentState, MAX_EXTENSIONS, Move, RequiredField, Stage, TABLE, To, When,
};
use domain::orders::OrderState;
use domain::trail::{ActionKind, OfficerRole, Taker};

use crate::words::{Words, key};

/// Every state of an order, in the order of its way.
pub const ORDER_STATES: [OrderState; 10] = [
    OrderState::Queued,
    OrderState::Parked,
    OrderState::Sent,
    OrderState::Delivered,
    OrderState::Read,
    OrderState::Accepted,
    OrderState::Arrived,
    OrderState::Done,
    OrderState::Refused,
    OrderState::Withdrawn,
];

fn header(out: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().collect();
    writeln!(out, "| {} |", cells.join(" | ")).expect("a String");
    writeln!(out, "|{}", "---|".repeat(cells.len())).expect("a String");
}

fn line(out: &mut String, cells: impl IntoIterator<Item = String>) {
    let cells: Vec<String> = cells.into_iter().collect();
    writeln!(out, "| {} |", cells.join(" | ")).expect("a String");
}

/// Which action leads where.
pub fn states_by_actions(words: &Words) -> String {
    let mut out = String::from(
        "\n## States and actions\n\nEach cell is the state after the action; = keeps the state, an \
         empty cell refuses.\n\n",
    );
    let states = IncidentState::ALL.map(|state| words.both("incident_state", &key(state)));
    header(&mut out, std::iter::once("action".to_owned()).chain(states));
    for row in &TABLE {
        let cells = IncidentState::ALL.into_iter().map(|from| {
            let mut targets: Vec<String> = Vec::new();
            for one in row.moves.iter().filter(|one| one.from.contains(&from)) {
                let target = target(one, from, words);
                if !targets.contains(&target) {
                    targets.push(target);
                }
            }
            targets.join(" or ")
        });
        let name = words.both("action", row.action.name());
        line(&mut out, std::iter::once(name).chain(cells));
    }
    out
}

fn target(one: &Move, from: IncidentState, words: &Words) -> String {
    match one.to {
        To::State(to) if to != from => words.zh("incident_state", &key(to)).to_owned(),
        To::State(_) | To::Same => "=".to_owned(),
        To::WhereSuspended => "as before".to_owned(),
    }
}

fn taker(who: Taker, words: &Words) -> String {
    match who {
        Taker::Officer(role) => words.both("role", &key(role)),
        Taker::Field => "现场 Field".to_owned(),
        Taker::Channel => "渠道 Channel".to_owned(),
        Taker::Rule => "规则 Rule".to_owned(),
        Taker::Department => "部门 Department".to_owned(),
    }
}

fn needed(field: RequiredField) -> String {
    field.to_string().trim_end_matches(',').to_owned()
}

/// Who may take which action, and what it must come with.
pub fn actions_by_takers(words: &Words) -> String {
    let mut out = String::from(
        "\n## Who may do it, and what it needs\n\n● may; ○ only from the states named in the table of \
         clocks below.\n\n",
    );
    let takers = Taker::ALL.map(|who| taker(who, words));
    let ends = ["action".to_owned()].into_iter().chain(takers);
    header(&mut out, ends.chain(["needs".to_owned()]));
    for row in &TABLE {
        let mark = |who: Taker| {
            let barred = |one: &Move| !one.only.is_empty() && !one.only.contains(&who);
            if !row.takers.contains(&who) {
                ""
            } else if row.moves.iter().any(barred) {
                "○"
            } else {
                "●"
            }
        };
        let cells = Taker::ALL.into_iter().map(|who| mark(who).to_owned());
        let needs: Vec<String> = row.requires.iter().copied().map(needed).collect();
        let needs = needs.join("; ");
        let name = words.both("action", row.action.name());
        line(&mut out, [name].into_iter().chain(cells).chain([needs]));
    }
    out
}

/// What every move does to the clock and to the orders under way.
pub fn clocks(words: &Words) -> String {
    let mut out = String::from("\n## What happens to the clock and to the orders\n\n");
    header(
        &mut out,
        [
            "action",
            "from",
            "to",
            "when",
            "clock",
            "orders under way",
            "who alone",
        ]
        .map(str::to_owned),
    );
    for row in &TABLE {
        for one in row.moves {
            let is_plain = one.to == To::Same && one.clock == ClockEffect::Keep;
            if is_plain && one.when == When::Always {
                continue;
            }
            let from: Vec<_> = one
                .from
                .iter()
                .map(|state| words.zh("incident_state", &key(*state)))
                .collect();
            let to = match one.to {
                To::State(to) => words.zh("incident_state", &key(to)).to_owned(),
                To::Same => "=".to_owned(),
                To::WhereSuspended => "as before".to_owned(),
            };
            let only: Vec<String> = one.only.iter().map(|who| taker(*who, words)).collect();
            line(
                &mut out,
                [
                    words.both("action", row.action.name()),
                    from.join(" "),
                    to,
                    when(one.when).to_owned(),
                    clock(one.clock),
                    orders_after(one).to_owned(),
                    only.join(", "),
                ],
            );
        }
    }
    out.push_str("\nEvery other move keeps state, clock and orders as they are.\n");
    out
}

const fn when(when: When) -> &'static str {
    match when {
        When::Always => "",
        When::LastLeadOrder => "it is the only order of the lead",
        When::LeadStays => "another order of the lead stays, or it is an assistant's",
    }
}

fn clock(effect: ClockEffect) -> String {
    match effect {
        ClockEffect::Keep => "runs on".to_owned(),
        ClockEffect::StartStage(stage) => format!("limit of {} starts", stage_words(stage)),
        ClockEffect::StartHandling => {
            "limit of the filing condition starts; a clock that waits goes on where the same \
             department is sent"
                .to_owned()
        }
        ClockEffect::Pause => "pauses".to_owned(),
        ClockEffect::Resume => "goes on".to_owned(),
        ClockEffect::Extend => "one original limit more".to_owned(),
        ClockEffect::Stop => "ends".to_owned(),
    }
}

const fn stage_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Verify => "核实 verification",
        Stage::File => "立案 filing",
        Stage::Dispatch => "派遣 dispatch",
        Stage::Handle => "处置 handling",
        Stage::Check => "核查 the check",
    }
}

/// What the fold does: whoever is on the way to a matter that ended or waits for dispatch again is
/// called back.
fn orders_after(one: &Move) -> &'static str {
    let had_orders = one
        .from
        .iter()
        .any(|from| from.stage() >= Some(Stage::Handle) || *from == IncidentState::Suspended);
    match one.to {
        To::State(to) if had_orders && (!to.is_open() || to.awaits_dispatch()) => "called back",
        To::State(IncidentState::Suspended) => "stay, their receipts wait",
        To::WhereSuspended => "stay, their receipts take effect",
        _ => "",
    }
}

fn guard(guard: Guard) -> String {
    match guard {
        Guard::NotPastReturner => "it passes over nobody who returned the matter".to_owned(),
        Guard::ReplyGiven => "no reply to a supervision is owed".to_owned(),
        Guard::ReplyOwed => "a reply to a supervision is owed".to_owned(),
        Guard::ExtensionLeft => format!("fewer than {MAX_EXTENSIONS} extensions so far"),
        Guard::InRules => "category and filing condition are in the rules in force".to_owned(),
        Guard::NewOrder => "the order is new".to_owned(),
        Guard::OrderUnderWay => "the order is under way for this matter".to_owned(),
        Guard::LeadOrder => "the order is under way as the lead's".to_owned(),
        Guard::AssistantOrder => "the order is under way as an assistant's".to_owned(),
        Guard::LeadFirst => "an assistant goes where somebody leads".to_owned(),
        Guard::ConvenedDuty => {
            "in a joint handling, the department has that duty; without one, it leads".to_owned()
        }
        Guard::AssistantsDone => "no assistant is under way".to_owned(),
        Guard::OtherMatter => "the other matter is not this one".to_owned(),
    }
}

/// Conditions besides the state, and notes.
pub fn conditions(words: &Words) -> String {
    let mut out = String::from("\n## Conditions and notes\n\n");
    header(&mut out, ["action", "only if", "note"].map(str::to_owned));
    for row in &TABLE {
        if row.guards.is_empty() && row.note.is_empty() {
            continue;
        }
        let guards: Vec<String> = row.guards.iter().map(|one| guard(*one)).collect();
        line(
            &mut out,
            [
                words.both("action", row.action.name()),
                guards.join("; "),
                row.note.to_owned(),
            ],
        );
    }
    out
}

/// What holds for every row.
pub fn general() -> String {
    "
## What holds for every action

- The trail is the truth: the state is the fold of its entries, each exactly one step after the one
  before. An entry that is repeated, out of order or about another matter changes nothing.
- `occurred_at` is when it happened, `recorded_at` when the backend accepted it. An entry that
  happened before the one accepted before it (an offline hall sent it late) keeps its own time on the
  record and takes effect on clocks and on the beginning of the state when that other one did: no
  clock begins, pauses or goes on in a past that has been decided upon.
- The record of a matter says by whom it was returned, to whom, and from which stage (核实 → 立案 →
  派遣 → 处置 → 核查). Leaders may end a returned matter by force; nobody else passes the returner.
- A receipt of the field that the matter cannot follow (it is suspended, it has ended, assistants of
  the lead are still at work) is noted; what is still of use takes effect by rule when it can.
- Whoever of the desk sends somebody to a matter that is not filed yet verifies and files it by the
  same act; after a return before dispatch, each of these steps is taken by itself.
"
    .to_owned()
}

/// The states of orders.
pub fn orders(words: &Words) -> String {
    let mut out = String::from(
        "\nA status only moves forward. Receipts may be lost or overtake each other, so a later state \
         may be reached directly; a receipt that comes late or twice changes nothing.\n\n",
    );
    let state = |state: OrderState| words.both("order_state", &key(state));
    header(
        &mut out,
        std::iter::once("from \\ to".to_owned()).chain(ORDER_STATES.map(state)),
    );
    for from in ORDER_STATES {
        let cells = ORDER_STATES
            .into_iter()
            .map(|to| if from.may_become(to) { "●" } else { "" }.to_owned());
        line(&mut out, std::iter::once(state(from)).chain(cells));
    }
    out
}

/// Which later step of others speaks against what is wanted.
pub fn conflicts(words: &Words) -> String {
    let mut out = String::from(
        "
## What counts as a conflict

A proposal says how many steps of the matter its officer had seen. A later step of somebody else that
speaks against it, by this table (`crates/domain/src/conflicts/rows.rs`), makes it a conflict: it has no
effect, and the officer sends it anyway by name, changes it or drops it. Steps of the own hall's earlier
proposals do not count. Whatever makes a wish impossible speaks against it; what only adds to the record
never does.

",
    );
    let action = |kind: ActionKind| words.both("action", kind.name());
    let list = |kinds: &mut dyn Iterator<Item = ActionKind>| {
        kinds.map(action).collect::<Vec<_>>().join(", ")
    };
    header(
        &mut out,
        [
            "wanted",
            "conflicts with",
            "only about the same order or call",
        ]
        .map(str::to_owned),
    );
    for row in conflicts::TABLE {
        let wanted = match row.wanted {
            Wanted::Order => action(ActionKind::Dispatch),
            Wanted::Withdrawal => words.both("order_state", &key(OrderState::Withdrawn)),
            Wanted::Step(kind) => action(kind),
        };
        let always = list(&mut row.conflicts().filter(|kind| !row.same.contains(kind)));
        let same = list(&mut row.same.iter().copied());
        line(&mut out, [wanted, always, same]);
    }
    out
}

#[test]
fn no_role_is_left_out_of_the_page() {
    for role in [
        OfficerRole::ShiftLeader,
        OfficerRole::DutyOfficer,
        OfficerRole::StreetLeader,
        OfficerRole::ItOfficer,
    ] {
        assert!(Taker::ALL.contains(&Taker::Officer(role)));
    }
}
