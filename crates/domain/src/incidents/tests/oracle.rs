//! What the raw trail of an incident says, read without any code of the fold: each field is looked
//! up where the entries say it, whereas the fold carries it from step to step. The names come from
//! whoever includes this file.

use super::*;

/// The incident that the entries of one trail amount to, the report first. Of `folded` it takes
/// over only the return that is not made good yet, which has tests of its own, after holding it
/// against the last return of the trail.
pub fn read(trail: &[TrailEntry], folded: &Incident) -> Incident {
    let (first, now) = (&trail[0], &trail[trail.len() - 1]);
    let Action::Report(facts) = &first.action else {
        panic!("a trail begins with a report");
    };
    let (category, condition) = category_and_condition(trail);
    let (level, level_reason, level_reason_en) = level(trail, facts);
    // When the present state began: the last entry that found another one.
    let since = (1..trail.len()).rfind(|at| trail[*at].state != trail[at - 1].state);
    let state_since = effective_at(trail, since.unwrap_or(0));
    let before = since.map(|at| trail[at - 1].state);
    Incident {
        id: first.incident,
        steps: u32::try_from(trail.len()).expect("a short trail"),
        state: now.state,
        suspended_from: before.filter(|_| now.state == IncidentState::Suspended),
        category: category.unwrap_or(facts.category),
        channel: facts.channel,
        title: facts.title.clone(),
        description: facts.description.clone(),
        address: facts.address.clone(),
        location: facts.location,
        grids: facts.grids.clone(),
        level,
        level_reason,
        level_reason_en,
        reported_at: first.occurred_at,
        state_since,
        ended_at: has_ended(now.state).then_some(state_since),
        clock: now.clock,
        orders: under_way(trail, DispatchDuty::Lead),
        supervised: is_supervised(trail),
        extensions: count(trail, &Action::Extend),
        reworks: count(trail, &Action::Rework),
        rules_version: now.rules_version.clone(),
        condition,
        department: department(trail),
        assisting: under_way(trail, DispatchDuty::Assist),
        duplicate_of: last(trail, |action| match action {
            Action::MarkDuplicate { of } => Some(*of),
            _ => None,
        }),
        is_unreasonable: last(trail, |action| match action {
            Action::FlagUnreasonable { is_unreasonable } => Some(*is_unreasonable),
            _ => None,
        })
        .unwrap_or(false),
        particulars: facts.particulars.clone(),
        is_drill: facts.is_drill,
        fold_version: FOLD_VERSION,
        course: course(trail, folded),
    }
}

fn course(trail: &[TrailEntry], folded: &Incident) -> Course {
    Course {
        effective_at: effective_at(trail, trail.len() - 1),
        limit: last(trail, |action| match action {
            Action::File { limit, .. } => Some(*limit),
            _ => None,
        }),
        waiting_clock: waiting_clock(trail),
        returned: returned(trail, folded),
        passed_on_by: passed_on_by(trail),
        joint: joint(trail),
    }
}

/// The level with its reason in Chinese and in English.
fn level(trail: &[TrailEntry], facts: &ReportFacts) -> (Level, String, String) {
    let set = last(trail, |action| match action {
        Action::SetLevel {
            level,
            level_reason,
            level_reason_en,
        } => Some((*level, level_reason.clone(), level_reason_en.clone())),
        _ => None,
    });
    set.unwrap_or_else(|| {
        let english = facts.level_reason_en.clone();
        (facts.level, facts.level_reason.clone(), english)
    })
}

/// What the last entry that says something says.
fn last<T>(trail: &[TrailEntry], says: impl Fn(&Action) -> Option<T>) -> Option<T> {
    trail.iter().rev().find_map(|entry| says(&entry.action))
}

/// The last category that an entry names, and the condition under which the matter was filed
/// since then.
fn category_and_condition(trail: &[TrailEntry]) -> (Option<CategoryCode>, Option<ConditionCode>) {
    let names = |entry: &TrailEntry| matches!(entry.action, Action::Recategorise { .. });
    let since = trail.iter().rposition(names).unwrap_or(0);
    let category = match trail[since].action {
        Action::Recategorise { category } => Some(category),
        _ => None,
    };
    let condition = last(&trail[since..], |action| match action {
        Action::File { condition, .. } => Some(condition.clone()),
        _ => None,
    });
    (category, condition.flatten())
}

fn is_supervised(trail: &[TrailEntry]) -> bool {
    last(trail, |action| match action {
        Action::Supervise => Some(true),
        Action::ReplyToSupervision { .. } => Some(false),
        _ => None,
    })
    .unwrap_or(false)
}

fn count(trail: &[TrailEntry], action: &Action) -> u8 {
    let number = trail.iter().filter(|entry| entry.action == *action).count();
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// When an entry took effect: the latest time that any entry up to it happened.
fn effective_at(trail: &[TrailEntry], at: usize) -> Timestamp {
    let times = trail[..=at].iter().map(|entry| entry.occurred_at);
    times.max().expect("an entry")
}

fn has_ended(state: IncidentState) -> bool {
    use IncidentState::{Cancelled, Closed, NotAccepted};
    [NotAccepted, Closed, Cancelled].contains(&state)
}

fn waits_for_dispatch(state: IncidentState) -> bool {
    use IncidentState::{Filed, PendingFile, Reported, Returned};
    [Reported, PendingFile, Filed, Returned].contains(&state)
}

fn is_with_the_field(state: IncidentState) -> bool {
    [IncidentState::Dispatched, IncidentState::Handling].contains(&state)
}

/// The orders of a duty that were sent, and not ended, since the matter last waited for dispatch.
fn under_way(trail: &[TrailEntry], wanted: DispatchDuty) -> Vec<OrderId> {
    let over = |entry: &TrailEntry| has_ended(entry.state) || waits_for_dispatch(entry.state);
    let since = trail.iter().rposition(over).map_or(0, |at| at + 1);
    let stint = &trail[since..];
    let ends = |entry: &TrailEntry, sent: OrderId| match &entry.action {
        Action::Undispatch { order }
        | Action::Handled { order, .. }
        | Action::Assisted { order, .. } => *order == sent,
        _ => false,
    };
    let sent = stint.iter().enumerate().filter_map(|(at, entry)| {
        let Action::Dispatch { order, duty, .. } = entry.action else {
            return None;
        };
        let has_ended = stint[at..].iter().any(|later| ends(later, order));
        (duty == wanted && !has_ended).then_some(order)
    });
    sent.collect()
}

/// The department of the first order of the lead that names one, since the matter was last sent
/// out: whoever is sent besides does not change who answers for it.
fn department(trail: &[TrailEntry]) -> Option<DepartmentId> {
    let sent_out = (1..trail.len()).rfind(|at| {
        let is_sent = matches!(trail[*at].action, Action::Dispatch { .. });
        is_sent && waits_for_dispatch(trail[at - 1].state)
    })?;
    trail[sent_out..]
        .iter()
        .find_map(|entry| match &entry.action {
            Action::Dispatch {
                department, duty, ..
            } if *duty == DispatchDuty::Lead => department.clone(),
            _ => None,
        })
}

/// The clock with which the matter last came back from the field, where it has not gone out again.
fn waiting_clock(trail: &[TrailEntry]) -> Option<StageClock> {
    let back = (1..trail.len()).rfind(|at| {
        let came_back = [IncidentState::Filed, IncidentState::Returned];
        is_with_the_field(trail[at - 1].state) && came_back.contains(&trail[*at].state)
    })?;
    let is_over = |entry: &TrailEntry| is_with_the_field(entry.state) || has_ended(entry.state);
    if trail[back..].iter().any(is_over) {
        return None;
    }
    let mut clock = trail[back - 1].clock?;
    clock.paused_at = Some(effective_at(trail, back));
    Some(clock)
}

fn returned(trail: &[TrailEntry], folded: &Incident) -> Option<Returned> {
    let known = folded.course.returned.clone()?;
    let at = trail.iter().rposition(|e| e.action == Action::Return);
    let at = at.expect("something was returned");
    assert_eq!(known.by, trail[at].by);
    assert_eq!(known.at, effective_at(trail, at));
    assert_eq!(Some(known.from_stage), trail[at - 1].state.stage());
    assert_eq!(Some(known.to_stage), trail[at].state.stage());
    Some(known)
}

/// Who took the last step over the end of each stage.
fn passed_on_by(trail: &[TrailEntry]) -> std::collections::BTreeMap<Stage, Actor> {
    let passes = |pair: &[TrailEntry], stage: Stage| {
        let (from, to) = (pair[0].state.stage(), pair[1].state.stage());
        from.is_some_and(|from| from <= stage) && to.is_some_and(|to| to > stage)
    };
    let last = |stage: Stage| {
        let mut steps = trail.windows(2).rev();
        let step = steps.find(|pair| passes(pair, stage))?;
        Some((stage, step[1].by.clone()))
    };
    Stage::ALL.into_iter().filter_map(last).collect()
}

fn joint(trail: &[TrailEntry]) -> Option<Joint> {
    let convened = last(trail, |action| match action {
        Action::Convene { lead, assistants } => Some((lead.clone(), assistants.clone())),
        _ => None,
    });
    convened.map(|(lead, assistants)| Joint { lead, assistants })
}
