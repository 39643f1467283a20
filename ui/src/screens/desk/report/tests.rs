//! The form of a new matter.

use super::super::sample;
use super::*;
use domain::situation::Record;

fn words() -> CallerWords {
    CallerWords {
        caller: "来电人：".to_owned(),
        phone: "回拨：".to_owned(),
        again: "再次反映：".to_owned(),
    }
}

fn filled() -> Draft {
    let rules = sample::rules();
    let mut draft = Draft::new(sample::key(1), sample::key(2), sample::NOON);
    draft.choose(
        rules
            .category("E01.10".parse().expect("a code"))
            .expect("known"),
    );
    draft.put_place(LonLat::new(104.1, 30.66));
    draft
}

fn matter_of(draft: &Draft, is_drill_on: bool) -> Result<NewMatter, Faults> {
    let (rules, words) = (sample::rules(), words());
    draft.matter(&Surroundings {
        rules: &rules,
        street: "锦水街道",
        is_drill_on,
        words: &words,
    })
}

#[test]
fn category_and_place_are_enough_and_the_title_is_the_categorys_name() {
    let matter = matter_of(&filled(), false).expect("complete");
    assert_eq!(matter.title, "暴露垃圾");
    assert_eq!(matter.channel, SourceChannel::DutyPhone);
    assert_eq!(matter.description, "");
    assert_eq!(matter.particulars, Particulars::default());
    assert_eq!(matter.location, LonLat::new(104.1, 30.66));
}

#[test]
fn an_empty_form_says_what_is_missing_field_by_field() {
    let empty = Draft::new(sample::key(1), sample::key(2), sample::NOON);
    assert!(empty.is_empty() && !filled().is_empty());
    let faults = matter_of(&empty, true).expect_err("nothing is filled in");
    let expected = [
        (Field::Category, Fault::NoCategory),
        (Field::Place, Fault::NoPlace),
        (Field::Drill, Fault::DrillUnsaid),
    ];
    assert_eq!(faults, Faults::from(expected));
}

#[test]
fn what_is_no_number_and_what_is_too_long_is_said_at_its_field() {
    let mut draft = filled();
    draft.lat = "三十".to_owned();
    draft.people = "几个".to_owned();
    draft.title = "题".repeat(201);
    draft.address = "路".repeat(201);
    draft.description = "字".repeat(4_001);
    let faults = matter_of(&draft, false).expect_err("all of it");
    let expected = [
        (Field::Title, Fault::TooLong(200)),
        (Field::Place, Fault::NoCoordinate),
        (Field::Address, Fault::TooLong(200)),
        (Field::Description, Fault::TooLong(4_000)),
        (Field::People, Fault::NoNumber),
    ];
    assert_eq!(faults, Faults::from(expected));
    draft.lat = "130".to_owned();
    let faults = matter_of(&draft, false).expect_err("not on the globe");
    assert_eq!(faults[&Field::Place], Fault::NoCoordinate);
}

#[test]
fn who_called_is_written_down_and_known_again_without_the_number_in_the_record() {
    let mut draft = filled();
    draft.description = "门口堆了一夜".to_owned();
    draft.caller = "王女士".to_owned();
    draft.phone = "138 0000 0000".to_owned();
    draft.people = " 12 ".to_owned();
    draft.harm = Harm::Property;
    let matter = matter_of(&draft, false).expect("complete");
    assert_eq!(
        matter.description,
        "门口堆了一夜\n来电人：王女士\n回拨：138 0000 0000"
    );
    let caller = matter.particulars.caller.expect("known by the number");
    assert!(!caller.as_str().contains("1380"));
    assert_eq!(matter.particulars.people_affected, 12);
    let note = draft.as_note(&sample::rules(), &words());
    assert!(
        note.starts_with("再次反映：暴露垃圾\n门口堆了一夜"),
        "{note}"
    );
}

#[test]
fn a_drill_is_said_and_never_guessed() {
    let mut draft = filled();
    for (said, is_on, becomes) in [
        (Some(true), true, true),
        (Some(false), true, false),
        (Some(false), false, false),
        (None, false, false),
    ] {
        draft.is_drill = said;
        let matter = matter_of(&draft, is_on).expect("complete");
        assert_eq!(matter.is_drill, becomes);
    }
}

#[test]
fn what_was_exercised_does_not_become_real_because_the_drill_ended() {
    let mut draft = filled();
    draft.is_drill = Some(true);
    let faults = matter_of(&draft, false).expect_err("somebody has to choose again");
    assert_eq!(faults, Faults::from([(Field::Drill, Fault::DrillOver)]));
    assert!(draft.asks_about_drill(false), "the choice stays visible");
    draft.is_drill = Some(false);
    assert!(!matter_of(&draft, false).expect("answered").is_drill);
}

#[test]
fn a_place_read_out_in_another_system_is_the_same_place() {
    let mut draft = filled();
    draft.crs = Crs::Gcj02;
    draft.lon = "104.102542".to_owned();
    draft.lat = "30.657603".to_owned();
    let place = draft.place().expect("a place");
    assert!(place.distance_m(LonLat::new(104.1, 30.66)) < 0.2);
    draft.put_place(LonLat::new(104.2, 30.7));
    assert_eq!(
        (draft.crs, draft.lon.as_str()),
        (Crs::Cgcs2000, "104.200000")
    );
}

#[test]
fn a_category_is_found_by_code_name_and_first_letters() {
    let rules = sample::rules();
    let found = |text: &str| -> Vec<String> {
        let rules = matches(text, &rules);
        rules.iter().map(|rule| rule.code.to_string()).collect()
    };
    for text in [
        "E01.10", "e0110", "0110", "暴露", "bllj", "垃圾", " BL lj", "srhj",
    ] {
        assert_eq!(found(text), ["E01.10"], "{text}");
    }
    assert_eq!(found("").len(), rules.categories.len());
    assert!(found("没有").is_empty());
}

#[test]
fn likely_duplicates_are_the_open_ones_nearby_of_the_same_kind() {
    let mut situation = Situation::default();
    let rules = Rules {
        duplicates: domain::nearness::Nearness {
            within_m: 50.0,
            within_ms: 30 * domain::time::MINUTE_MS,
        },
        ..sample::rules()
    };
    let mut near = sample::incident(3);
    near.reported_at = sample::NOON.plus_ms(-10 * domain::time::MINUTE_MS);
    situation.apply(Record::Incident(Box::new(near.clone())));
    let found = |draft: &Draft, situation: &Situation| {
        let found = draft.duplicates(situation, &rules);
        found.iter().map(|s| s.of).collect::<Vec<_>>()
    };
    assert_eq!(found(&filled(), &situation), [near.id]);
    let mut elsewhere = filled();
    elsewhere.put_place(LonLat::new(104.11, 30.66));
    assert!(found(&elsewhere, &situation).is_empty());
    let mut other = filled();
    other.category = Some("E05.05".parse().expect("a code"));
    assert!(found(&other, &situation).is_empty());
    let mut closed = near;
    closed.steps += 1;
    closed.state = domain::IncidentState::Closed;
    situation.apply(Record::Incident(Box::new(closed)));
    assert!(found(&filled(), &situation).is_empty());
}

#[test]
fn a_draft_reads_back_as_it_was_kept() {
    let mut draft = filled();
    draft.phone = "138".to_owned();
    draft.is_drill = Some(false);
    let kept = serde_json::to_string(&draft).expect("json");
    assert_eq!(serde_json::from_str::<Draft>(&kept).ok(), Some(draft));
    assert!(
        serde_json::from_str::<Draft>("{}").is_err(),
        "nothing half is taken"
    );
}
