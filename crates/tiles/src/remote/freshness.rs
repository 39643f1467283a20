//! How long a tile counts as fresh, from the headers of its answer (RFC 9111, for a private cache).

use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap};

/// How long a tile is fresh where the source does not say it; what public tile services ask for at the least.
const UNSAID_S: i64 = 7 * 24 * 3600;
/// How long it is believed that there is no tile.
const EMPTY_S: i64 = 24 * 3600;
/// No promise is believed for longer.
const LONGEST_S: i64 = 365 * 24 * 3600;

/// What a source allows with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It must not be kept.
    NotKept,
    /// It may be kept and used without asking for so many seconds.
    For(i64),
}

/// Reads the headers of an answer.
pub fn of(headers: &HeaderMap, empty: bool) -> Freshness {
    let text = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    };
    let control = text(CACHE_CONTROL).to_ascii_lowercase();
    let mut directives = control.split(',').map(str::trim);
    if directives.clone().any(|directive| directive == "no-store") {
        return Freshness::NotKept;
    }
    if directives.clone().any(|directive| directive == "no-cache") {
        return Freshness::For(0);
    }
    let max_age = directives.find_map(|directive| {
        let seconds = directive.strip_prefix("max-age=")?.trim_matches('"');
        // More digits than fit are as good as for ever.
        seconds
            .bytes()
            .all(|c| c.is_ascii_digit())
            .then(|| seconds.parse().unwrap_or(LONGEST_S))
    });
    let until = || {
        headers.get(EXPIRES)?;
        let Ok(expires) = httpdate::parse_http_date(text(EXPIRES)) else {
            // Many write 0 for what is over already.
            return Some(0);
        };
        let date = httpdate::parse_http_date(text(DATE)).ok()?;
        Some(
            expires
                .duration_since(date)
                .map_or(0, |left| left.as_secs() as i64),
        )
    };
    let age: i64 = text(AGE).trim().parse().unwrap_or(0);
    let unsaid = if empty { EMPTY_S } else { UNSAID_S };
    let longest = if empty { EMPTY_S } else { LONGEST_S };
    let said = max_age
        .or_else(until)
        .map(|seconds| seconds.saturating_sub(age.max(0)));
    Freshness::For(said.unwrap_or(unsaid).clamp(0, longest))
}

#[cfg(test)]
mod tests {
    use reqwest::header::{HeaderName, HeaderValue};

    use super::*;

    fn fresh(headers: &[(&str, &str)]) -> Freshness {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            map.insert(name, HeaderValue::from_str(value).expect("a value"));
        }
        of(&map, false)
    }

    #[test]
    fn headers_say_how_long() {
        let expires = ("expires", "Fri, 20 Nov 2026 13:00:00 GMT");
        let date = ("date", "Fri, 20 Nov 2026 12:00:00 GMT");
        for (headers, wanted) in [
            (&[][..], Freshness::For(UNSAID_S)),
            (
                &[("cache-control", "public, max-age=60")],
                Freshness::For(60),
            ),
            (
                &[("cache-control", "max-age=60"), ("age", "50")],
                Freshness::For(10),
            ),
            (
                &[("cache-control", "max-age=60"), ("age", "500")],
                Freshness::For(0),
            ),
            (
                &[("cache-control", "max-age=99999999999999999999")],
                Freshness::For(LONGEST_S),
            ),
            (
                &[("cache-control", "max-age=never")],
                Freshness::For(UNSAID_S),
            ),
            (&[("cache-control", "No-Store")], Freshness::NotKept),
            (
                &[("cache-control", "max-age=60, no-cache")],
                Freshness::For(0),
            ),
            (&[expires, date], Freshness::For(3600)),
            (&[expires], Freshness::For(UNSAID_S)),
            (&[("expires", "0"), date], Freshness::For(0)),
        ] {
            assert_eq!(fresh(headers), wanted, "{headers:?}");
        }
        assert_eq!(of(&HeaderMap::new(), true), Freshness::For(EMPTY_S));
    }
}
