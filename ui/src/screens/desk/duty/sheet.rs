//! The handover sheet as text.

use domain::duty::{HandoverSheet, OpenMatters, Undone};
use domain::trail::Officer;
use domain::{Situation, Timestamp};
use rust_i18n::t;

use crate::strings::{self, officer_name};

/// One line for the open matters of a state.
pub fn matters(matters: &OpenMatters) -> String {
    let state = strings::incident_state(matters.state);
    if matters.overdue > 0 {
        t!(
            "duty.sheet.matters_overdue",
            state = state,
            n = matters.count,
            overdue = matters.overdue
        )
    } else {
        t!("duty.sheet.matters", state = state, n = matters.count)
    }
    .into_owned()
}

fn instant(at: Timestamp) -> String {
    format!("{} {}", at.local_ymd(), at.local_hm())
}

/// The sheet as text, for the printer and for copying.
pub fn sheet_text(
    sheet: &HandoverSheet,
    street: &str,
    officers: &[Officer],
    situation: &Situation,
) -> String {
    let mut lines = vec![
        format!("{street} {}", t!("duty.sheet.title")),
        t!("duty.sheet.at", at = instant(sheet.at)).into_owned(),
        t!(
            "duty.sheet.outgoing",
            name = officer_name(&sheet.outgoing, officers)
        )
        .into_owned(),
        t!(
            "duty.sheet.incoming",
            name = officer_name(&sheet.incoming, officers)
        )
        .into_owned(),
    ];
    lines.push(match sheet.as_of {
        Some(at) => t!("duty.sheet.as_of", at = instant(at)).into_owned(),
        None => t!("duty.sheet.as_of_never").into_owned(),
    });
    let total: u32 = sheet.open.iter().map(|open| open.count).sum();
    lines.push(t!("duty.sheet.open", n = total).into_owned());
    lines.extend(sheet.open.iter().map(|open| format!("  {}", matters(open))));
    lines.push(t!("duty.sheet.undone", n = sheet.undone.len()).into_owned());
    for taken in &sheet.undone {
        let what = match taken.what {
            Undone::Overdue { incident } => {
                let known = situation.incidents.get(&incident);
                let title = known.map_or("", |known| known.title.as_str());
                t!("duty.sheet.overdue", id = incident, title = title).into_owned()
            }
            Undone::Parked { incident, .. } => {
                let id = incident.map_or_else(|| "—".to_owned(), |id| id.to_string());
                t!("duty.sheet.parked", id = id).into_owned()
            }
        };
        lines.push(format!("  {what}：{}", taken.remark));
    }
    lines.push(t!("duty.sheet.queued", n = sheet.queued).into_owned());
    if !sheet.remarks.is_empty() {
        lines.push(t!("duty.sheet.remarks", text = sheet.remarks).into_owned());
    }
    lines.push(sheet.id.to_string());
    lines.join("\n")
}
