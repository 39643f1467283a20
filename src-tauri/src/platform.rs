//! Everything that differs between operating systems.

use std::path::PathBuf;
use std::sync::Arc;

use hall_api::Keyring;
use tauri::WebviewWindow;

use crate::keyring::DesktopKeyring;

/// Where this user's data lives when no `--data-dir` is given: `$XDG_DATA_HOME/streethall` or
/// `~/.local/share/streethall`; `None` when neither variable is set.
pub fn default_data_dir() -> Option<PathBuf> {
    let variable = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    variable("XDG_DATA_HOME")
        .or_else(|| variable("HOME").map(|home| home.join(".local/share")))
        .map(|base| base.join("streethall"))
}

/// Where the desktop keeps secrets.
pub fn keyring() -> Arc<dyn Keyring> {
    Arc::new(DesktopKeyring)
}

/// Whether there is a display to open windows on.
pub fn has_display() -> bool {
    ["DISPLAY", "WAYLAND_DISPLAY"]
        .iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// Whether what is written to standard error goes to somebody who reads it: a terminal, or the program that started this
/// one. From a desktop it goes to a log or nowhere.
pub fn is_error_output_read() -> bool {
    use std::io::IsTerminal as _;
    use std::os::unix::fs::FileTypeExt as _;
    let is_pipe = std::fs::metadata("/proc/self/fd/2").is_ok_and(|to| to.file_type().is_fifo());
    is_pipe || std::io::stderr().is_terminal()
}

/// Ends the window's web process, hung or not, and loads the window anew in a fresh one.
pub fn revive(window: &WebviewWindow) -> tauri::Result<()> {
    window.with_webview(|webview| {
        use webkit2gtk::WebViewExt;
        let view = webview.inner();
        view.terminate_web_process();
        view.reload();
    })
}
