//! Where the reference data comes from and how old it is: it changes by import, not by the line.

use domain::Timestamp;
use domain::people::{Provenance, Supply};
use leptos::prelude::*;
use protocol::{Reference, ReferencePart};
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
    let rows = move || {
        let now = hall.now.get();
        let catalogue = hall.catalogue.read();
        let reference = catalogue.as_ref().map(|catalogue| &catalogue.reference);
        let row = |part: ReferencePart| {
            let words = reference.map(|reference| origin_words(part, reference, now));
            view! {
                <dt>{part_words(part)}</dt>
                <dd>{words.unwrap_or_else(|| t!("desk.reference.none").into_owned())}</dd>
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

/// Where a part comes from. Rules have a version, and always come from files, also those that were put
/// into force before it was kept where things come from.
fn origin_words(part: ReferencePart, reference: &Reference, now: Timestamp) -> String {
    let from = reference.provenance.get(&part);
    if part != ReferencePart::Rules {
        return provenance_words(from, now);
    }
    let from = match from {
        None => t!("desk.reference.rules_before").into_owned(),
        Some(_) => provenance_words(from, now),
    };
    let version = &reference.rules.version;
    t!("desk.reference.version", version = version, from = from).into_owned()
}

/// The way, the day and the age, such as `导入，2026-11-20（10 天前）`; of what was taken before that was
/// kept, so much.
pub fn provenance_words(from: Option<&Provenance>, now: Timestamp) -> String {
    let Some(from) = from else {
        return t!("desk.reference.unknown").into_owned();
    };
    let supply = match from.supply {
        Supply::Seed => t!("desk.reference.seed"),
        Supply::Import => t!("desk.reference.import"),
        Supply::RulesFiles => t!("desk.reference.rules_files"),
        Supply::Command => t!("desk.reference.command"),
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
    use crate::screens::desk::sample::{self, NOON};

    #[test]
    fn rules_say_their_version_and_that_they_come_from_files_whenever_that_was() {
        rust_i18n::set_locale("zh-CN");
        let mut reference = sample::reference();
        let words = |reference: &Reference| origin_words(ReferencePart::Rules, reference, NOON);
        assert_eq!(
            words(&reference),
            "版本 test-1 · 规则文件，启用时间早于来源记录"
        );
        let from = Provenance {
            supply: Supply::RulesFiles,
            at: NOON,
        };
        reference.provenance.insert(ReferencePart::Rules, from);
        let at_noon = "版本 test-1 · 规则文件，2026-11-20（刚刚）";
        assert_eq!(words(&reference), at_noon);
        let grids = origin_words(ReferencePart::Grids, &reference, NOON);
        assert_eq!(grids, provenance_words(None, NOON));
    }

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
        assert_eq!(provenance_words(None, now), "早于来源记录，来源与时间未知");
        let entered = Provenance {
            supply: Supply::Command,
            at,
        };
        let words = provenance_words(Some(&entered), at);
        assert_eq!(words, format!("后台登记，{}（刚刚）", at.local_ymd()));
    }
}
