//! The program itself: its messages when something is wrong, and its way from seed to end.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use protocol::http::{Hello, paths};
use testkit::{Caller, builders};

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_streethall-backend"));
    command.env("RUST_LOG", "info").stdin(Stdio::null());
    command
}

/// Runs the program to its end and returns what it said; it must fail with one message.
fn fails(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let said = said(&output);
    assert!(!output.status.success(), "{said}");
    assert!(!said.contains("panicked"), "{said}");
    said
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn seed_into(data_dir: &Path) {
    let file = data_dir.join("seed.json");
    std::fs::write(&file, serde_json::to_vec(&builders::seed()).expect("json")).expect("written");
    let output = program()
        .arg("seed")
        .arg(&file)
        .arg("--data-dir")
        .arg(data_dir)
        .output()
        .expect("the program starts");
    assert!(output.status.success(), "{}", said(&output));
}

/// A serving program that is killed at the end of a test.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts serving on a free port and returns the address that it says.
fn serve(data_dir: &Path) -> (Serving, String) {
    let mut child = program()
        .args(["--listen", "127.0.0.1:0", "--data-dir"])
        .arg(data_dir)
        .stderr(Stdio::piped())
        .env("NO_COLOR", "1")
        .spawn()
        .expect("the program starts");
    let stderr = child.stderr.take().expect("piped");
    let mut serving = Serving(child);
    for line in BufReader::new(stderr).lines() {
        let line = line.expect("a line");
        if let Some((_, rest)) = line.split_once("address=") {
            let address = rest.split_whitespace().next().expect("an address");
            return (serving, format!("http://{address}"));
        }
    }
    panic!("it ended: {:?}", serving.0.wait());
}

#[tokio::test]
async fn seeded_served_verified_and_ended_by_a_signal() {
    let folder = tempfile::tempdir().expect("folder");
    seed_into(folder.path());
    let (mut serving, base_url) = serve(folder.path());
    let key = std::fs::read_to_string(folder.path().join("hall.key")).expect("a key");
    let hall = Caller::new(&base_url, key.trim());
    let hello: Hello = hall.get(paths::HELLO).await.expect("hello");
    assert_eq!(hello.street, "测试街道");
    assert_eq!(hall.snapshot().await.situation.people.len(), 5);

    let said_in_use = fails(program().arg("--data-dir").arg(folder.path()));
    assert!(
        said_in_use.contains("another backend runs"),
        "{said_in_use}"
    );
    let verified = program()
        .args(["verify", "--data-dir"])
        .arg(folder.path())
        .output()
        .expect("the program starts");
    assert!(verified.status.success(), "{}", said(&verified));

    let ended = Command::new("kill")
        .args(["-TERM", &serving.0.id().to_string()])
        .status()
        .expect("kill");
    assert!(ended.success());
    let status = serving.0.wait().expect("ended");
    assert!(status.success(), "{status}");
}

#[test]
fn a_taken_port_is_said_with_what_to_do() {
    let folder = tempfile::tempdir().expect("folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("address").to_string();
    let said = fails(
        program()
            .args(["--listen", &address, "--data-dir"])
            .arg(folder.path()),
    );
    assert!(
        said.contains(&address) && said.contains("已被占用"),
        "{said}"
    );
    assert!(
        said.contains("is in use") && said.contains("--listen"),
        "{said}"
    );
}

#[test]
fn an_unusable_data_dir_is_said() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("file");
    std::fs::write(&file, "x").expect("written");
    let said = fails(program().arg("--data-dir").arg(file.join("below")));
    assert!(said.contains("数据目录无法使用"), "{said}");
}

#[test]
fn a_damaged_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("backend.db");
    std::fs::write(&file, vec![7u8; 20_000]).expect("written");
    let said = fails(program().arg("--data-dir").arg(folder.path()));
    assert!(
        said.contains("数据库无法使用") && said.contains("backup"),
        "{said}"
    );
    assert_eq!(std::fs::read(&file).expect("there"), vec![7u8; 20_000]);
}

#[test]
fn bad_options_seeds_keys_and_rules_are_said() {
    let folder = tempfile::tempdir().expect("folder");
    let dir = folder.path();
    assert!(fails(program().arg("--no-such-option")).contains("--no-such-option"));
    assert!(fails(program().args(["--listen", "nowhere"])).contains("nowhere"));
    let said = fails(
        program()
            .args(["--hall-key", "short", "--data-dir"])
            .arg(dir),
    );
    assert!(said.contains("16"), "{said}");
    let bad_seed = dir.join("bad.json");
    std::fs::write(&bad_seed, "{\"reference\":").expect("written");
    let said = fails(
        program()
            .arg("seed")
            .arg(&bad_seed)
            .arg("--data-dir")
            .arg(dir),
    );
    assert!(
        said.contains("bad.json") && said.contains("line 1"),
        "{said}"
    );
    let said = fails(
        program()
            .args(["seed", "/no/such/file", "--data-dir"])
            .arg(dir),
    );
    assert!(said.contains("/no/such/file"), "{said}");
    let rules = dir.join("rules");
    std::fs::create_dir(&rules).expect("folder");
    std::fs::write(rules.join("a.toml"), "colour = 1\n").expect("written");
    let said = fails(
        program()
            .arg("--rules")
            .arg(&rules)
            .arg("--data-dir")
            .arg(dir),
    );
    assert!(said.contains("a.toml:1: colour"), "{said}");
    let said = fails(program().args(["verify", "--data-dir", "/no/such/dir"]));
    assert!(said.contains("there is no database"), "{said}");
}

#[tokio::test]
async fn an_officer_is_added_with_a_pin_from_standard_input() {
    let folder = tempfile::tempdir().expect("folder");
    seed_into(folder.path());
    let add = |pin: &str| {
        let mut child = program()
            .args([
                "add-officer",
                "sun.li",
                "--name",
                "孙丽",
                "--role",
                "duty-officer",
            ])
            .arg("--data-dir")
            .arg(folder.path())
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdin = child.stdin.take().expect("piped");
        writeln!(stdin, "{pin}").expect("written");
        drop(stdin);
        child.wait_with_output().expect("ended")
    };
    let refused = add("12");
    assert!(!refused.status.success());
    assert!(
        said(&refused).contains("4 to 12 digits"),
        "{}",
        said(&refused)
    );
    let added = add("8642");
    assert!(added.status.success(), "{}", said(&added));

    let (_serving, base_url) = serve(folder.path());
    let key = std::fs::read_to_string(folder.path().join("hall.key")).expect("a key");
    let hall = Caller::new(&base_url, key.trim());
    let request = protocol::http::SignIn {
        officer: "sun.li".into(),
        pin: "8642".to_owned(),
    };
    let signed_in: protocol::http::SignedIn =
        hall.post(paths::SIGN_IN, &request).await.expect("in");
    assert_eq!(signed_in.officer.name, "孙丽");
}

#[tokio::test]
async fn what_was_answered_survives_a_kill() {
    let folder = tempfile::tempdir().expect("folder");
    seed_into(folder.path());
    let mut receipts = Vec::new();
    for round in 0..3_u32 {
        let (mut serving, base_url) = serve(folder.path());
        let key = |file: &str| std::fs::read_to_string(folder.path().join(file)).expect("a key");
        let hall = Caller::new(&base_url, key("hall.key").trim());
        let hello: Hello = hall.get(paths::HELLO).await.expect("hello");
        let report = builders::report(u128::from(round), hello.now);
        let incident = hall.report(&report).await.expect("taken").incident;
        let officer = hall.sign_in(domain::trail::OfficerRole::DutyOfficer).await;
        let send = builders::send(incident, 1);
        let proposal = builders::proposal(u128::from(round), send);
        // A replay of everything from before the kills gets what was answered then.
        for (proposal, receipt) in &receipts {
            assert_eq!(officer.propose(proposal).await.as_ref(), Ok(receipt));
        }
        let receipt = officer.propose(&proposal).await.expect("sent");
        receipts.push((proposal, receipt));
        // SIGKILL: nothing is closed, flushed or said good-bye to.
        serving.0.kill().expect("killed");
        serving.0.wait().expect("ended");
        let verified = backend::verify_file(folder.path()).expect("whole");
        assert_eq!(verified.links, u64::from(round + 1) * 4);
    }
}

#[test]
fn a_street_takes_the_shipped_rules_and_changes_them() {
    let folder = tempfile::tempdir().expect("folder");
    let rules = folder.path().join("rules");
    let written = program()
        .arg("write-rules")
        .arg(&rules)
        .output()
        .expect("the program starts");
    assert!(written.status.success(), "{}", said(&written));
    let check = || {
        program()
            .arg("check-rules")
            .arg(&rules)
            .output()
            .expect("the program starts")
    };
    let sound = check();
    assert!(sound.status.success(), "{}", said(&sound));
    assert!(
        said(&sound).contains("chengdu-street-2026.1"),
        "{}",
        said(&sound)
    );

    // Nothing of a street's own is overwritten.
    let again = fails(program().arg("write-rules").arg(&rules));
    assert!(again.contains(".toml exists"), "{again}");

    let file = rules.join("street.toml");
    let text = std::fs::read_to_string(&file).expect("written");
    std::fs::write(
        &file,
        text.replacen("yellow_share = 0.25", "yellow_share = 1.25", 1),
    )
    .expect("written");
    let line = text
        .lines()
        .position(|l| l.starts_with("yellow_share"))
        .expect("there")
        + 1;
    let faulty = check();
    assert!(!faulty.status.success());
    let said = said(&faulty);
    assert!(
        said.contains(&format!("street.toml:{line}")) && said.contains("yellow_share"),
        "{said}"
    );
}
