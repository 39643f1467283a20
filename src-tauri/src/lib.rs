//! The shell: opens the data directory, the backend and the windows, and passes commands on.
//!
//! It decides nothing. What a hall knows and does is `hall_api`'s; what may be done is `domain`'s.

mod base_map;
mod commands;
mod data_dir;
mod embedded;
mod errors;
mod feed;
mod figures;
mod options;
mod platform;
mod settings;
mod startup;
mod state;
mod watchdog;
mod windows;

use tauri::{Manager, RunEvent};
use tokio::time::Instant;

pub use errors::StartError;
pub use options::Options;

use crate::base_map::{BaseMap, SCHEME};
use crate::startup::Prepared;
use crate::state::Shell;

/// Runs the hall until its last window is closed. `started` is the beginning of the process.
pub fn run(options: Options, started: Instant) -> Result<(), StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| StartError::Hall {
            cause: e.to_string(),
        })?;
    tauri::async_runtime::set(runtime.handle().clone());
    let prepared = runtime.block_on(startup::prepare(&options, started))?;
    let windows_failed = |e: tauri::Error| StartError::Windows {
        cause: e.to_string(),
    };
    let app = build(options, prepared).map_err(windows_failed)?;
    let end = runtime.handle().clone();
    app.run(move |app, event| {
        if matches!(event, RunEvent::Exit) {
            let hall = app.state::<Shell>().hall.clone();
            end.block_on(async move { hall.shutdown().await });
        }
    });
    Ok(())
}

fn build(options: Options, prepared: Prepared) -> tauri::Result<tauri::App> {
    let Prepared {
        shell,
        rest,
        data_dir,
    } = prepared;
    let base_map: BaseMap = shell.base_map.clone();
    tauri::Builder::default()
        .manage(shell)
        // The lock on the data directory is held as long as the app lives.
        .manage(data_dir)
        .manage(feed::Feeds::default())
        .register_asynchronous_uri_scheme_protocol(SCHEME, move |_, request, responder| {
            let base_map = base_map.clone();
            tauri::async_runtime::spawn_blocking(move || {
                responder.respond(base_map.answer(&request))
            });
        })
        .invoke_handler(tauri::generate_handler![
            feed::subscribe_feed,
            commands::picture::get_settings,
            commands::picture::get_reference,
            commands::picture::get_trail,
            commands::picture::beat,
            commands::session::sign_in,
            commands::session::sign_out,
            commands::session::set_link,
            commands::orders::propose,
            commands::orders::send_order,
            commands::orders::withdraw_order,
            commands::orders::act,
            commands::orders::set_mode,
            commands::orders::retry_parked,
            commands::orders::drop_parked,
        ])
        .setup(move |app| {
            windows::open(app, &options)?;
            tauri::async_runtime::spawn(watchdog::watch(app.handle().clone()));
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                if let Err(error) = startup::finish(&handle, rest).await {
                    eprintln!("{error}");
                    handle.exit(2);
                }
            });
            Ok(())
        })
        .build(tauri::tauri_build_context!())
}
