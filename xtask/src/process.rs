//! Starting other programs so that they can be ended as a whole, with everything they started.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long a program may take to end after it was asked to, before it is ended by force.
const GRACE: Duration = Duration::from_millis(100);
const GRACE_ROUNDS: u32 = 30;

/// A program in a process group of its own; the whole group ends when this is dropped.
pub struct ProcessGroup {
    name: String,
    child: Child,
}

impl ProcessGroup {
    /// Starts `command` in a new process group. `name` is what messages call it.
    pub fn start(name: &str, command: &mut Command) -> Result<Self> {
        let child = command.process_group(0).spawn().with_context(|| {
            format!(
                "{name} cannot be started ({}); ./hall installs what is missing",
                command.get_program().to_string_lossy()
            )
        })?;
        Ok(Self {
            name: name.to_owned(),
            child,
        })
    }

    /// The program's own process, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its exit status when it has ended by itself.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Fails when the program has ended although it is still needed.
    pub fn must_still_run(&mut self) -> Result<()> {
        if let Some(status) = self.ended()? {
            bail!("{} ended unexpectedly ({status})", self.name);
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) {
        // The group may be gone already, which is what was wanted.
        let _gone = killpg(Pid::from_raw(self.child.id() as i32), signal).is_err();
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.signal(Signal::SIGTERM);
        for _ in 0..GRACE_ROUNDS {
            if matches!(self.child.try_wait(), Ok(Some(_)) | Err(_)) {
                break;
            }
            thread::sleep(GRACE);
        }
        // Also after the leader has ended: what it started may have outlived it.
        self.signal(Signal::SIGKILL);
        let _status = self.child.wait();
    }
}

/// Becomes true once the user has asked to stop (Ctrl-C, or the terminal is closed).
///
/// The first call installs the handler, after which Ctrl-C no longer ends this process by itself.
pub fn stop_requested() -> Result<Arc<AtomicBool>> {
    static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
    if let Some(stop) = STOP.get() {
        return Ok(Arc::clone(stop));
    }
    let stop = Arc::clone(STOP.get_or_init(|| Arc::new(AtomicBool::new(false))));
    let seen = Arc::clone(&stop);
    ctrlc::set_handler(move || seen.store(true, Ordering::SeqCst))
        .context("the handler for Ctrl-C cannot be installed")?;
    Ok(stop)
}

/// Runs a command to its end and fails, naming it, when it fails.
pub fn run_to_end(what: &str, command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| {
        format!(
            "{what}: {} cannot be started",
            command.get_program().to_string_lossy()
        )
    })?;
    if !status.success() {
        bail!("{what} failed ({status})");
    }
    Ok(())
}

/// Whether a program is there and answers.
pub fn answers(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
