//! The nineteen channels.

use std::collections::BTreeSet;

use domain::trail::SourceChannel;
use expect_test::expect;

use crate::check;

/// The channels as the field lists them, in its order.
const LISTED: [&str; 19] = [
    "grid member's patrol",
    "12345 hotline",
    "citizen snapshot",
    "WeChat and Weibo",
    "transfer by the police",
    "transfer by the fire brigade",
    "emergency office",
    "AI camera",
    "IoT sensor",
    "city-management collector",
    "letter or visit",
    "media",
    "leader's instruction",
    "dispatch from above",
    "transfer by a department",
    "property company",
    "volunteer",
    "duty phone",
    "inspection",
];

#[test]
fn all_nineteen_channels_have_words_and_a_signal() {
    let rules = rules::shipped().expect("shipped rules");
    let names: Vec<&str> = SourceChannel::ALL
        .iter()
        .map(|channel| {
            let rule = rules.channel(*channel).expect("a rule");
            rule.name.en.as_str()
        })
        .collect();
    assert_eq!(names, LISTED);
    assert_eq!(rules.channels.len(), 19);
    let chinese: BTreeSet<&str> = rules.channels.iter().map(|r| r.name.zh.as_str()).collect();
    assert_eq!(chinese.len(), 19);
    // Whoever can be called back is a citizen; nobody calls back a camera.
    let has_caller = |channel| rules.channel(channel).expect("a rule").has_caller;
    assert!(has_caller(SourceChannel::Hotline12345));
    assert!(!has_caller(SourceChannel::AiCamera));
}

#[test]
fn a_channel_is_neither_missing_nor_given_twice() {
    check(
        "channels.toml",
        "channel = \"iot_sensor\"",
        "channel = \"ai_camera\"",
        &expect![[r"
            channels.toml:HERE: channel ai_camera: is given twice
            channels.toml:9: channel: nothing is said about iot_sensor"]],
    );
    check(
        "channels.toml",
        "signal = \"case\"",
        "signal = \"weather\"",
        &expect![
            "channels.toml:HERE: signal: unknown variant `weather`, expected one of `police`, `case`, `demand`, `opinion`"
        ],
    );
}
