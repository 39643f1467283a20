//! Child processes in process groups of their own, so that nothing outlives a test.

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

/// A process with everything that it starts; dropping it kills all of them.
pub struct Group {
    child: Child,
}

impl Group {
    /// Starts a program with its output going to `log`.
    pub fn start(program: &str, args: &[String], env: &[(&str, String)], log: &File) -> Self {
        let output = || Stdio::from(log.try_clone().expect("the log can be shared"));
        let child = Command::new(program)
            .args(args)
            .envs(env.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(output())
            .stderr(output())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|e| {
                panic!("{program} cannot be started ({e}); ./hall test installs it")
            });
        Self { child }
    }

    /// Kills the group without giving it a chance to say goodbye.
    pub fn kill(&mut self) {
        signal("KILL", &format!("-{}", self.child.id()));
        self.child.wait().ok();
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Sends a signal to a process, or to a group when the number is negative.
pub fn signal(name: &str, target: &str) {
    // A process that is gone already is what a killing test wants; nothing else can fail here.
    Command::new("kill")
        .args(["-s", name, "--", target])
        .stderr(Stdio::null())
        .status()
        .ok();
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener
        .local_addr()
        .expect("a bound socket has an address")
        .port()
}

/// Processes of the given program whose command line contains the text.
pub fn pids_with(program: &str, needle: &str) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid: &u32| {
            let line = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            let line = String::from_utf8_lossy(&line).into_owned();
            let mut words = line.split('\0');
            words.next().is_some_and(|p| p.ends_with(program)) && line.contains(needle)
        })
        .collect()
}
