//! A set of files as a whole.

use expect_test::expect;

use crate::{check, edited, load, shipped_files};

#[test]
fn unknown_and_mistyped_fields_are_named() {
    let (files, line) = edited("street.toml", "yellow_share = 0.25", "yelow_share = 0.25");
    let said = load(&files).expect_err("misspelt");
    let begin = format!("street.toml:{line}: yelow_share: unknown field `yelow_share`, expected");
    assert!(said.contains(&begin), "{said}");
    check(
        "dispatch.toml",
        "skill_min = 3.0",
        "skill_min = \"three\"",
        &expect![[r#"dispatch.toml:HERE: skill_min: invalid type: string "three", expected f64"#]],
    );
    check(
        "local.toml",
        "level = \"small\"",
        "level = \"tiny\"",
        &expect![
            "local.toml:HERE: level: unknown variant `tiny`, expected one of `micro`, `small`, `medium`, `large`"
        ],
    );
    check(
        "dispatch.toml",
        "[ranking]",
        "[ranking",
        &expect!["dispatch.toml:HERE: ranking: unclosed table, expected `]`"],
    );
}

#[test]
fn every_section_is_needed_and_stands_in_one_file() {
    for (name, _) in shipped_files() {
        let mut files = shipped_files();
        files.retain(|(other, _)| *other != name);
        // Categories may be spread over any files; all other files hold sections of their own.
        if !["components.toml", "events.toml", "local.toml"].contains(&name.as_str()) {
            let said = load(&files).expect_err(&name);
            assert!(said.contains("is missing in all files"), "{name}: {said}");
        }
    }
    let mut files = shipped_files();
    files.push(("z.toml".to_owned(), "version = \"x\"\n".to_owned()));
    let said = load(&files).expect_err("twice");
    expect![[r"
        规则文件有误 / the rules have faults:
        z.toml:1: version: stands in street.toml already"]]
    .assert_eq(&said);
}

#[test]
fn all_faults_are_told_at_once() {
    let (mut files, _) = edited("street.toml", "yellow_share = 0.25", "yellow_share = 25.0");
    let (other, _) = edited("departments.toml", "name = \"派出所\"", "name = \"\"");
    for (name, text) in &mut files {
        if name == "departments.toml" {
            let edited = other.iter().find(|(other, _)| other == name);
            text.clone_from(&edited.expect("the file").1);
        }
    }
    let said = load(&files).expect_err("two faults");
    assert!(
        said.contains("yellow_share") && said.contains("departments.toml:"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[test]
fn an_empty_folder_and_none_are_errors() {
    let said = load(&[("readme.txt".to_owned(), String::new())]).expect_err("no files");
    assert!(said.contains("no .toml file"), "{said}");
    assert!(rules::load_dir("/no/such/folder").is_err());
}
