//! Addresses as services give them, and what is wrong with others.

use super::*;

fn url(text: &str, z: u8, x: u32, y: u32) -> String {
    let template = UrlTemplate::parse(text, Some("SECRET"), false).expect("a template");
    template.url(z, x, y).expect("an address").to_string()
}

#[test]
fn all_ways_of_numbering_tiles_are_known() {
    for (text, wanted) in [
        (
            "https://a.example/{z}/{x}/{y}.png",
            "https://a.example/3/5/1.png",
        ),
        (
            "https://a.example/{z}/{x}/{-y}.png",
            "https://a.example/3/5/6.png",
        ),
        (
            "HTTP://a.example:8080/t?z={z}&x={x}&y={y}",
            "http://a.example:8080/t?z=3&x=5&y=1",
        ),
        ("https://{s}.example/{z}/{x}/{y}", "https://a.example/3/5/1"),
        (
            "https://t{0-7}.example/{z}/{x}/{y}",
            "https://t6.example/3/5/1",
        ),
        (
            "https://{north,south}.example/{z}/{x}/{y}",
            "https://north.example/3/5/1",
        ),
        (
            "https://a.example/{z}/{x}/{y}{ratio}.png",
            "https://a.example/3/5/1.png",
        ),
        (
            "https://a.example/{key}/{z}/{x}/{y}",
            "https://a.example/SECRET/3/5/1",
        ),
        (
            "https://a.example/wmts/img/default/w/{TileMatrix}/{TileRow}/{TileCol}.jpg",
            "https://a.example/wmts/img/default/w/3/1/5.jpg",
        ),
    ] {
        assert_eq!(url(text, 3, 5, 1), wanted, "{text}");
    }
    let sharp = UrlTemplate::parse("https://a.example/{z}/{x}/{y}{r}.png", None, true);
    let sharp = sharp.expect("a template").url(0, 0, 0).expect("an address");
    assert_eq!(sharp.path(), "/0/0/0@2x.png");
}

#[test]
fn a_national_service_is_asked_as_it_wants_it() {
    let base = "https://t{0-7}.tianditu.gov.cn/img_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0\
                &LAYER=img&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&tk={key}";
    let wanted = "https://t1.tianditu.gov.cn/img_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0\
                  &LAYER=img&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&tk=SECRET";
    let numbers = "&TILEMATRIX=10&TILEROW=420&TILECOL=805";
    assert_eq!(
        url(base, 10, 805, 420),
        format!("{wanted}{numbers}"),
        "completed"
    );
    let written = format!("{base}&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}");
    assert_eq!(url(&written, 10, 805, 420), format!("{wanted}{numbers}"));
    let template = UrlTemplate::parse(base, Some("SECRET"), false).expect("a template");
    assert_eq!(template.hosts().len(), 8);
}

#[test]
fn what_cannot_be_used_is_said_without_repeating_the_address() {
    let long = "https://a.example/{z}/{x}/{y}?tk=SECRET";
    for (text, key, part) in [
        ("ftp://a.example/{z}/{x}/{y}", None, "no http(s) address"),
        ("https:///{z}/{x}/{y}", None, "names no host"),
        (
            "https://a.example/{z}/{x}?tk=SECRET",
            None,
            "no place for the row",
        ),
        (
            "https://a.example/{x}/{y}?tk=SECRET",
            None,
            "no place for the zoom",
        ),
        (
            "https://a.example/{z}/{y}?tk=SECRET",
            None,
            "no place for the column",
        ),
        (
            "https://a.example/{z}/{x}/{y}/{TileMatrixSet}?tk=SECRET",
            None,
            "{TileMatrixSet}",
        ),
        (
            "https://a.example/{z}/{x}/{y?tk=SECRET",
            None,
            "without its }",
        ),
        ("https://{x}.example/{z}/{x}/{y}", None, "within the host"),
        (
            "https://{s}.{a,b}.example/{z}/{x}/{y}",
            None,
            "within the host",
        ),
        (
            "https://a.example/{z}/{x}/{y}?tk={key}",
            None,
            "no key is given",
        ),
        (
            "https://a.example/{z}/{x}/{y}?tk={key}",
            Some("a&SECRET"),
            "characters other",
        ),
        (
            "https://me:SECRET@a.example/{z}/{x}/{y}",
            None,
            "a password",
        ),
        (
            "https://a.example/img_c/wmts?z={z}&x={x}&y={y}&tk=SECRET",
            None,
            "in degrees",
        ),
    ] {
        let error = UrlTemplate::parse(text, key, false)
            .expect_err(text)
            .to_string();
        assert!(
            error.contains(part) && !error.contains("SECRET"),
            "{text}: {error}"
        );
    }
    let good = UrlTemplate::parse(long, None, false).expect("a template");
    assert!(!format!("{good:?} {}", good.name()).contains("SECRET"));
}

#[test]
fn the_cache_outlives_another_key_but_not_another_layer() {
    let of = |text: &str, key: &str| {
        let template = UrlTemplate::parse(text, Some(key), false).expect("a template");
        template.fingerprint()
    };
    let (img, vec) = (
        "https://a.example/img/{z}/{x}/{y}?tk={key}",
        "https://a.example/vec/{z}/{x}/{y}?tk={key}",
    );
    assert_eq!(of(img, "one"), of(img, "two"));
    assert_ne!(of(img, "one"), of(vec, "one"));
}

#[test]
fn files_are_no_addresses() {
    assert!(UrlTemplate::is_one(" HTTPS://a.example/{z}"));
    for file in [
        "",
        "/srv/city.pmtiles",
        "C:\\map.mbtiles",
        "http.mbtiles",
        "街道.mbtiles",
    ] {
        assert!(!UrlTemplate::is_one(file), "{file}");
    }
}
