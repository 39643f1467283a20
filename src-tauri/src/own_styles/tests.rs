//! What is served of a folder, and what is said of what is not.

use super::*;

const STYLE: &[u8] = br#"{"version": 8, "sources": {}, "layers": []}"#;

/// A data directory with these files in its folder of styles.
fn data_dir(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary directory");
    for (file, bytes) in files {
        let path = dir.path().join(FOLDER).join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    dir
}

/// Reads the files; each fault must say these words.
fn check(files: &[(&str, &[u8])], told: &[&[&str]]) -> OwnStyles {
    let dir = data_dir(files);
    let (styles, faults) = OwnStyles::read(dir.path());
    assert_eq!(faults.len(), told.len(), "{faults:?}");
    for (fault, words) in faults.iter().zip(told) {
        let said = fault.to_string();
        for word in *words {
            assert!(said.contains(word), "{word} is missing in: {said}");
        }
    }
    styles
}

fn status(styles: &OwnStyles, file: &str) -> u16 {
    let answer = styles.answer(&format!("/{FOLDER}/{file}"));
    answer.expect("an address of a style").status().as_u16()
}

#[test]
fn an_own_style_and_its_sheet_are_served_and_the_rest_is_as_shipped() {
    let styles = check(
        &[
            ("protomaps_dark.json", STYLE),
            ("sprites/hall.json", b"{}"),
            ("sprites/hall.png", PNG_BEGINS),
        ],
        &[],
    );
    let answer = styles.answer("/map_styles/protomaps_dark.json");
    let answer = answer.expect("an address of a style");
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.body(), STYLE);
    assert_eq!(status(&styles, "sprites/hall.json"), 200);
    let picture = styles.answer("/map_styles/sprites/hall.png");
    assert_eq!(
        picture.expect("a picture").headers()["content-type"],
        "image/png"
    );
    for shipped in [
        "protomaps_light.json",
        "raster_dark.json",
        "sprites/hall@2x.png",
    ] {
        assert_eq!(status(&styles, shipped), 204, "{shipped}");
    }
    let file = styles.file_of("protomaps_dark").expect("an own one");
    assert!(file.ends_with("map_styles/protomaps_dark.json"));
    assert_eq!(styles.file_of("protomaps_light"), None);
}

#[test]
fn without_a_folder_everything_is_as_shipped() {
    let styles = check(&[], &[]);
    for name in names() {
        assert_eq!(status(&styles, &name), 204, "{name}");
    }
}

#[test]
fn no_other_name_is_served_and_no_path_is_walked() {
    let dir = data_dir(&[("protomaps_dark.json", STYLE), ("secret", b"x")]);
    fs::write(dir.path().join("settings.toml"), b"x").expect("written");
    let (styles, _) = OwnStyles::read(dir.path());
    for walked in [
        "",
        "secret",
        "../settings.toml",
        "%2e%2e/settings.toml",
        "sprites/../protomaps_dark.json",
        "sprites/../../settings.toml",
        "/etc/passwd",
        "protomaps_dark",
        "protomaps_dark.json/",
        "PROTOMAPS_DARK.JSON",
        "./protomaps_dark.json",
    ] {
        assert_eq!(status(&styles, walked), 404, "{walked}");
    }
    for tile in [
        "/1/0/0",
        "/",
        "",
        "/map_styles",
        "/map_stylesx/a",
        "map_styles/a",
    ] {
        assert!(styles.answer(tile).is_none(), "{tile}");
    }
}

#[test]
fn what_is_no_style_is_said_with_its_file_and_the_shipped_one_stays() {
    let refused = |bytes: &[u8], reason: &str| {
        let said = ["raster_dark.json", "改用内置样式", reason, "Mend it"];
        let styles = check(&[("raster_dark.json", bytes)], &[&said]);
        assert_eq!(status(&styles, "raster_dark.json"), 422);
        assert_eq!(styles.file_of("raster_dark"), None);
    };
    refused(b"", "not JSON");
    refused(b"<html>", "not JSON");
    refused(b"\xff\xfe{", "UTF-8");
    refused(b"[]", "version 8");
    refused(br#"{"layers": []}"#, "version 8");
    refused(br#"{"version": 7, "layers": []}"#, "version 8");
    refused(br#"{"version": 8, "layers": {}}"#, "layers");
    let deep = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    refused(&deep, "not JSON");
    let mut large = STYLE.to_vec();
    large.resize(usize::try_from(MAX_BYTES).expect("a size"), b' ');
    let styles = check(&[("raster_dark.json", &large)], &[]);
    assert_eq!(status(&styles, "raster_dark.json"), 200, "just fits");
    large.push(b' ');
    refused(&large, "larger than 8 MiB");
}

#[test]
fn what_cannot_be_read_is_said() {
    let dir = data_dir(&[("protomaps_dark.json/inside", b"")]);
    let link = dir.path().join(FOLDER).join("raster_light.json");
    std::os::unix::fs::symlink("/nowhere/style", link).expect("linked");
    let (styles, faults) = OwnStyles::read(dir.path());
    let said: Vec<String> = faults.iter().map(Fault::to_string).collect();
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("it is no file"), "{said:?}");
    assert!(said[1].contains("cannot be read"), "{said:?}");
    assert_eq!(status(&styles, "raster_light.json"), 422);

    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::write(dir.path().join(FOLDER), b"").expect("a file in the way");
    let (_, faults) = OwnStyles::read(dir.path());
    assert_eq!(faults.len(), 1, "{faults:?}");
}

#[test]
fn a_sheet_is_used_as_a_whole_or_not_at_all() {
    let alone = check(
        &[("sprites/hall.json", b"{}")],
        &[&["sprites/hall.json", "one of them is missing"]],
    );
    assert_eq!(status(&alone, "sprites/hall.json"), 422);
    let broken = check(
        &[
            ("sprites/hall@2x.json", b"{}"),
            ("sprites/hall@2x.png", b"GIF"),
        ],
        &[&["sprites/hall@2x.png", "no PNG"]],
    );
    assert_eq!(status(&broken, "sprites/hall@2x.png"), 422);
    assert_ne!(status(&broken, "sprites/hall@2x.json"), 200);
}

#[test]
fn a_file_with_another_name_is_said_with_the_names_there_are() {
    check(
        &[
            ("protomaps-dark.json", STYLE),
            ("README.md", b""),
            ("sprites/mine.png", PNG_BEGINS),
        ],
        &[
            &["protomaps-dark.json", "protomaps_dark"],
            &["sprites/mine.png", "sprites/hall"],
        ],
    );
}

#[test]
fn a_mark_before_the_text_is_no_fault() {
    let marked = [b"\xef\xbb\xbf", STYLE].concat();
    check(&[("raster_dark.json", &marked)], &[]);
}

#[test]
fn the_names_are_those_of_the_shipped_files_which_pass_the_checks() {
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/map_styles");
    let files = |inside: &str| -> BTreeSet<String> {
        let entries = fs::read_dir(shipped.join(inside)).expect("the shipped folder");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| format!("{inside}{}", name.to_string_lossy()))
            .filter(|name| name.contains('.') && name != "README.md")
            .collect()
    };
    assert_eq!(names(), &files("") | &files("sprites/"));
    let dir = tempfile::tempdir().expect("a temporary directory");
    std::os::unix::fs::symlink(&shipped, dir.path().join(FOLDER)).expect("linked");
    let (styles, faults) = OwnStyles::read(dir.path());
    assert!(faults.is_empty(), "{faults:?}");
    for name in names() {
        assert_eq!(status(&styles, &name), 200, "{name}");
    }
    let url = protocol::map_styles::OWN_URL;
    assert_eq!(
        url,
        format!("{}://localhost/{FOLDER}", crate::base_map::SCHEME)
    );
}
