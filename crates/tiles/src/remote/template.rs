//! Addresses of tiles with places for zoom, column and row: XYZ, TMS, and both kinds of WMTS.

use std::fmt::Write as _;

use reqwest::Url;
use sha2::{Digest as _, Sha256};

/// Why an address cannot be used. No message repeats the address, which may hold a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// It is no HTTP address.
    #[error(
        "the tile address is no http(s) address ({0}); it should look like https://HOST/{{z}}/{{x}}/{{y}}.png"
    )]
    NotHttp(String),
    /// A place is missing.
    #[error("the tile address has no place for the {0}; write {1} where it belongs")]
    Missing(&'static str, &'static str),
    /// A place is not known.
    #[error(
        "the tile address has {{{0}}}, which is not known; write the service's own value in its place, or one of \
         {{z}} {{x}} {{y}} {{-y}} {{TileMatrix}} {{TileCol}} {{TileRow}} {{s}} {{0-7}} {{a,b}} {{ratio}} {{key}}"
    )]
    Unknown(String),
    /// A brace without its other half.
    #[error("the tile address has a {{ without its }}; close it")]
    Open,
    /// What is asked for would change the host.
    #[error(
        "the tile address has {{{0}}} within the host's name; only {{s}}, {{0-7}} or {{a,b}} may stand there, once"
    )]
    WithinHost(String),
    /// A key is wanted, or given for nothing.
    #[error(
        "the tile address has {{key}}, but no key is given; set key under [map_server], or give --map-key"
    )]
    NoKey,
    /// The key would change the address.
    #[error(
        "the key of the tile source has characters other than letters, digits and - _ . ~; check it"
    )]
    BadKey,
    /// The address carries a name and a password.
    #[error(
        "the tile address has a name and a password before the host; they are not supported, use a key"
    )]
    Password,
    /// WMTS in degrees.
    #[error(
        "the tile address asks for the matrix set \"c\", which is in degrees; take the one in web Mercator, \"w\" \
         (such as img_w, TILEMATRIXSET=w)"
    )]
    Degrees,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Zoom,
    Column,
    Row,
    /// Counted from the south.
    RowFromSouth,
    /// One of these, by turns.
    Choice(Vec<String>),
    Ratio,
    Key,
}

/// An address of tiles. Its `Debug` output has no key.
#[derive(Clone)]
pub struct UrlTemplate {
    pieces: Vec<Piece>,
    key: String,
    ratio: &'static str,
    hosts: Vec<String>,
    /// Scheme and hosts for messages, such as `https://t0.example.cn`.
    name: String,
    fingerprint: i64,
}

impl std::fmt::Debug for UrlTemplate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "UrlTemplate({})", self.name)
    }
}

impl UrlTemplate {
    /// Whether a setting is meant as an address rather than as a file.
    pub fn is_one(text: &str) -> bool {
        let start = text
            .trim_start()
            .get(..8)
            .unwrap_or(text)
            .to_ascii_lowercase();
        start.starts_with("http://") || start.starts_with("https://")
    }

    /// Reads an address; `sharp` asks for tiles of twice the pixels where it has a place for that.
    pub fn parse(text: &str, key: Option<&str>, sharp: bool) -> Result<Self, TemplateError> {
        let text = completed(text.trim());
        if !Self::is_one(&text) {
            return Err(TemplateError::NotHttp("it starts otherwise".to_owned()));
        }
        refuse_degrees(&text)?;
        let pieces = pieces_of(&text)?;
        let has = |wanted: &[Piece]| pieces.iter().any(|piece| wanted.contains(piece));
        for (wanted, name, place) in [
            (&[Piece::Zoom][..], "zoom", "{z} or {TileMatrix}"),
            (&[Piece::Column], "column", "{x} or {TileCol}"),
            (
                &[Piece::Row, Piece::RowFromSouth],
                "row",
                "{y}, {-y} or {TileRow}",
            ),
        ] {
            if !has(wanted) {
                return Err(TemplateError::Missing(name, place));
            }
        }
        let key = key.unwrap_or_default().trim();
        if has(&[Piece::Key]) && key.is_empty() {
            return Err(TemplateError::NoKey);
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.~".contains(c);
        if !key.chars().all(plain) {
            return Err(TemplateError::BadKey);
        }
        let mut template = Self {
            pieces,
            key: key.to_owned(),
            ratio: if sharp { "@2x" } else { "" },
            hosts: Vec::new(),
            name: String::new(),
            fingerprint: fingerprint(&text, sharp),
        };
        template.name_hosts()?;
        Ok(template)
    }

    /// Finds the hosts by trying every choice, and that each makes an address.
    fn name_hosts(&mut self) -> Result<(), TemplateError> {
        let choices = self.pieces.iter().find_map(|piece| match piece {
            Piece::Choice(options) => Some(options.len()),
            _ => None,
        });
        for turn in 0..choices.unwrap_or(1) {
            let url = self.url_of_turn(1, 0, 0, turn).ok_or_else(|| {
                TemplateError::NotHttp("its host or path cannot be read".to_owned())
            })?;
            if !url.username().is_empty() || url.password().is_some() {
                return Err(TemplateError::Password);
            }
            let host = url.host_str().unwrap_or_default().to_owned();
            if self.name.is_empty() {
                self.name = url.origin().ascii_serialization();
            }
            if !self.hosts.contains(&host) {
                self.hosts.push(host);
            }
        }
        Ok(())
    }

    /// The address of a tile, its row counted from the north.
    pub fn url(&self, z: u8, x: u32, y: u32) -> Option<Url> {
        self.url_of_turn(z, x, y, (x as usize).wrapping_add(y as usize))
    }

    fn url_of_turn(&self, z: u8, x: u32, y: u32, turn: usize) -> Option<Url> {
        let mut out = String::new();
        let rows = 1_u32.checked_shl(u32::from(z))?;
        let wrote = self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => out.write_str(text),
            Piece::Zoom => write!(out, "{z}"),
            Piece::Column => write!(out, "{x}"),
            Piece::Row => write!(out, "{y}"),
            Piece::RowFromSouth => write!(out, "{}", rows.saturating_sub(1).saturating_sub(y)),
            Piece::Choice(options) => out.write_str(&options[turn % options.len()]),
            Piece::Ratio => out.write_str(self.ratio),
            Piece::Key => out.write_str(&self.key),
        });
        wrote.ok()?;
        let url = Url::parse(&out).ok()?;
        url.has_host().then_some(url)
    }

    /// The hosts that are asked, and no others.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// Scheme and first host, for messages: nothing of the path, where a key may stand.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Tells sources apart in the cache; the key behind `{key}` has no part in it.
    pub fn fingerprint(&self) -> i64 {
        self.fingerprint
    }

    /// Whether the address looks like one of vector tiles.
    pub fn promises_vectors(&self) -> bool {
        let texts = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Text(text) => Some(text.to_ascii_lowercase()),
            _ => None,
        });
        let mut texts = texts;
        texts.any(|text| {
            [".pbf", ".mvt", "vector-tile", "format=pbf"]
                .iter()
                .any(|end| text.contains(end))
        })
    }
}

/// A WMTS address for GetTile without its three numbers gets them.
fn completed(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let is_wmts = lower.contains("service=wmts") && lower.contains("request=gettile");
    if !is_wmts
        || ["tilematrix=", "tilerow=", "tilecol="]
            .iter()
            .any(|name| lower.contains(name))
    {
        return text.to_owned();
    }
    format!("{text}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}")
}

fn refuse_degrees(text: &str) -> Result<(), TemplateError> {
    let lower = text.to_ascii_lowercase();
    let in_query = lower
        .split(['?', '&'])
        .any(|part| part == "tilematrixset=c");
    if in_query || lower.contains("_c/wmts") {
        return Err(TemplateError::Degrees);
    }
    Ok(())
}

fn pieces_of(text: &str) -> Result<Vec<Piece>, TemplateError> {
    let path_at = text
        .find("://")
        .map(|at| at + 3)
        .and_then(|from| text[from..].find(['/', '?', '#']).map(|at| from + at))
        .unwrap_or(text.len());
    if text[..path_at].ends_with("://") {
        return Err(TemplateError::NotHttp("it names no host".to_owned()));
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, inner)) = rest.split_once('{') {
        let (name, after) = inner.split_once('}').ok_or(TemplateError::Open)?;
        let at = text.len() - inner.len();
        let piece = piece_of(name).ok_or_else(|| TemplateError::Unknown(shown(name)))?;
        let is_choice = matches!(piece, Piece::Choice(_));
        let chosen = pieces.iter().any(|piece| matches!(piece, Piece::Choice(_)));
        if (at < path_at && !is_choice) || (is_choice && chosen) {
            return Err(TemplateError::WithinHost(shown(name)));
        }
        if !before.is_empty() {
            pieces.push(Piece::Text(before.to_owned()));
        }
        pieces.push(piece);
        rest = after;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

fn piece_of(name: &str) -> Option<Piece> {
    Some(match name.to_ascii_lowercase().as_str() {
        "z" | "tilematrix" => Piece::Zoom,
        "x" | "tilecol" => Piece::Column,
        "y" | "tilerow" => Piece::Row,
        "-y" => Piece::RowFromSouth,
        "ratio" | "r" => Piece::Ratio,
        "key" => Piece::Key,
        "s" => choice("a-c")?,
        _ => choice(name)?,
    })
}

/// `0-7`, `a-c` or `north,south`.
fn choice(name: &str) -> Option<Piece> {
    if let [from, b'-', to] = name.as_bytes() {
        let kinds = [u8::is_ascii_digit, u8::is_ascii_lowercase];
        let same = kinds.iter().any(|kind| kind(from) && kind(to));
        return (same && from <= to)
            .then(|| Piece::Choice((*from..=*to).map(|c| char::from(c).to_string()).collect()));
    }
    let options: Vec<String> = name
        .split(',')
        .map(|option| option.trim().to_owned())
        .collect();
    let plain = |option: &String| {
        !option.is_empty()
            && option
                .bytes()
                .all(|c| c.is_ascii_alphanumeric() || b"-.".contains(&c))
    };
    (options.len() > 1 && options.iter().all(plain)).then_some(Piece::Choice(options))
}

/// A place's name, cut so that no message repeats a whole address.
fn shown(name: &str) -> String {
    name.chars().take(24).collect()
}

fn fingerprint(text: &str, sharp: bool) -> i64 {
    let hash = Sha256::digest(format!("{sharp} {text}"));
    let mut first = [0; 8];
    first.copy_from_slice(&hash[..8]);
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests;
