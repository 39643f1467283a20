//! The program checks a division before it is imported: its report, its exit, its refusals.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn check(file: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_streethall-backend"))
        .arg("check-grids")
        .arg(file)
        .args(more)
        .output()
        .expect("the program starts")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A square in metres of zone 35 with its number before the easting.
fn square(properties: &str, x0: f64, y0: f64, x1: f64, y1: f64) -> String {
    let corner = |x: f64, y: f64| format!("[{},{}]", 35_414_000.0 + x, 3_393_000.0 + y);
    let ring = [
        corner(x0, y0),
        corner(x1, y0),
        corner(x1, y1),
        corner(x0, y1),
        corner(x0, y0),
    ];
    format!(
        r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"Polygon","coordinates":[[{}]]}}}}"#,
        ring.join(",")
    )
}

fn write(folder: &Path, name: &str, features: &[String]) -> PathBuf {
    let file = folder.join(name);
    let text = format!(
        r#"{{"type":"FeatureCollection","features":[{}]}}"#,
        features.join(",")
    );
    std::fs::write(&file, text).expect("written");
    file
}

fn division(reach: f64) -> Vec<String> {
    let unit = |n: u32| {
        format!(r#"{{"code":"51010801400300{n}","level":"unit","parent":"510108014003"}}"#)
    };
    vec![
        square(
            r#"{"code":"510108014003","level":"社区"}"#,
            0.0,
            0.0,
            200.0,
            100.0,
        ),
        square(&unit(1), 0.0, 0.0, reach, 100.0),
        square(&unit(2), 100.0, 0.0, 200.0, 100.0),
    ]
}

const ZONE: [&str; 2] = ["--crs", "cgcs2000-3deg-35"];

#[test]
fn a_sound_division_passes_and_a_faulty_one_is_reported_with_size_and_place() {
    let folder = tempfile::tempdir().expect("folder");
    let sound = check(
        &write(folder.path(), "sound.geojson", &division(100.0)),
        &ZONE,
    );
    assert!(sound.status.success(), "{}", stderr(&sound));
    assert_eq!(
        stdout(&sound),
        "已检查 checked: 社区 communities 1 · 单元网格 unit 2\n未发现问题 / no faults found\n"
    );
    let faulty = check(
        &write(folder.path(), "faulty.geojson", &division(102.0)),
        &ZONE,
    );
    assert!(!faulty.status.success());
    let report = stdout(&faulty);
    let line = report.lines().nth(1).expect("one finding");
    assert!(
        line.starts_with("重叠 overlap · 510108014003001 510108014003002 · 200.0 m² · 104.10"),
        "{report}"
    );
    assert!(stderr(&faulty).contains("1 faults"), "{}", stderr(&faulty));
    // The tolerance is an argument.
    let file = folder.path().join("faulty.geojson");
    let lenient = check(&file, &[ZONE[0], ZONE[1], "--sliver-m2", "250"]);
    assert!(lenient.status.success(), "{}", stdout(&lenient));
}

#[test]
fn buildings_and_parents_are_checked_as_well() {
    let folder = tempfile::tempdir().expect("folder");
    let mut features = division(100.0);
    features.push(square(
        r#"{"code":"m1","level":"micro","parent":"nowhere"}"#,
        0.0,
        0.0,
        50.0,
        50.0,
    ));
    let grids = write(folder.path(), "grids.geojson", &features);
    let building = square(r#"{"name":"1 栋"}"#, 80.0, 10.0, 120.0, 30.0);
    let buildings = write(folder.path(), "buildings.geojson", &[building]);
    let buildings = buildings.to_str().expect("text");
    let output = check(&grids, &[ZONE[0], ZONE[1], "--buildings", buildings]);
    assert!(!output.status.success());
    let report = stdout(&output);
    assert!(report.contains("建筑 buildings 1"), "{report}");
    assert!(report.contains("names the parent nowhere"), "{report}");
    assert!(
        report.contains("不属于任何社区 in no community · m1"),
        "{report}"
    );
    assert!(
        report
            .contains("分割建筑 building split · 1 栋 510108014003001 510108014003002 · 400.0 m²"),
        "{report}"
    );
}

#[test]
fn unit_grids_in_no_or_two_responsibility_grids_and_unknown_codes_are_reported() {
    let folder = tempfile::tempdir().expect("folder");
    let grids = write(folder.path(), "grids.geojson", &division(100.0));
    let checked = |list: &str| {
        let file = folder.path().join("responsibility.json");
        std::fs::write(&file, list).expect("written");
        let file = file.to_str().expect("text");
        check(&grids, &[ZONE[0], ZONE[1], "--responsibility", file])
    };
    let patrol = |code: &str, units: &[u32]| {
        let units: Vec<String> = units
            .iter()
            .map(|unit| format!("\"51010801400300{unit}\""))
            .collect();
        let units = units.join(",");
        format!(r#"{{"code":"{code}","name":"n","kind":"城管","unit_grids":[{units}]}}"#)
    };
    let sound = checked(&format!("[{},{}]", patrol("r1", &[1]), patrol("r2", &[2])));
    assert!(sound.status.success(), "{}", stdout(&sound));
    let report = stdout(&sound);
    assert!(
        report.contains("责任网格 responsibility · 城管 2 · 单元网格 unit 2"),
        "{report}"
    );
    let faulty = checked(&format!(
        "[{},{}]",
        patrol("r1", &[1]),
        patrol("r2", &[1, 9])
    ));
    assert!(!faulty.status.success());
    let report = stdout(&faulty);
    for said in [
        "不是本街道的单元网格",
        "names 510108014003009, which is no unit grid",
        "unit grid 510108014003001 is in two responsibility grids of the kind 城管, r1 and r2",
        "unit grid 510108014003002 is in no responsibility grid",
    ] {
        assert!(report.contains(said), "{said}: {report}");
    }
    assert!(!report.contains("no faults found"), "{report}");
    assert!(stderr(&faulty).contains("3 faults"), "{}", stderr(&faulty));
    let broken = checked(r#"[{"code":"r1"}]"#);
    let said = stderr(&broken);
    assert!(
        said.contains("responsibility.json") && said.contains("missing field"),
        "{said}"
    );
    assert_eq!(said.lines().count(), 1, "{said}");
}

#[test]
fn bad_files_and_arguments_get_one_error() {
    let folder = tempfile::tempdir().expect("folder");
    let mut features = division(100.0);
    features[1] = features[1].replace("unit", "cell");
    let file = write(folder.path(), "bad.geojson", &features);
    let output = check(&file, &ZONE);
    assert!(!output.status.success());
    let said = stderr(&output);
    assert!(said.contains("第 2 个要素的 properties.level"), "{said}");
    assert!(said.contains("feature 2, properties.level"), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let missing = check(&folder.path().join("none.geojson"), &[]);
    assert!(stderr(&missing).contains("cannot read the file"));
    let crs = check(&file, &["--crs", "utm"]);
    assert!(
        stderr(&crs).contains("no coordinate system"),
        "{}",
        stderr(&crs)
    );
    let negative = check(&file, &["--sliver-m2=-1"]);
    assert!(
        stderr(&negative).contains("0 or more"),
        "{}",
        stderr(&negative)
    );
    // Metres read as degrees are no places, and that is said of each grid.
    let degrees = write(folder.path(), "degrees.geojson", &division(100.0));
    let output = check(&degrees, &[]);
    assert!(!output.status.success());
    assert!(
        stdout(&output).contains("坐标无效 bad coordinate"),
        "{}",
        stdout(&output)
    );
}
