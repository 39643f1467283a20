//! Words for the desk's own values.

use domain::OrderState;
use domain::dispatch::Reason;
use domain::intents::Mode;
use domain::roster::OnDutyBy;
use domain::trail::Origin;
use leptos::prelude::*;
use rust_i18n::t;

use super::actions::Step;
use super::outbox::{OutboxRow, Waiting, Wish};
use super::queue::QueueSort;
use super::timeline::{Doer, TimelineRow};
use crate::components::{Tag, order_tone};
use crate::strings;

/// One reason of the ranking.
pub fn reason(reason: Reason) -> String {
    match reason {
        Reason::ByRoad { distance_m } => strings::distance(f64::from(distance_m)),
        Reason::AsTheCrowFlies { distance_m } => {
            let distance = strings::distance(f64::from(distance_m));
            t!("desk.merit.crow", d = distance).into_owned()
        }
        Reason::Minutes(n) => t!("desk.merit.minutes", n = n).into_owned(),
        Reason::OnDuty(by) => match by {
            OnDutyBy::Pattern => t!("desk.merit.on_duty"),
            OnDutyBy::ExtraTurn => t!("desk.merit.extra_turn"),
            OnDutyBy::EmergencySet => t!("desk.merit.emergency_set"),
            OnDutyBy::Substitute { .. } => t!("desk.merit.substitute"),
        }
        .into_owned(),
        Reason::Skill(skill) => strings::skill(skill),
        Reason::OpenOrders(0) => t!("desk.merit.free").into_owned(),
        Reason::OpenOrders(1) => t!("desk.merit.one").into_owned(),
        Reason::OpenOrders(n) => t!("desk.merit.load", n = n).into_owned(),
        Reason::HomeGrid => t!("desk.merit.home_grid").into_owned(),
        Reason::LeadPost => t!("desk.merit.lead_post").into_owned(),
        Reason::StalePosition { minutes } => t!("desk.merit.stale", n = minutes).into_owned(),
    }
}

/// What a step is called on its button.
pub fn step(step: Step) -> String {
    match step {
        Step::TakeFlagBack => t!("desk.step.take_flag_back").into_owned(),
        other => strings::action(&other.bare_action()),
    }
}

/// What a step does, for its tooltip.
pub fn step_hint(step: Step) -> String {
    match step {
        Step::Verify => t!("desk.step.hint_verify"),
        Step::File => t!("desk.step.hint_file"),
        Step::NotAccept => t!("desk.step.hint_not_accept"),
        Step::Close => t!("desk.step.hint_close"),
        Step::Rework => t!("desk.step.hint_rework"),
        Step::Return => t!("desk.step.hint_return"),
        Step::Suspend => t!("desk.step.hint_suspend"),
        Step::Resume => t!("desk.step.hint_resume"),
        Step::Extend => t!("desk.step.hint_extend"),
        Step::Supervise => t!("desk.step.hint_supervise"),
        Step::Reply => t!("desk.step.hint_reply"),
        Step::ContactCaller => t!("desk.step.hint_contact_caller"),
        Step::FlagUnreasonable => t!("desk.step.hint_flag_unreasonable"),
        Step::TakeFlagBack => t!("desk.step.hint_take_flag_back"),
        Step::Note => t!("desk.step.hint_note"),
        Step::ForceClose => t!("desk.step.hint_force_close"),
        Step::Cancel => t!("desk.step.hint_cancel"),
    }
    .into_owned()
}

/// An order of the queue.
pub fn sort(sort: QueueSort) -> String {
    match sort {
        QueueSort::MostUrgent => t!("desk.queue.sort_urgent"),
        QueueSort::Newest => t!("desk.queue.sort_newest"),
        QueueSort::Level => t!("desk.queue.sort_level"),
    }
    .into_owned()
}

/// Who did a step of the trail.
pub fn doer(by: &Doer) -> String {
    match by {
        Doer::Officer { name, role: None }
        | Doer::Person { name }
        | Doer::Department { id: name } => name.clone(),
        Doer::Officer {
            name,
            role: Some(role),
        } => t!(
            "desk.trail.officer",
            role = strings::role(*role),
            name = name
        )
        .into_owned(),
        Doer::Channel(channel) => strings::channel(*channel),
        Doer::Rule => t!("desk.trail.by_rule").into_owned(),
    }
}

/// From where a step was taken.
pub fn origin(from: &Origin) -> String {
    match from {
        Origin::Terminal(address) => t!("desk.trail.from_terminal", address = address).into_owned(),
        Origin::Place(at) => {
            let place = format!("{:.6}, {:.6}", at.lon, at.lat);
            t!("desk.trail.from_place", place = place).into_owned()
        }
    }
}

/// What a step of the trail was.
pub fn trail_action(row: &TimelineRow) -> String {
    about_it(strings::action(&row.action), row.about.as_ref())
}

/// What is done, with whom or what it concerns.
pub fn about_it(action: String, about: Option<&String>) -> String {
    match about {
        Some(name) => t!("desk.trail.action_about", action = action, name = name).into_owned(),
        None => action,
    }
}

/// A switch of the mode.
pub fn mode_switch(mode: Mode, is_drill: bool) -> String {
    let mode = strings::mode(mode);
    if is_drill {
        t!("desk.mode.what_drill", mode = mode).into_owned()
    } else {
        t!("desk.mode.what", mode = mode).into_owned()
    }
}

/// What an item of the outbox wants.
pub fn wish(wish: &Wish) -> String {
    match wish {
        Wish::Send { name } => t!("desk.outbox.send", name = name).into_owned(),
        Wish::Withdraw => t!("desk.outbox.withdraw").into_owned(),
        Wish::Step(one) => step(*one),
        Wish::OtherStep { action, about } => about_it(action.clone(), about.as_ref()),
        Wish::Mode { mode, is_drill } => mode_switch(*mode, *is_drill),
        Wish::Report => t!("report.wish").into_owned(),
        Wish::Log { text } => t!("duty.wish.log", text = text).into_owned(),
        Wish::HandOver => t!("duty.wish.hand_over").into_owned(),
    }
}

/// Where something stands that is not on the record yet.
pub fn pending(state: OrderState) -> String {
    match state {
        OrderState::Queued => t!("desk.trail.unsent"),
        OrderState::Parked => t!("desk.outbox.waits_officer"),
        _ => t!("desk.outbox.waits_record"),
    }
    .into_owned()
}

/// What an officer has written for something that is not on the record yet.
pub fn written(words: &str) -> impl IntoView + use<> {
    let words = (!words.is_empty()).then(|| words.to_owned());
    words.map(|words| view! { <p class="written" data-testid="written">{words}</p> })
}

/// The mark of a matter that has no number yet, by where its report stands.
pub fn report_tag(state: OrderState) -> impl IntoView + use<> {
    let words = match state {
        OrderState::Parked => t!("report.parked"),
        OrderState::Sent => t!("report.sent"),
        _ => t!("report.queued"),
    };
    view! { <Tag text=words.into_owned() tone=order_tone(state) /> }
}

/// What an item of the outbox waits for.
pub fn waiting(row: &OutboxRow) -> String {
    match row.waiting {
        Waiting::ForTheLine => t!("desk.outbox.waits_line").into_owned(),
        Waiting::ForTheOneBefore => t!("desk.outbox.waits_before").into_owned(),
        Waiting::ForTheNextTry { seconds } => t!("desk.outbox.waits_try", n = seconds).into_owned(),
        Waiting::ForTheRecord => t!("desk.outbox.waits_record").into_owned(),
        Waiting::ForAnOfficer => t!("desk.outbox.waits_officer").into_owned(),
        Waiting::ForNothing => t!("desk.outbox.dropped").into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::people::Skill;

    #[test]
    fn reasons_read_as_one_line() {
        rust_i18n::set_locale("zh-CN");
        let line = [
            Reason::ByRoad { distance_m: 380 },
            Reason::OnDuty(OnDutyBy::Pattern),
            Reason::Skill(Skill::Electrician),
            Reason::OpenOrders(1),
            Reason::HomeGrid,
        ]
        .map(reason)
        .join(" · ");
        assert_eq!(line, "380 m · 在岗 · 水电维修 · 1 单在办 · 网格责任人");
        let in_english = |key| t!(key, locale = "en").into_owned();
        let keys = ["desk.merit.on_duty", "skill.electrician", "desk.merit.one"];
        let line = keys.map(in_english).join(" · ");
        assert_eq!(line, "on duty · Electrician · 1 open order");
    }

    #[test]
    fn every_step_and_every_order_has_its_own_words() {
        let mut words: Vec<String> = Step::ALL.into_iter().map(step).collect();
        words.extend(Step::ALL.into_iter().map(step_hint));
        words.extend(QueueSort::ALL.into_iter().map(sort));
        let missing: Vec<_> = words.iter().filter(|w| w.contains("desk.")).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}
