//! Everything wrong that can be given to the program at its start: one clear answer, nothing lost.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::desk::wait_for_queue;
use crate::support::{Hall, HallOptions, eventually, free_port};

/// Runs the program with options that it must refuse, and returns what it said.
fn refused(args: &[&str]) -> String {
    let output: Output = Command::new(env!("CARGO_BIN_EXE_streethall"))
        .args(args)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
    assert!(!said.contains("panicked"), "{args:?}: {said}");
    said
}

/// The message is there in both languages.
fn says(said: &str, chinese: &str, english: &str) {
    assert!(said.contains(chinese), "{chinese} is missing in: {said}");
    assert!(said.contains(english), "{english} is missing in: {said}");
}

#[test]
fn wrong_options_are_refused_with_a_sentence() {
    assert!(refused(&["--frobnicate"]).contains("--frobnicate"));
    assert!(refused(&["--demo-speed", "fast"]).contains("0.1"));
    assert!(refused(&["--backend", "http://127.0.0.1:1"]).contains("--hall-key"));
}

#[test]
fn unusable_places_keys_and_addresses_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"in the way").unwrap();
    let file = file.to_string_lossy();
    says(
        &refused(&["--data-dir", &file]),
        "数据目录",
        "data directory",
    );
    let place = dir.path().join("hall").to_string_lossy().into_owned();
    let at = |args: &[&str]| refused(&[&["--data-dir", &place], args].concat());
    says(
        &at(&["--backend", "ftp://x", "--hall-key", "k"]),
        "后台地址",
        "backend's address",
    );
    says(
        &at(&["--backend", "http://x", "--hall-key", "@/nowhere/key"]),
        "密钥",
        "key",
    );
    let rules = dir.path().join("rules");
    fs::create_dir(&rules).unwrap();
    fs::write(rules.join("street.toml"), "\nyellow_share = 7.0").unwrap();
    let said = at(&["--rules", &rules.to_string_lossy()]);
    says(&said, "规则文件", "rules files");
    assert!(
        said.contains("street.toml:2") && said.contains("yellow_share"),
        "{said}"
    );
    fs::write(Path::new(&place).join("settings.toml"), "wall_width_m = -4").unwrap();
    says(&at(&[]), "设置文件", "settings file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_instance_on_the_same_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("hall");
    let hall = Hall::start(&data, &HallOptions::default()).await;
    says(
        &refused(&["--data-dir", &data.to_string_lossy()]),
        "另一个",
        "Another streethall",
    );
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrupt_cache_is_kept_aside_and_rebuilt_and_a_corrupt_map_is_said() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("hall");
    let hall = Hall::start(&data, &HallOptions::default()).await;
    wait_for_queue(&hall).await;
    hall.close().await;
    // What the driver kills leaves its write-ahead log behind, from which SQLite would repair it.
    for log in ["cache.db-wal", "cache.db-shm"] {
        fs::remove_file(data.join(log)).ok();
    }
    fs::write(
        data.join("cache.db"),
        b"this is no database at all, and long enough to be read",
    )
    .unwrap();
    let map = dir.path().join("broken.pmtiles");
    fs::write(&map, b"PMTiles\x03 and then nothing that makes sense").unwrap();
    let options = HallOptions {
        args: vec!["--map".to_owned(), map.to_string_lossy().into_owned()],
        ..HallOptions::default()
    };
    let hall = Hall::start(&data, &options).await;
    wait_for_queue(&hall).await;
    hall.click("[data-testid='notices']").await;
    eventually("both faults are told", async || {
        hall.count("[data-testid='notice']").await >= 2
    })
    .await;
    says(&hall.said(), "底图无法读取", "base map cannot be read");
    let aside = fs::read_dir(&data)
        .unwrap()
        .filter_map(Result::ok)
        .any(|entry| {
            entry
                .file_name()
                .to_string_lossy()
                .starts_with("cache.db.corrupt")
        });
    assert!(aside, "the corrupt cache is kept");
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backend_that_talks_nonsense_or_another_version_is_said_on_the_line() {
    for (answer, state) in [
        ("<html>a printer</html>", "nonsense"),
        (
            r#"{"protocol":99,"version":"9","street":"","now":0}"#,
            "protocol-mismatch",
        ),
    ] {
        let port = free_port();
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
            .await
            .unwrap();
        let server = tokio::spawn(answer_always(listener, answer));
        let dir = tempfile::tempdir().unwrap();
        let url = format!("http://127.0.0.1:{port}");
        let options = HallOptions {
            args: ["--backend", &url, "--hall-key", "key"]
                .map(str::to_owned)
                .to_vec(),
            ..HallOptions::default()
        };
        let hall = Hall::start(&dir.path().join("hall"), &options).await;
        hall.wait_for_attribute("[data-testid='line-state']", "data-state", &[state])
            .await;
        hall.close().await;
        server.abort();
    }
}

/// Answers every request with the same body.
async fn answer_always(listener: tokio::net::TcpListener, body: &'static str) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    while let Ok((mut stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            let mut request = [0; 4096];
            // A client that hangs up early gets no answer, which is all that can be done for it.
            if stream.read(&mut request).await.is_ok() {
                let reply = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                    body.len()
                );
                stream.write_all(reply.as_bytes()).await.ok();
            }
        });
    }
}
