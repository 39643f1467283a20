//! Where the reference data comes from and how old it is: it changes by import, not by the line.

use domain::Timestamp;
use domain::people::{Provenance, Supply};
use leptos::prelude::*;
use protocol::ReferencePart;
use rust_i18n::t;

use crate::state::use_hall;
use crate::strings;

const PARTS: [ReferencePart; 7] = [
    ReferencePart::Street,
    ReferencePart::Grids,
    ReferencePart::ResponsibilityGrids,
    ReferencePart::Cameras,
    ReferencePart::Sensors,
    ReferencePart::Roads,
    ReferencePart::Rules,
];

/// The parts with the way by which each came and its age, under a heading.
#[component]
pub fn ReferenceAges() -> impl IntoView {
    let hall = use_hall();
    let provenance = move || {
        let catalogue = hall.catalogue.read();
        catalogue
            .as_ref()
            .map(|catalogue| catalogue.reference.provenance.clone())
            .unwrap_or_default()
    };
    let rows = move || {
        let (known, now) = (provenance(), hall.now.get());
        let row = |part: ReferencePart| {
            view! {
                <dt>{part_words(part)}</dt>
                <dd>{provenance_words(known.get(&part), now)}</dd>
            }
        };
        PARTS.map(row).collect_view()
    };
    view! {
        <h3 class="faint">{t!("desk.line.reference").into_owned()}</h3>
        <dl class="facts" data-testid="reference-ages">
            {rows}
        </dl>
    }
}

fn part_words(part: ReferencePart) -> String {
    match part {
        ReferencePart::Street => t!("desk.reference.street"),
        ReferencePart::Grids => t!("desk.reference.grids"),
        ReferencePart::ResponsibilityGrids => t!("desk.reference.responsibility_grids"),
        ReferencePart::Cameras => t!("desk.reference.cameras"),
        ReferencePart::Sensors => t!("desk.reference.sensors"),
        ReferencePart::Roads => t!("desk.reference.roads"),
        ReferencePart::Rules => t!("desk.reference.rules"),
    }
    .into_owned()
}

/// The way, the day and the age, such as `导入，2026-11-20（10 天前）`.
pub fn provenance_words(from: Option<&Provenance>, now: Timestamp) -> String {
    let Some(from) = from else {
        return t!("desk.reference.unknown").into_owned();
    };
    let supply = match from.supply {
        Supply::Seed => t!("desk.reference.seed"),
        Supply::Import => t!("desk.reference.import"),
        Supply::RulesFiles => t!("desk.reference.rules_files"),
    };
    t!(
        "desk.reference.from",
        supply = supply,
        day = from.at.local_ymd(),
        age = strings::age(now.ms_since(from.at))
    )
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_imported_is_told_with_its_day_and_age() {
        rust_i18n::set_locale("zh-CN");
        let at = Timestamp::from_unix_ms(1_774_000_000_000);
        let from = Provenance {
            supply: Supply::Import,
            at,
        };
        let now = at.plus_ms(3 * domain::time::DAY_MS);
        let words = provenance_words(Some(&from), now);
        assert_eq!(words, format!("导入，{}（3天前）", at.local_ymd()));
        assert_eq!(provenance_words(None, now), "来源未记录");
    }
}
