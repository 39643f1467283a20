//! A tile service at the start: what is known of it without asking, and what it answers when asked.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use hall_api::{Clock as _, SystemClock};
use protocol::commands::MapSource;
use protocol::feed::NoticeKind;
use tiles::{Bounds, DiskCache, Found, Limits, RemoteError, RemoteTiles, TileSource as _};
use tokio::runtime::Handle;

use super::{Complaint, Tried, Trouble, describe};
use crate::map_place::TileServer;

/// What a base map is opened amid.
pub struct Around {
    /// Where requests run.
    pub line: Handle,
    /// Where the street lies, if that is known.
    pub street: Option<Bounds>,
    /// How long the windows wait for the first answer of a service of which nothing is kept.
    pub first_answer: Duration,
}

/// A service that is not asked yet.
#[derive(Clone)]
pub struct ServedMap {
    place: TileServer,
    cache: Arc<DiskCache>,
    line: Handle,
    street: Option<Bounds>,
}

impl ServedMap {
    pub fn new(place: TileServer, around: &Around) -> Self {
        let cache = Arc::new(DiskCache::open(&place.cache, place.cache_bytes));
        Self {
            place,
            cache,
            line: around.line.clone(),
            street: around.street,
        }
    }

    fn source(&self, limits: Limits) -> Result<RemoteTiles, RemoteError> {
        let clock = SystemClock::new();
        let mut source = RemoteTiles::new(
            self.place.template.clone(),
            &self.place.about,
            Arc::clone(&self.cache),
            limits,
            self.line.clone(),
            Arc::new(move || clock.now().unix_ms()),
        )?;
        if let Some(street) = self.street {
            source.expect_street(street);
        }
        Ok(source)
    }

    /// The service as it is known from a tile that is kept, without waiting for anybody.
    pub fn kept(&self) -> Option<(RemoteTiles, MapSource)> {
        // Who has no time for an answer has what is kept.
        let no_time = Limits {
            connect_timeout: Duration::ZERO,
            answer_timeout: Duration::ZERO,
            failures_before_rest: u32::MAX,
            ..Limits::default()
        };
        let mut look = self.source(no_time).ok()?;
        look.probe().ok()?;
        let source = self.source(Limits::default()).ok()?;
        Some((source, describe(look.metadata())))
    }

    /// Asks for a first tile, of a service of which some are kept and shown: only whether it answers is news.
    pub fn complaint(&self, shown: &MapSource) -> Option<Complaint> {
        let Tried { source, trouble } = self.tried();
        let Some(trouble) = trouble else {
            if source.is_some_and(|source| describe(source.metadata()) != *shown) {
                tracing::warn!(
                    "the tiles of the service are of another kind than those that are kept; the next start shows them"
                );
            }
            return None;
        };
        Some(Complaint {
            kind: NoticeKind::MapOffline,
            cause: trouble.cause,
        })
    }

    /// Asks for a first tile, and gives up after a while: the map then is as if there was no answer.
    pub fn tried_within(&self, wait: Duration) -> Tried {
        let (tell, told) = mpsc::channel();
        let service = self.clone();
        let asking = std::thread::Builder::new().name("tiles probe".to_owned());
        let asked = asking.spawn(move || {
            // Nobody waits any more where it took too long; what came is kept for the next start.
            tell.send(service.tried()).ok();
        });
        let answer = match asked {
            Ok(_) => told.recv_timeout(wait).ok(),
            Err(_) => Some(self.tried()),
        };
        answer.unwrap_or_else(|| Tried {
            source: self.unasked(),
            trouble: Some(Trouble {
                cause: format!(
                    "{name} {seconds} 秒内没有应答 / {name} gave no tile within {seconds} s",
                    name = self.place.template.name(),
                    seconds = wait.as_secs_f32(),
                ),
                shows_something: false,
            }),
        })
    }

    /// The service as its address and the settings describe it.
    fn unasked(&self) -> Option<Box<dyn tiles::TileSource>> {
        let source = self.source(Limits::default()).ok()?;
        Some(Box::new(source))
    }

    /// Asks for a first tile.
    fn tried(&self) -> Tried {
        let probed = self.source(Limits::default()).map(|mut source| {
            let trouble = match source.probe() {
                Ok(Found::Answering) => None,
                Ok(Found::KeptOnly(error)) => Some((error, true)),
                Err(error) => Some((error, false)),
            };
            (source, trouble)
        });
        match probed {
            Ok((source, trouble)) => Tried {
                source: Some(Box::new(source)),
                trouble: trouble.map(|(error, shows_something)| Trouble {
                    cause: error.to_string(),
                    shows_something,
                }),
            },
            Err(error) => Tried {
                source: None,
                trouble: Some(Trouble {
                    cause: error.to_string(),
                    shows_something: false,
                }),
            },
        }
    }
}
