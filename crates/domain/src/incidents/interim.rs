//! What has to be done on the way to the settling of a matter, and how much time is left for it.

use super::{Incident, Stage};
use crate::clocks::StageClock;
use crate::rules::{Pause, Rules};
use crate::time::Timestamp;
use crate::trail::TrailEntry;

/// The handling of a matter by whoever answers for it, as its trail shows it.
struct Charge {
    started_at: Timestamp,
    pauses: Vec<Pause>,
}

/// The interim limits of a matter (an illegal building is stopped within 2 emergency days and
/// demolished within 15 working days) as what has to be done and its clock, in the order of the
/// filing condition. `trail` is that of one incident, the report first; `rules` are those in
/// force, whose calendar and interim limits hold.
///
/// The clocks begin with the handling clock, stand still while a suspension, a return or an order
/// that was taken back keeps the matter from the field, and start anew where the handling clock
/// does: after a failed check, or where another department is sent. From the report of completion,
/// or the end of the matter, they stand still, so that they tell whether there was time left. An
/// extension (延期) moves the handling limit alone.
///
/// Nothing is returned for a matter that was never sent out, for a condition without interim
/// limits or that the rules no longer have, and for entries that are no trail.
pub fn interim_clocks_of(trail: &[TrailEntry], rules: &Rules) -> Vec<(String, StageClock)> {
    let Some((report, steps)) = trail.split_first() else {
        return Vec::new();
    };
    let Some(mut incident) = Incident::opened(report) else {
        return Vec::new();
    };
    let mut charge: Option<Charge> = None;
    for step in steps {
        let was_handled = is_with_the_field(&incident);
        if !incident.apply(step) {
            return Vec::new();
        }
        let at = incident.course.effective_at;
        match (was_handled, is_with_the_field(&incident)) {
            (false, true) => charge = Some(go_on(charge, &incident, at)),
            (true, false) => pause(charge.as_mut(), at),
            _ => {}
        }
    }
    let condition = rules
        .category(incident.category)
        .and_then(|rule| rule.condition(incident.condition.as_ref()));
    let (Some(condition), Some(charge)) = (condition, charge) else {
        return Vec::new();
    };
    let texts = condition.interim.iter().map(|interim| interim.text.clone());
    let clocks = condition.interim_clocks(charge.started_at, &charge.pauses, &rules.calendar);
    texts.zip(clocks).collect()
}

fn is_with_the_field(incident: &Incident) -> bool {
    incident.state.stage() == Some(Stage::Handle)
}

/// A handling clock that goes on keeps its beginning; one that starts anew has another.
fn go_on(charge: Option<Charge>, incident: &Incident, at: Timestamp) -> Charge {
    let started_at = incident.clock.map_or(at, |clock| clock.started_at);
    match charge {
        Some(mut charge) if charge.started_at == started_at => {
            if let Some(last) = charge.pauses.last_mut() {
                last.until = Some(at);
            }
            charge
        }
        _ => Charge {
            started_at,
            pauses: Vec::new(),
        },
    }
}

fn pause(charge: Option<&mut Charge>, from: Timestamp) {
    if let Some(charge) = charge {
        charge.pauses.push(Pause { from, until: None });
    }
}
