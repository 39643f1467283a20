//! The theme keeps what it promises: body text has a contrast of at least 7:1 where it stands.

const THEME: &str = include_str!("../../assets/theme/theme.css");

/// Relative luminance of a token, by WCAG 2.
fn luminance(token: &str) -> f64 {
    let line = THEME
        .lines()
        .find_map(|line| line.trim().strip_prefix(token)?.strip_prefix(": #"))
        .unwrap_or_else(|| panic!("the theme has no {token}"));
    let channel = |at: usize| {
        let value =
            u8::from_str_radix(&line[at..at + 2], 16).expect("a colour of the form #rrggbb");
        let share = f64::from(value) / 255.0;
        if share <= 0.039_28 {
            share / 12.92
        } else {
            ((share + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * channel(0) + 0.7152 * channel(2) + 0.0722 * channel(4)
}

#[test]
fn body_text_has_a_contrast_of_seven_to_one() {
    for text in ["--text", "--text-soft", "--text-faint"] {
        for ground in ["--ground", "--surface", "--surface-raised"] {
            let contrast = (luminance(text) + 0.05) / (luminance(ground) + 0.05);
            assert!(contrast >= 7.0, "{text} on {ground}: {contrast:.1}");
        }
    }
}
