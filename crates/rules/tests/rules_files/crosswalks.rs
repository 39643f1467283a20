//! Crosswalks: no class is mapped twice, and each category goes out under one class.

use domain::Timestamp;
use domain::crosswalk::UnmappedQueue;
use domain::rules::Rules;
use expect_test::expect;

use crate::{check, load, shipped_files};

/// Classes of the service requests of New York City (311), as a test of the form with classes that
/// somebody else has made.
const NYC_311: &str = include_str!("../nyc_311.toml");

#[test]
fn classes_are_mapped_once_to_categories_that_exist() {
    for (sound, broken, expected) in [
        (
            "class = \"城市管理/噪音/施工噪音\"",
            "class = \"物业管理/物业纠纷\"",
            expect![[
                r#"crosswalk.toml:HERE+3: crosswalk hotline_12345_example: "物业管理/物业纠纷" is mapped twice"#
            ]],
        ),
        (
            "category = \"E03.01\"",
            "category = \"E03.99\"",
            expect![[
                r#"crosswalk.toml:HERE: crosswalk hotline_12345_example: there is no category "E03.99""#
            ]],
        ),
        (
            ", is_sent = true",
            "",
            expect![
                "crosswalk.toml:HERE+1: crosswalk hotline_12345_example: 2 classes are E01.10, and 0 of them are marked is_sent instead of one"
            ],
        ),
        (
            "category = \"E01.10\" }",
            "category = \"E01.10\", is_sent = true }",
            expect![
                "crosswalk.toml:HERE: crosswalk hotline_12345_example: 2 classes are E01.10, and 2 of them are marked is_sent instead of one"
            ],
        ),
        (
            "class = \"城市管理/噪音/施工噪音\"",
            "class = \" \"",
            expect![[
                r#"crosswalk.toml:HERE: crosswalk hotline_12345_example: " " is no class: 1 to 120 characters, no blank at either end"#
            ]],
        ),
        (
            "system = \"hotline_12345_example\"",
            "system = \"12345\"",
            expect![[
                r#"crosswalk.toml:HERE: crosswalk 12345.system: "12345" is no id; write 1 to 40 lower-case letters, digits and "_", a letter first"#
            ]],
        ),
    ] {
        check("crosswalk.toml", sound, broken, &expected);
    }
}

fn with_nyc() -> Rules {
    let mut files = shipped_files();
    files.retain(|(name, _)| name != "crosswalk.toml");
    files.push(("crosswalk.toml".to_owned(), NYC_311.to_owned()));
    load(&files).expect("the crosswalk of New York")
}

#[test]
fn what_goes_out_comes_back_as_the_category_that_it_had() {
    for rules in [rules::shipped().expect("shipped rules"), with_nyc()] {
        for walk in &rules.crosswalks {
            for mapping in &walk.classes {
                assert_eq!(walk.category_of(&mapping.class), Some(mapping.category));
                let class = walk.class_of(mapping.category).expect("a class to send");
                assert_eq!(walk.category_of(class), Some(mapping.category), "{class}");
            }
        }
    }
}

/// Every record of a real day is either mapped or waits in the queue; none is lost.
#[test]
fn every_record_of_a_real_day_is_mapped_or_waits() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../../shared/data/nyc-311-sample.csv"
    );
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: {path} is not here");
        return;
    };
    let rules = with_nyc();
    let mut queue = UnmappedQueue::default();
    let now = Timestamp::from_unix_ms(0);
    let classes: Vec<&str> = text
        .lines()
        .skip(1)
        .filter_map(|l| l.split(',').nth(4))
        .collect();
    assert!(classes.len() > 1_000, "{} records", classes.len());
    let mapped = classes
        .iter()
        .filter(|class| rules.translate("nyc_311", class, now, &mut queue).is_some())
        .count();
    let waiting: u64 = queue.waiting().iter().map(|unmapped| unmapped.count).sum();
    assert_eq!(mapped as u64 + waiting, classes.len() as u64);
    assert!(mapped > 1_000, "{mapped} of {}", classes.len());
    assert_eq!(queue.waiting()[0].class, "Animal-Abuse");
}
