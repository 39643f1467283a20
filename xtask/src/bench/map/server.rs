//! A small server on this machine for the pages of the benchmark: files, tiles, and the talk
//! between page and benchmark.
//!
//! A page says with `POST /mark` where a measured stretch begins and ends, so that the threads are
//! looked at exactly then, with `POST /done` or `POST /failed` what it found, and asks with
//! `GET /next` which page comes next.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread;

use anyhow::{Context, Result};

use super::archive::Archive;

/// What a page told.
#[derive(Debug)]
pub enum Told {
    /// A stretch begins or ends; the page waits until the sender of the answer is used.
    Mark(String, mpsc::Sender<()>),
    Done(String),
    Failed(String),
}

/// What the server gives out.
pub struct Content {
    /// Folders by the first part of the path.
    pub folders: Vec<(&'static str, PathBuf)>,
    /// Files made for the benchmark, by their whole path.
    pub made: HashMap<String, Vec<u8>>,
    pub tiles: Option<Archive>,
}

/// The server; it runs until the program ends.
pub struct Server {
    pub port: u16,
    pub told: mpsc::Receiver<Told>,
    next: mpsc::Sender<String>,
}

struct Shared {
    content: Content,
    told: mpsc::Sender<Told>,
    next: Mutex<mpsc::Receiver<String>>,
}

struct Request {
    method: String,
    path: String,
    body: Vec<u8>,
}

struct Answer {
    status: &'static str,
    kind: &'static str,
    encoding: Option<&'static str>,
    body: Vec<u8>,
}

impl Server {
    pub fn start(content: Content) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port can be opened")?;
        let port = listener.local_addr()?.port();
        let (told_sender, told) = mpsc::channel();
        let (next, next_receiver) = mpsc::channel();
        let shared = Arc::new(Shared {
            content,
            told: told_sender,
            next: Mutex::new(next_receiver),
        });
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                thread::spawn(move || shared.serve(stream));
            }
        });
        Ok(Self { port, told, next })
    }

    /// Sends the browser to another page as soon as the present one has ended.
    pub fn send_to(&self, url: String) -> Result<()> {
        self.next.send(url).context("the server has ended")
    }
}

impl Shared {
    fn serve(&self, mut stream: TcpStream) {
        let Ok(reading) = stream.try_clone() else {
            return;
        };
        // Small answers would otherwise wait for more to send.
        if stream.set_nodelay(true).is_err() {
            return;
        }
        let mut reader = BufReader::new(reading);
        while let Some(request) = read_request(&mut reader) {
            let answer = self.answer(request);
            if write_answer(&mut stream, &answer).is_err() {
                return;
            }
        }
    }

    fn answer(&self, request: Request) -> Answer {
        let Request { method, path, body } = request;
        let text = || String::from_utf8_lossy(&body).into_owned();
        match (method.as_str(), path.as_str()) {
            ("POST", "/mark") => {
                let (seen, wait) = mpsc::channel();
                if self.told.send(Told::Mark(text(), seen)).is_ok() {
                    // An error is a mark that nobody waits for any more.
                    let _end = wait.recv().is_ok();
                }
                Answer::ok("text/plain", Vec::new())
            }
            ("POST", "/done") => self.pass_on(Told::Done(text())),
            ("POST", "/failed") => self.pass_on(Told::Failed(text())),
            ("GET", "/next") => {
                let next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
                next.recv().map_or_else(
                    |_| Answer::missing(),
                    |url| Answer::ok("text/plain", url.into_bytes()),
                )
            }
            ("GET", path) => self.file(path),
            _ => Answer::missing(),
        }
    }

    fn pass_on(&self, told: Told) -> Answer {
        if self.told.send(told).is_err() {
            return Answer::missing();
        }
        Answer::ok("text/plain", Vec::new())
    }

    fn file(&self, path: &str) -> Answer {
        if let Some(tile) = path.strip_prefix("/tiles/") {
            return self.tile(tile);
        }
        if let Some(body) = self.content.made.get(path) {
            return Answer::ok(kind_of(path), body.clone());
        }
        let inside = path.trim_start_matches('/');
        let found = self.content.folders.iter().find_map(|(name, folder)| {
            let rest = inside.strip_prefix(name)?.strip_prefix('/')?;
            let is_inside = rest.split('/').all(|part| part != "..");
            is_inside.then(|| folder.join(rest))
        });
        let Some(body) = found.and_then(|file: PathBuf| std::fs::read(file).ok()) else {
            return Answer::missing();
        };
        Answer::ok(kind_of(path), body)
    }

    /// A tile as the archive holds it, packed; the browser unpacks it for every contestant.
    fn tile(&self, path: &str) -> Answer {
        let numbers: Vec<u32> = path.split('/').flat_map(str::parse).collect();
        let (Some(archive), [z, x, y]) = (&self.content.tiles, numbers.as_slice()) else {
            return Answer::missing();
        };
        match archive.tile(*z, *x, *y) {
            Some(body) => Answer {
                encoding: Some("gzip"),
                ..Answer::ok("application/x-protobuf", body)
            },
            None => Answer::missing(),
        }
    }
}

impl Answer {
    fn ok(kind: &'static str, body: Vec<u8>) -> Self {
        Self {
            status: "200 OK",
            kind,
            encoding: None,
            body,
        }
    }

    fn missing() -> Self {
        Self {
            status: "404 Not Found",
            ..Self::ok("text/plain", Vec::new())
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let method = words.next()?.to_owned();
    let path = words.next()?.split('?').next()?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        let header = header.trim_end();
        if header.is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, body })
}

fn write_answer(stream: &mut TcpStream, answer: &Answer) -> std::io::Result<()> {
    let Answer {
        status,
        kind,
        encoding,
        body,
    } = answer;
    let encoding =
        encoding.map_or_else(String::new, |name| format!("Content-Encoding: {name}\r\n"));
    // Nothing is kept by the browser, so that every load is a cold one.
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{encoding}\
         Cache-Control: no-store\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)
}

fn kind_of(path: &str) -> &'static str {
    match Path::new(path)
        .extension()
        .and_then(|ending| ending.to_str())
    {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("json" | "geojson") => "application/json",
        Some("wasm") => "application/wasm",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_read_with_its_body_and_without_its_query() {
        let text = b"POST /mark?x=1 HTTP/1.1\r\nHost: a\r\ncontent-length: 5\r\n\r\nbegin";
        let request = read_request(&mut text.as_slice()).expect("a request");
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", "/mark")
        );
        assert_eq!(request.body, b"begin");
        assert!(read_request(&mut b"".as_slice()).is_none());
        assert!(
            read_request(&mut b"GET / HTTP/1.1\r\ncontent-length: 9\r\n\r\nshort".as_slice())
                .is_none()
        );
    }

    #[test]
    fn files_outside_of_the_folders_are_not_given_out() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("in")).unwrap();
        std::fs::write(dir.path().join("in/a.js"), "1").unwrap();
        std::fs::write(dir.path().join("secret"), "2").unwrap();
        let (told, _kept) = mpsc::channel();
        let (_sender, next) = mpsc::channel();
        let shared = Shared {
            content: Content {
                folders: vec![("pages", dir.path().join("in"))],
                made: HashMap::from([("/scene.json".to_owned(), b"{}".to_vec())]),
                tiles: None,
            },
            told,
            next: Mutex::new(next),
        };
        assert_eq!(shared.file("/pages/a.js").body, b"1");
        assert_eq!(shared.file("/pages/a.js").kind, "text/javascript");
        assert_eq!(shared.file("/scene.json").body, b"{}");
        for missing in ["/pages/../secret", "/secret", "/pagesa.js", "/tiles/0/0/0"] {
            assert_eq!(shared.file(missing).status, "404 Not Found", "{missing}");
        }
    }
}
