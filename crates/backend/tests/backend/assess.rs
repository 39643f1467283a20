//! The program's `assess`: the table that a person gets, and what is said where there is none.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use domain::trail::{Action, Actor, OfficerRole};
use domain::{OrderState, PersonId, Timestamp};
use protocol::ErrorCode;
use protocol::http::{NewReport, paths};
use protocol::seed::{SeedIncident, SeedStep};
use testkit::{Caller, FakeClock, RunningBackend, builders};

/// Monday, 2 November 2026, local midnight.
const MONDAY: Timestamp = Timestamp::from_unix_ms(1_793_548_800_000);

fn at(hour: i64, minute: i64) -> Timestamp {
    MONDAY.plus_ms((hour * 60 + minute) * 60_000)
}

fn order(at: Timestamp, number: u128, to: u32) -> SeedStep {
    SeedStep::Order {
        at,
        by: builders::officer(OfficerRole::DutyOfficer).id,
        key: builders::key(number),
        to: PersonId(to),
        instruction: "请到场处置".to_owned(),
    }
}

fn receipt(at: Timestamp, number: u128, state: OrderState) -> SeedStep {
    SeedStep::Receipt {
        at,
        key: builders::key(number),
        state,
        location: None,
        note: Some("已清理".to_owned()),
        refusal_reason: None,
    }
}

fn act(at: Timestamp, action: Action) -> SeedStep {
    SeedStep::Act {
        at,
        by: Actor::Officer(builders::officer(OfficerRole::ShiftLeader).id),
        action,
        reason: Some("理由".to_owned()),
    }
}

/// A data directory with two incidents of Monday: one handled within its 4 working hours, one that
/// nobody went to; and with a drill, which counts nowhere.
fn seeded() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let mut seed = builders::seed();
    seed.incidents = vec![
        SeedIncident {
            report: builders::report(1, at(9, 0)),
            steps: vec![
                order(at(9, 10), 1, 1),
                receipt(at(9, 20), 1, OrderState::Arrived),
                receipt(at(9, 50), 1, OrderState::Done),
                act(at(10, 0), Action::Close),
            ],
        },
        SeedIncident {
            report: builders::report(2, at(9, 1)),
            steps: vec![
                order(at(9, 11), 2, 2),
                act(
                    at(9, 30),
                    Action::FlagUnreasonable {
                        is_unreasonable: true,
                    },
                ),
            ],
        },
        SeedIncident {
            report: NewReport {
                is_drill: true,
                ..builders::report(3, at(9, 2))
            },
            steps: vec![
                order(at(9, 12), 3, 3),
                receipt(at(9, 22), 3, OrderState::Arrived),
                receipt(at(9, 52), 3, OrderState::Done),
            ],
        },
    ];
    let file = folder.path().join("seed.json");
    std::fs::write(&file, serde_json::to_vec(&seed).expect("json")).expect("written");
    let output = program(&["seed", &file.display().to_string()], folder.path());
    assert!(output.status.success(), "{}", said(&output));
    folder
}

fn program(arguments: &[&str], data_dir: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_streethall-backend"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data_dir)
        .stdin(Stdio::null())
        .output()
        .expect("the program starts")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs `assess` for Monday, seen at its end.
fn assess(data_dir: &Path, more: &[&str]) -> Output {
    let mut arguments = vec!["assess", "--from", "2026-11-02", "--to", "2026-11-02"];
    arguments.extend(["--as-of", "2026-11-03T00:00:00+08:00"]);
    arguments.extend(more);
    program(&arguments, data_dir)
}

fn printed(output: &Output) -> String {
    assert!(output.status.success(), "{}", said(output));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The words of the first line that begins so, so that the width of columns does not matter.
fn line(text: &str, begin: &str) -> String {
    let mut lines = text.lines().map(str::trim);
    let line = lines.find(|line| line.starts_with(begin));
    let words = line.unwrap_or_else(|| panic!("no {begin} in\n{text}"));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_monday_is_printed_for_people() {
    let folder = seeded();
    let text = printed(&assess(folder.path(), &["--by", "person", "--ids"]));
    let has = |begin: &str, expected: &str| assert_eq!(line(&text, begin), expected, "{text}");
    assert!(text.contains("存证链完整：18 环"), "{text}");
    assert!(text.contains("两种算法结果一致"), "{text}");
    assert!(text.contains("chengdu-street"), "{text}");
    // All, and without the complaint that was flagged as unreasonable.
    has("处置率", "处置率 处置/应处置 1/2 50.00% 1/1 100.00%");
    has(
        "按期处置率",
        "按期处置率 按期处置/应处置 1/2 50.00% 1/1 100.00%",
    );
    has(
        "超期待处置率",
        "超期待处置率 超期待处置/应处置 1/2 50.00% 0/1 0.00%",
    );
    has("延期率", "延期率 延期/应处置 0/2 0.00% 0/1 0.00%");
    has("返工率", "返工率 返工/应结案 0/2 0.00% 0/1 0.00%");
    has("热线满意率", "热线满意率 满意/回访 0/0 — 0/0 —");
    has(
        "处置用时",
        "处置用时 30 分钟（1 张派单） / effort 30 min of 1 orders",
    );
    // 30 × 1/2 + 20 × 1/2 + 20 + 20 × 1/2 + 10.
    let score = line(&text, "处置综合得分");
    assert!(score.starts_with("处置综合得分 65.00 = "), "{score}");
    assert_eq!(line(&text, "热线综合得分").split(' ').nth(1), Some("—"));
    assert!(
        text.contains("分子 / numerator: 20261102-0001/4\n"),
        "{text}"
    );
    assert!(text.contains("denominator: 20261102-0002/4\n"), "{text}");
    assert!(text.contains("测试员1（P000001）"), "{text}");
    let reasonable = printed(&assess(folder.path(), &["--without-unreasonable"]));
    assert_eq!(
        line(&reasonable, "处置率"),
        "处置率 处置/应处置 1/1 100.00%"
    );
}

#[test]
fn the_same_monday_in_json() {
    let folder = seeded();
    let text = printed(&assess(folder.path(), &["--json", "--by", "category"]));
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["do_both_computations_agree"], true);
    let total = &value["tables"][0]["total"]["all"];
    let indicators = total["indicators"].as_array().expect("a list");
    let handling = indicators
        .iter()
        .find(|i| i["indicator"] == "handling")
        .expect("handling");
    assert_eq!(handling["percent_hundredths"], 5_000);
    assert_eq!(handling["numerator_ids"][0], "20261102-0001/4");
    assert_eq!(handling["denominator"], 2);
    let row = &value["tables"][0]["rows"][0];
    assert_eq!(row["name"], "暴露垃圾（E01.10）");
    assert_eq!(total["composites"][0]["score_hundredths"], 6_500);
}

#[test]
fn a_table_for_each_day() {
    let folder = seeded();
    let days = ["assess", "--from", "2026-11-02", "--to", "2026-11-04"];
    let mut arguments = days.to_vec();
    arguments.extend(["--each", "day"]);
    let text = printed(&program(&arguments, folder.path()));
    assert_eq!(text.matches("合计 / total").count(), 3);
    assert!(text.contains("考核评价 2026-11-03 至 2026-11-03"), "{text}");
}

#[test]
fn bad_input_is_said() {
    let folder = seeded();
    let fails = |arguments: &[&str]| {
        let output = program(arguments, folder.path());
        assert!(!output.status.success());
        assert!(output.stdout.is_empty());
        let said = said(&output);
        assert!(!said.contains("panicked"), "{said}");
        said
    };
    let said = fails(&["assess", "--from", "2026-11-02", "--to", "2026-11-01"]);
    assert!(said.contains("is before the first 2026-11-02"), "{said}");
    let said = fails(&["assess", "--from", "2026-02-30", "--to", "2026-11-01"]);
    assert!(said.contains("a date is written 2026-11-20"), "{said}");
    let said = fails(&["assess", "--from", "2026-11-02"]);
    assert!(said.contains("--to"), "{said}");
    let years = ["assess", "--from", "1990-01-01", "--to", "2026-11-01"];
    let mut arguments = years.to_vec();
    arguments.extend(["--each", "day"]);
    let said = fails(&arguments);
    assert!(said.contains("tables are too many"), "{said}");
    let mut arguments = days();
    arguments.extend(["--as-of", "yesterday"]);
    let said = fails(&arguments);
    assert!(said.contains("2026-11-20T18:00:00+08:00"), "{said}");
    let mut arguments = days();
    arguments.extend(["--rules", "/no/such/folder"]);
    let said = fails(&arguments);
    assert!(said.contains("/no/such/folder"), "{said}");
    let output = program(&days(), Path::new("/no/such/dir"));
    assert!(said_of(&output).contains("there is no database"));
}

fn days() -> Vec<&'static str> {
    vec!["assess", "--from", "2026-11-02", "--to", "2026-11-02"]
}

fn said_of(output: &Output) -> String {
    assert!(!output.status.success());
    said(output)
}

#[test]
fn a_broken_chain_is_named_and_nothing_is_assessed() {
    let folder = seeded();
    let file = folder.path().join("backend.db");
    let db = rusqlite::Connection::open(file).expect("the database");
    db.execute_batch(
        "DROP TRIGGER trail_is_never_changed;
         UPDATE trail SET body = replace(body, '已清理', '没清理') WHERE position > 2;",
    )
    .expect("changed");
    drop(db);
    let output = assess(folder.path(), &[]);
    let said = said_of(&output);
    assert!(output.stdout.is_empty());
    assert!(said.contains("nothing is assessed"), "{said}");
    assert!(said.contains("the chain is broken at link"), "{said}");
}

/// One incident, closed, so that nothing waits that a round could pass on.
fn settled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    let mut seed = builders::seed();
    seed.incidents = vec![SeedIncident {
        report: builders::report(1, at(9, 0)),
        steps: vec![
            order(at(9, 10), 1, 1),
            receipt(at(9, 20), 1, OrderState::Arrived),
            receipt(at(9, 50), 1, OrderState::Done),
            act(at(10, 0), Action::Close),
        ],
    }];
    let file = folder.path().join("seed.json");
    std::fs::write(&file, serde_json::to_vec(&seed).expect("json")).expect("written");
    let output = program(&["seed", &file.display().to_string()], folder.path());
    assert!(output.status.success(), "{}", said(&output));
    folder
}

#[tokio::test]
async fn an_officer_gets_over_the_wire_what_the_program_prints() {
    let folder = settled();
    let running = RunningBackend::start_in(folder.path(), FakeClock::default(), 0);
    let officer = running.hall().sign_in(OfficerRole::StreetLeader).await;
    let question = "from=2026-11-01&to=2026-11-03&by=responsibility-grid&each=day\
                    &as_of=2026-11-04T00:00:00%2B08:00";
    let path = format!("{}?{question}", paths::ASSESSMENT);
    let over_the_wire: serde_json::Value = officer.get(&path).await.expect("an assessment");
    let printed = printed(&program(
        &[
            "assess",
            "--from=2026-11-01",
            "--to=2026-11-03",
            "--by=responsibility-grid",
            "--each=day",
            "--as-of=2026-11-04T00:00:00+08:00",
            "--json",
        ],
        folder.path(),
    ));
    let expected: serde_json::Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(over_the_wire, expected);
    let monday = &over_the_wire["tables"][1];
    assert_eq!(monday["rows"][0]["name"], "测试责任网格（510108099001R1）");
    let handling = monday["total"]["all"]["indicators"]
        .as_array()
        .and_then(|all| all.iter().find(|i| i["indicator"] == "handling"));
    assert_eq!(handling.expect("handling")["percent_hundredths"], 10_000);
}

#[tokio::test]
async fn only_officers_are_answered_and_a_bad_question_gets_one_sentence() {
    let running = RunningBackend::start();
    let ask = async |caller: &Caller, question: &str| {
        let path = format!("{}?{question}", paths::ASSESSMENT);
        caller.get::<serde_json::Value>(&path).await
    };
    let days = "from=2026-11-01&to=2026-11-03";
    for stranger in [running.hall(), running.field()] {
        let refused = ask(&stranger, days).await.expect_err("no officer");
        assert_eq!(
            (refused.status, refused.code),
            (401, ErrorCode::SignInNeeded)
        );
    }
    let officer = running.hall().sign_in(OfficerRole::DutyOfficer).await;
    let empty = ask(&officer, days).await.expect("an assessment of nothing");
    assert_eq!(empty["tables"][0]["rows"], serde_json::json!([]));
    for (question, expected) in [
        ("", "from: a date is written 2026-11-20"),
        ("from=2026-11-01", "to: a date is written 2026-11-20"),
        ("from=2026-02-30&to=2026-11-03", "from: a date is written"),
        (
            "from=2026-11-03&to=2026-11-01",
            "is before the first 2026-11-03",
        ),
        (
            "from=1990-01-01&to=2026-11-01&each=day",
            "tables are too many",
        ),
        (
            "from=2026-11-01&to=2026-11-03&by=colour",
            "by: one of community, grid,",
        ),
        (
            "from=2026-11-01&to=2026-11-03&each=hour",
            "each: one of day, week, month",
        ),
        (
            "from=2026-11-01&to=2026-11-03&as_of=now",
            "as_of: a time is written",
        ),
        (
            "from=2026-11-01&to=2026-11-03&until=now",
            "unknown field `until`",
        ),
    ] {
        let refused = ask(&officer, question).await.expect_err(question);
        assert_eq!(refused.code, ErrorCode::BadRequest, "{question}");
        assert!(
            refused.message.contains(expected),
            "{question}: {}",
            refused.message
        );
    }
}
