//! The four signals.

use domain::rules::CategoryCode;
use domain::signals::Signal;
use domain::trail::SourceChannel::{self, GridPatrol, Hotline12345, PoliceTransfer, SocialMedia};
use expect_test::expect;

use crate::check;

#[test]
fn every_channel_and_category_feeds_a_signal() {
    let rules = rules::shipped().expect("shipped rules");
    for channel in SourceChannel::ALL {
        for rule in &rules.categories {
            let signal = rules.signal_of(channel, rule.code);
            assert!(signal.is_some(), "{channel:?} {}", rule.code);
        }
    }
    let signal = |channel, code: &str| {
        let category: CategoryCode = code.parse().expect("a code");
        rules.signal_of(channel, category).expect("a signal")
    };
    assert_eq!(signal(GridPatrol, "E01.10"), Signal::Case);
    assert_eq!(signal(Hotline12345, "E01.10"), Signal::Demand);
    assert_eq!(signal(Hotline12345, "E83.01"), Signal::Police);
    assert_eq!(signal(PoliceTransfer, "E01.10"), Signal::Police);
    assert_eq!(signal(SocialMedia, "E81.01"), Signal::Opinion);
}

#[test]
fn every_signal_has_its_rank_and_every_major_its_signal() {
    for (sound, broken, expected) in [
        (
            "[\"police\", \"opinion\", \"demand\", \"case\"]",
            "[\"police\", \"opinion\", \"police\", \"case\"]",
            expect![[r"
                signals.toml:HERE: signals.precedence: names police 2 times instead of once
                signals.toml:HERE: signals.precedence: names demand 0 times instead of once"]],
        ),
        (
            "E84 = \"police\"\n",
            "",
            expect!["signals.toml:15: signals.majors: nothing is said about E84"],
        ),
        (
            "E84 = \"police\"",
            "E84 = \"police\"\nE77 = \"case\"",
            expect![[r#"signals.toml:HERE+1: signals.majors: there is no major "E77""#]],
        ),
        (
            "E84 = \"police\"",
            "E84 = \"weather\"",
            expect![
                "signals.toml:HERE: E84: unknown variant `weather`, expected one of `police`, `case`, `demand`, `opinion`"
            ],
        ),
        (
            "within_min = 120",
            "within_min = 0",
            expect!["signals.toml:HERE: signals.within_min: 0 is not between 1 and 10080 minutes"],
        ),
    ] {
        check("signals.toml", sound, broken, &expected);
    }
}
