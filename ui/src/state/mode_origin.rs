//! Where the mode comes from, in words: since when it is in force and who set it, and what was switched
//! here and is not in force yet.

use domain::modes::{ModeInForce, ModeSession};
use domain::trail::Officer;
use domain::{Intent, OrderState, Timestamp};
use protocol::feed::OutboxItem;
use rust_i18n::t;

use crate::strings::{self, officer_name};

/// Recorded so much later than it was set (milliseconds) that both times are said.
const LATE_MS: i64 = 60_000;

/// Since when, and who set it: `自 08:12 起 · 张三 设定`.
pub fn origin(mode: &ModeInForce, officers: &[Officer], now: Timestamp) -> String {
    let Some(switch) = &mode.switch else {
        return t!("mode.origin.unknown").into_owned();
    };
    let since = strings::minute(switch.recorded_at, now);
    let Some(officer) = &switch.officer else {
        return t!("mode.origin.began", since = since).into_owned();
    };
    let who = officer_name(officer, officers);
    if switch.recorded_at.ms_since(switch.occurred_at) < LATE_MS {
        return t!("mode.origin.set", since = since, who = who).into_owned();
    }
    let at = strings::minute(switch.occurred_at, now);
    t!("mode.origin.set_before", since = since, who = who, at = at).into_owned()
}

/// Since when, for a wall, which does not say who.
pub fn since(mode: &ModeInForce, now: Timestamp) -> Option<String> {
    let switch = mode.switch.as_ref()?;
    let since = strings::minute(switch.recorded_at, now);
    Some(t!("mode.origin.since", since = since).into_owned())
}

/// The last switch of the outbox that has no effect yet, which mode, by whom and when; a refused one
/// is the business of the outbox.
pub fn waiting(outbox: &[OutboxItem], officers: &[Officer], now: Timestamp) -> Option<String> {
    let (item, wanted) = last_switch(outbox)?;
    let who = officer_name(&item.proposal.officer, officers);
    let at = strings::minute(item.proposal.occurred_at, now);
    let mode = session_words(wanted);
    Some(t!("mode.origin.waiting", mode = mode, who = who, at = at).into_owned())
}

/// Whether a switch is on its way, for a wall.
pub fn is_switching(outbox: &[OutboxItem]) -> bool {
    last_switch(outbox).is_some()
}

/// The mode that was switched to last and is not in force yet.
pub fn wanted(outbox: &[OutboxItem]) -> Option<ModeSession> {
    last_switch(outbox).map(|(_, wanted)| wanted)
}

fn last_switch(outbox: &[OutboxItem]) -> Option<(&OutboxItem, ModeSession)> {
    outbox.iter().rev().find_map(|item| {
        let is_on_its_way = matches!(item.state, OrderState::Queued | OrderState::Sent);
        match &item.proposal.intent {
            Intent::SetMode { mode, is_drill } if is_on_its_way => {
                Some((item, ModeSession::new(*mode, *is_drill)))
            }
            _ => None,
        }
    })
}

fn session_words(session: ModeSession) -> String {
    let mode = strings::mode(session.mode);
    if session.is_drill {
        t!("mode.origin.drill", mode = mode).into_owned()
    } else {
        mode
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screens::desk::sample::{self, NOON};
    use domain::modes::{Mode, ModeSwitch};
    use domain::{OfficerId, Proposal};

    const MINUTE_MS: i64 = 60_000;

    fn red(officer: Option<&str>, set_ms: i64, recorded_ms: i64) -> ModeInForce {
        ModeInForce {
            session: Mode::EmergencyRed.into(),
            switch: Some(ModeSwitch {
                officer: officer.map(OfficerId::from),
                occurred_at: NOON.plus_ms(set_ms),
                recorded_at: NOON.plus_ms(recorded_ms),
            }),
        }
    }

    #[test]
    fn it_is_said_since_when_and_by_whom_and_when_that_was_if_it_was_long_before() {
        rust_i18n::set_locale("zh-CN");
        let officers = sample::reference().officers;
        let words = |mode: ModeInForce| origin(&mode, &officers, NOON);
        let known = officers[0].id.to_string();
        let name = &officers[0].name;
        let at_once = red(Some(&known), -48 * MINUTE_MS - 200, -48 * MINUTE_MS);
        assert_eq!(words(at_once), format!("自 11:12 起 · {name} 设定"));
        let queued = red(Some(&known), -15 * 60 * MINUTE_MS, -5 * MINUTE_MS);
        assert_eq!(
            words(queued),
            format!("自 11:55 起 · {name} 11-19 21:00 设定")
        );
        let gone = red(Some("who.left"), 0, 0);
        assert_eq!(words(gone), "自 12:00 起 · who.left 设定");
        assert_eq!(words(red(None, 0, 0)), "自 12:00 起 · 后台初始状态");
        assert_eq!(words(Mode::Normal.into()), "设定人与时间未记录");
        assert_eq!(
            since(&red(Some("a"), 0, 0), NOON).as_deref(),
            Some("自 12:00 起")
        );
        assert_eq!(since(&Mode::Normal.into(), NOON), None);
    }

    #[test]
    fn a_switch_that_waits_is_said_until_it_is_refused_or_in_force() {
        rust_i18n::set_locale("zh-CN");
        let officers = sample::reference().officers;
        let item = |number, mode, is_drill, state| {
            let mut item = sample::queued_order(number, 1, 1);
            item.state = state;
            item.proposal = Proposal {
                officer: officers[0].id.clone(),
                occurred_at: NOON.plus_ms(-MINUTE_MS),
                intent: Intent::SetMode { mode, is_drill },
                ..item.proposal
            };
            item
        };
        let name = &officers[0].name;
        let first = item(1, Mode::EmergencyBlue, true, OrderState::Sent);
        let second = item(2, Mode::Normal, false, OrderState::Queued);
        let words = |outbox: &[OutboxItem]| waiting(outbox, &officers, NOON);
        assert_eq!(
            words(std::slice::from_ref(&first)),
            Some(format!("{name} 11:59 选定「战时 Ⅳ级（演练）」，尚未生效"))
        );
        assert_eq!(
            words(&[first, second]),
            Some(format!("{name} 11:59 选定「平时」，尚未生效"))
        );
        let refused = item(3, Mode::EmergencyRed, false, OrderState::Parked);
        assert_eq!(words(std::slice::from_ref(&refused)), None);
        assert!(!is_switching(&[refused]) && !is_switching(&[]));
    }
}
