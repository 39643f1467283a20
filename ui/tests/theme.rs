//! The theme keeps what it promises in both looks: body text has a contrast of at least 7:1 where
//! it stands, coloured words one of 4.5:1, and no colour of one look is left over in the other.

use std::collections::BTreeMap;

const LOOKS: [(&str, &str); 2] = [
    ("dark", include_str!("../../assets/theme/theme.css")),
    ("light", include_str!("../../assets/theme/light.css")),
];

/// The tokens of a look that are colours, without the sign before the digits.
fn colours(css: &str) -> BTreeMap<&str, &str> {
    css.lines()
        .filter_map(|line| line.trim().strip_prefix("--")?.split_once(": #"))
        .map(|(token, value)| (token, value.trim_end_matches(';')))
        .collect()
}

/// Relative luminance of a colour, by WCAG 2.
fn luminance(digits: &str) -> f64 {
    let channel = |at: usize| {
        let value =
            u8::from_str_radix(&digits[at..at + 2], 16).expect("a colour of the form #rrggbb");
        let share = f64::from(value) / 255.0;
        if share <= 0.039_28 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

/// Contrast of two colours, by WCAG 2.
fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

fn check(texts: &[&str], grounds: &[&str], least: f64) {
    for (look, css) in LOOKS {
        let colours = colours(css);
        for text in texts {
            for ground in grounds {
                let contrast = contrast(colours[text], colours[ground]);
                assert!(
                    contrast >= least,
                    "{look}: {text} on {ground}: {contrast:.1}"
                );
            }
        }
    }
}

#[test]
fn body_text_has_a_contrast_of_seven_to_one() {
    check(
        &["text", "text-soft", "text-faint"],
        &["ground", "surface", "surface-raised"],
        7.0,
    );
}

#[test]
fn coloured_words_can_be_read() {
    check(
        &["accent", "accent-strong", "good", "warn", "bad", "demo"],
        &["ground", "surface", "surface-raised"],
        4.5,
    );
    check(
        &["level-micro", "level-small", "level-medium", "level-large"],
        &["surface", "surface-raised"],
        4.5,
    );
    check(
        &["lamp-green", "lamp-yellow", "lamp-red"],
        &["surface"],
        4.5,
    );
}

#[test]
fn every_rule_of_the_theme_ends() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/theme");
    let mut sheets = 0;
    for entry in std::fs::read_dir(folder).expect("the theme") {
        let path = entry.expect("a file of the theme").path();
        let css = std::fs::read_to_string(&path).expect("text");
        let mut depth = 0_i32;
        for (at, line) in css.lines().enumerate() {
            depth += line.matches('{').count() as i32 - line.matches('}').count() as i32;
            // A rule inside of a rule means that the outer one has lost its end.
            let is_rule = line.ends_with('{') && !line.starts_with('@');
            let most = if css.contains("@media") { 2 } else { 1 };
            assert!(
                (0..=most).contains(&depth) && (depth == 1 || !is_rule || line.starts_with(' ')),
                "{}:{}",
                path.display(),
                at + 1
            );
        }
        assert_eq!(depth, 0, "{}", path.display());
        sheets += 1;
    }
    assert!(sheets >= 8, "only {sheets} sheets were found");
}

#[test]
fn both_looks_name_the_same_colours() {
    let [dark, light] = LOOKS.map(|(_, css)| colours(css));
    let names = |colours: &BTreeMap<&str, &str>| -> Vec<String> {
        colours.keys().map(|name| (*name).to_owned()).collect()
    };
    assert_eq!(names(&light), names(&dark));
}
