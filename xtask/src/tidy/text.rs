//! Rules that read a file line by line: colours, clocks, machine paths, hosts, sizes.

use super::Finding;
use super::files::SourceFile;

/// Where colours are defined; everywhere else they are used by name.
const COLOUR_HOMES: [&str; 2] = ["assets/theme/", "assets/map_styles/"];

/// What reads a clock. The names are put together here so that this file does not contain them.
const CLOCK_READS: [&str; 7] = [
    concat!("SystemTime", "::now"),
    concat!("Instant", "::now"),
    concat!("Date", "::now"),
    concat!("OffsetDateTime", "::now"),
    concat!("Date", ".now("),
    concat!("performance", ".now("),
    concat!("performance", "().now("),
];

/// The files that may read a clock, and why each may.
const CLOCK_HOMES: [(&str, &str); 17] = [
    (
        "crates/sync_engine/src/clock.rs",
        "the real clock of the hall",
    ),
    (
        "crates/backend/src/clock.rs",
        "the real clock of the backend",
    ),
    (
        "crates/benches/src/report.rs",
        "a measurement is a difference of two clock readings",
    ),
    ("ui/src/clock.rs", "the window's clock, behind one function"),
    ("map/src/clock.rs", "the map module's frame clock"),
    ("map/glue/", "how long a frame of the map takes"),
    (
        "crates/backend/src/http/feeds.rs",
        "how long a waiting request is held, by the runtime's clock",
    ),
    (
        "crates/simulation/src/time.rs",
        "simulated time is the paused clock of the runtime",
    ),
    (
        "crates/simulation/src/run.rs",
        "how long a run may take, in simulated time",
    ),
    (
        "src-tauri/src/main.rs",
        "the start of the process, for the figures of a run",
    ),
    (
        "src-tauri/src/watchdog.rs",
        "how long a window has been silent",
    ),
    (
        "src-tauri/src/commands/picture.rs",
        "the moment of a window's beat, for the watchdog",
    ),
    ("xtask/src/", "how long builds and scenarios take"),
    ("tests/", "waiting for real windows until a deadline"),
    (
        "crates/testkit/src/deadline.rs",
        "waiting for real processes until a deadline",
    ),
    (
        "crates/demo_street/examples/",
        "how long the generator takes, for its developers",
    ),
    (
        "ui/static/",
        "glue that runs before the module with the clock is loaded",
    ),
];

/// Starts of paths that exist on one developer's machine only.
const MACHINE_PATHS: [&str; 4] = [
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("/", "Users/"),
];

/// Hosts of package registries: what is needed comes through cargo and apt, never from an address
/// written down here. The script `hall` may name rustup's host.
const REGISTRY_HOSTS: [&str; 7] = [
    concat!("crates", ".io"),
    concat!("docs", ".rs"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
    concat!("pypi", ".org"),
    concat!("deb.debian", ".org"),
    concat!("archive.ubuntu", ".com"),
];

const LINES_WARN: usize = 500;
const LINES_MAX: usize = 800;

const CODE: [&str; 5] = ["rs", "css", "html", "js", "sh"];
const COLOURED: [&str; 4] = ["rs", "css", "html", "js"];

/// All findings of the line rules in one file.
pub fn check(source: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(colours(source));
    findings.extend(style_attributes(source));
    findings.extend(clocks(source));
    findings.extend(machine_paths(source));
    findings.extend(registry_hosts(source));
    findings.extend(too_long(source));
    findings
}

fn colours(source: &SourceFile) -> Vec<Finding> {
    let is_home = COLOUR_HOMES
        .iter()
        .any(|home| source.path.starts_with(home));
    if is_home || source.is_test() || !source.has_one_of(&COLOURED) {
        return Vec::new();
    }
    source
        .lines_before_tests()
        .filter_map(|(line, text)| {
            let literal = colour_literal(text)?;
            let what = format!("the colour {literal} belongs into assets/theme; use it by name");
            Some(Finding::new(&source.path, line, what))
        })
        .collect()
}

/// The windows' content security policy refuses whole style attributes, silently: what they place would
/// stand in a corner.
fn style_attributes(source: &SourceFile) -> Vec<Finding> {
    if !source.path.starts_with("ui/src/") || !source.has_one_of(&["rs"]) {
        return Vec::new();
    }
    let lines = source.lines_before_tests();
    let refused = lines.filter(|(_, text)| {
        let mut words = text.split_whitespace();
        let is_set = text.contains("set_attribute(\"style\"");
        is_set || words.any(|word| word.trim_start_matches("attr:").starts_with("style="))
    });
    let what = "the content security policy refuses style=…; write style:left=… and so on";
    refused
        .map(|(line, _)| Finding::new(&source.path, line, what))
        .collect()
}

/// The first colour literal of a line: `#` and 3, 4, 6 or 8 hexadecimal digits, or a colour
/// function with a number in it.
fn colour_literal(line: &str) -> Option<&str> {
    let bytes = line.as_bytes();
    let is_word = |at: usize| {
        bytes
            .get(at)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
    };
    for (at, _) in line.match_indices('#') {
        let digits = line[at + 1..]
            .bytes()
            .take_while(u8::is_ascii_hexdigit)
            .count();
        let starts_word = at > 0 && (is_word(at - 1) || matches!(bytes[at - 1], b'&' | b'/'));
        if matches!(digits, 3 | 4 | 6 | 8) && !starts_word && !is_word(at + 1 + digits) {
            return Some(&line[at..=at + digits]);
        }
    }
    for function in ["rgb(", "rgba(", "hsl(", "hsla("] {
        for (at, _) in line.match_indices(function) {
            let argument = line[at + function.len()..].trim_start();
            let is_literal = argument.starts_with(|first: char| first.is_ascii_digit());
            if is_literal && !(at > 0 && is_word(at - 1)) {
                let end = line[at..]
                    .find(')')
                    .map_or(line.len(), |length| at + length + 1);
                return Some(&line[at..end]);
            }
        }
    }
    None
}

fn clocks(source: &SourceFile) -> Vec<Finding> {
    let is_home = CLOCK_HOMES
        .iter()
        .any(|(home, _why)| source.path.starts_with(home));
    if is_home || !source.has_one_of(&["rs", "js"]) {
        return Vec::new();
    }
    source
        .text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim_start().starts_with("//"))
        .filter_map(|(index, text)| {
            let read = CLOCK_READS.iter().find(|read| text.contains(**read))?;
            let what =
                format!("{read} reads a clock; take the time as an argument, or from the Clock");
            Some(Finding::new(&source.path, index + 1, what))
        })
        .collect()
}

fn machine_paths(source: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, text) in source.text.lines().enumerate() {
        for start in MACHINE_PATHS {
            let is_path = text.match_indices(start).any(|(at, _)| {
                // In the middle of a longer path or an address it is somebody's subfolder.
                !text[..at].ends_with(|before: char| {
                    before.is_alphanumeric() || matches!(before, '.' | '_' | '-' | '~' | '}' | '*')
                })
            });
            if is_path {
                let what =
                    format!("{start} is a path of one machine; write it relative to the project");
                findings.push(Finding::new(&source.path, index + 1, what));
            }
        }
    }
    findings
}

fn registry_hosts(source: &SourceFile) -> Vec<Finding> {
    // Lock files name the registry of each package; that is cargo's own record.
    if source.path.ends_with("Cargo.lock") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (index, text) in source.text.lines().enumerate() {
        if let Some(host) = REGISTRY_HOSTS.iter().find(|host| text.contains(**host)) {
            let what = format!("{host} is a registry's host; the project names none");
            findings.push(Finding::new(&source.path, index + 1, what));
        }
    }
    findings
}

fn too_long(source: &SourceFile) -> Option<Finding> {
    let lines = source.text.lines().count();
    let is_too_long = source.has_one_of(&CODE) && lines > LINES_MAX;
    is_too_long.then(|| {
        Finding::new(
            &source.path,
            0,
            format!("{lines} lines; split it, {LINES_MAX} is the most"),
        )
    })
}

/// A note about a file that is long but not yet too long.
pub fn long_file_warning(source: &SourceFile) -> Option<Finding> {
    let lines = source.text.lines().count();
    let is_long = source.has_one_of(&CODE) && (LINES_WARN + 1..=LINES_MAX).contains(&lines);
    is_long.then(|| Finding::new(&source.path, 0, format!("{lines} lines; is it one thing?")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn a_whole_style_attribute_is_found_and_single_properties_are_not() {
        let found = |line: &str| check(&file("ui/src/a.rs", &format!("//! x\n{line}\n"))).len();
        assert_eq!(found("<div class=\"tip\" style=place></div>"), 1);
        assert_eq!(found("<div style:left=left style:top=top></div>"), 0);
    }

    #[test]
    fn colour_literals_are_recognised() {
        let found = |line: &str| colour_literal(line).map(str::to_owned);
        for (line, literal) in [
            ("color: #fff;", "#fff"),
            ("let red = \"#FF0000\";", "#FF0000"),
            ("border: 1px solid #12345678", "#12345678"),
            ("background: rgba(0, 0, 0, 0.5);", "rgba(0, 0, 0, 0.5)"),
            ("fill=hsl( 12 80% 50%)", "hsl( 12 80% 50%)"),
        ] {
            assert_eq!(found(line).as_deref(), Some(literal), "{line}");
        }
        for line in [
            "#[derive(Debug)]",
            "color: var(--alarm);",
            "format!(\"{:#010x}\")",
            "href=\"#main\"",
            "let r#abc = 1;",
            "Color::from_rgb(1, 2, 3)",
            "rgb(var(--x))",
            "&#169;",
            "# Headline",
        ] {
            assert_eq!(found(line), None, "{line}");
        }
    }

    #[test]
    fn colours_are_allowed_in_the_theme_and_in_tests_only() {
        let css = "a { color: #fff; }";
        assert_eq!(check(&file("ui/static/a.css", css)).len(), 1);
        assert!(check(&file("assets/theme/tokens.css", css)).is_empty());
        assert!(check(&file("assets/map_styles/dark.css", css)).is_empty());
        assert!(check(&file("crates/map_core/tests/style.rs", css)).is_empty());
        let in_tests = "let a = 1;\n#[cfg(test)]\nmod tests { const RED: &str = \"#f00\"; }";
        assert!(check(&file("crates/map_core/src/style.rs", in_tests)).is_empty());
    }

    #[test]
    fn a_clock_is_read_in_its_home_only() {
        let code = format!("let now = {}();", CLOCK_READS[0]);
        let findings = check(&file("crates/domain/src/orders.rs", &code));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 1);
        assert!(check(&file("crates/backend/src/clock.rs", &code)).is_empty());
        assert!(check(&file("crates/domain/src/a.rs", &format!("// {code}"))).is_empty());
        let script = format!("let t = {});", CLOCK_READS[4]);
        assert_eq!(check(&file("ui/src/a.js", &script)).len(), 1);
    }

    #[test]
    fn machine_paths_are_found_but_not_longer_paths_that_contain_them() {
        let path = MACHINE_PATHS[0];
        assert_eq!(
            check(&file("README.md", &format!("see {path}me/x"))).len(),
            1
        );
        assert_eq!(
            check(&file("a.toml", &format!("path = \"{path}me\""))).len(),
            1
        );
        assert!(check(&file("README.md", &format!("see ~{path}x and a.b{path}x"))).is_empty());
    }

    #[test]
    fn registry_hosts_are_found_outside_lock_files() {
        let text = format!("from https://{}/x", REGISTRY_HOSTS[0]);
        assert_eq!(check(&file("CONTRIBUTING.md", &text)).len(), 1);
        assert!(check(&file("map/Cargo.lock", &text)).is_empty());
    }

    #[test]
    fn long_files_are_noted_and_too_long_ones_refused() {
        let of_lines = |count: usize| file("ui/src/a.rs", &"//! x\n".repeat(count));
        assert_eq!(long_file_warning(&of_lines(500)), None);
        assert!(long_file_warning(&of_lines(501)).is_some());
        assert_eq!(too_long(&of_lines(800)), None);
        assert!(too_long(&of_lines(801)).is_some());
        assert_eq!(too_long(&file("Cargo.lock", &"x\n".repeat(9000))), None);
    }
}
