//! A start that failed, in a window: whoever starts the program from a desktop sees no standard error.

use std::time::Duration;

use tauri::http::{Response, header};
use tauri::{LogicalSize, WebviewUrl, WebviewWindowBuilder};

use crate::errors::StartError;
use crate::{context, platform};

/// Scheme of the page.
const SCHEME: &str = "start-failure";
const PAGE: &str = "start-failure://localhost/";
const SIZE: LogicalSize<f64> = LogicalSize::new(760.0, 420.0);

/// How long the window stays where nobody closes it: whatever started the program may want to start it again.
const STAYS: Duration = Duration::from_mins(2);

/// Shows it until the window is closed, where nobody may read what is written to standard error.
pub fn show(error: &StartError) {
    let has_reader = platform::is_error_output_read();
    if has_reader || !platform::has_display() {
        return;
    }
    // Whoever looks at the log need not wait until the window is closed.
    tracing::error!(%error, "the start failed");
    let page = page(&error.to_string());
    let app = tauri::Builder::default()
        .register_uri_scheme_protocol(SCHEME, move |_, _| {
            let mut response = Response::new(page.clone().into_bytes());
            let html = header::HeaderValue::from_static("text/html; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, html);
            response
        })
        .setup(|app| {
            let page = WebviewUrl::CustomProtocol(PAGE.parse()?);
            WebviewWindowBuilder::new(app, SCHEME, page)
                .title("streethall · 无法启动 · cannot start")
                .inner_size(SIZE.width, SIZE.height)
                .build()?;
            let handle = app.handle().clone();
            tauri::async_runtime::spawn(async move {
                tokio::time::sleep(STAYS).await;
                handle.exit(0);
            });
            Ok(())
        })
        .build(context());
    match app {
        // What the process ends with is said by whoever asked for the window.
        Ok(app) => {
            let _code = app.run_return(|_, _| {});
        }
        Err(error) => eprintln!("{error}"),
    }
}

/// The page with these words, paragraph by paragraph.
fn page(words: &str) -> String {
    let lines: Vec<String> = words.lines().map(escaped).collect();
    let paragraphs = lines.join("</p><p>");
    format!(
        "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\"><title>streethall</title>\
         <style>body{{font:1.15rem/1.6 sans-serif;margin:2rem;overflow-wrap:anywhere}}</style>\
         <main role=\"alert\"><h1>无法启动 · Cannot start</h1><p>{paragraphs}</p></main></html>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_shows_every_line_of_the_error_and_no_markup_of_its_own() {
        let error = StartError::AlreadyRunning {
            path: "/srv/<b>hall</b> & more".into(),
        };
        let page = page(&error.to_string());
        assert!(
            page.contains("<p>数据目录 /srv/&lt;b&gt;hall&lt;/b&gt; &amp; more 正被另一个"),
            "{page}"
        );
        assert!(page.contains("<p>Another streethall is using"), "{page}");
    }
}
