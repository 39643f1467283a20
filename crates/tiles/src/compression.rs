//! Decompression of single tiles, by their own first bytes or by what the archive says, never without a limit.

use std::io::{self, Read};

use bytes::Bytes;

use crate::metadata::TileFormat;

/// The most that one tile may hold once decompressed. Real tiles stay below 2 MiB; the rest would be a bomb.
const MAX_TILE_BYTES: u64 = 64 << 20;

/// How a tile is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    /// By what its first bytes say, since MBTiles does not say it.
    Sniffed,
    /// Not at all.
    None,
    /// RFC 1952.
    Gzip,
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
}

/// The tile's content; the error is a phrase for the message.
pub(crate) fn decompress(raw: Bytes, compression: Compression) -> Result<Bytes, String> {
    match compression {
        Compression::None => Ok(raw),
        Compression::Sniffed => match sniff(&raw) {
            Some(compression) => decompress(raw, compression),
            None => Ok(unmarked_brotli(&raw).unwrap_or(raw)),
        },
        Compression::Gzip => read_limited(flate2::read::MultiGzDecoder::new(&raw[..]), "gzip"),
        Compression::Brotli => read_limited(
            brotli_decompressor::Decompressor::new(&raw[..], 4096),
            "brotli",
        ),
        Compression::Zstd => {
            let decoder = ruzstd::decoding::StreamingDecoder::new(&raw[..])
                .map_err(|e| broken("zstd", &e))?;
            read_limited(decoder, "zstd")
        }
    }
}

/// By the marks at the beginning; `None` where there are none.
fn sniff(raw: &[u8]) -> Option<Compression> {
    match raw {
        [0x1f, 0x8b, ..] => Some(Compression::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
        _ if raw.is_empty() || TileFormat::of_content(raw).is_some() => Some(Compression::None),
        _ => None,
    }
}

/// Brotli marks nothing, so it is what becomes a tile when it is read as brotli.
fn unmarked_brotli(raw: &Bytes) -> Option<Bytes> {
    let content = decompress(raw.clone(), Compression::Brotli).ok()?;
    TileFormat::of_content(&content).map(|_| content)
}

fn read_limited(decoder: impl Read, name: &str) -> Result<Bytes, String> {
    let mut content = Vec::new();
    let read: io::Result<usize> = decoder.take(MAX_TILE_BYTES + 1).read_to_end(&mut content);
    let length = read.map_err(|e| broken(name, &e))?;
    if length as u64 > MAX_TILE_BYTES {
        return Err(format!(
            "it grows beyond {} MiB when decompressed",
            MAX_TILE_BYTES >> 20
        ));
    }
    Ok(Bytes::from(content))
}

fn broken(name: &str, error: &dyn std::fmt::Display) -> String {
    format!("its {name} data cannot be decompressed ({error})")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use proptest::prelude::*;

    use super::*;

    fn gzip(content: &[u8]) -> Bytes {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(content).expect("memory takes it");
        Bytes::from(encoder.finish().expect("memory takes it"))
    }

    #[test]
    fn gzip_is_recognised_and_plain_content_is_left_alone() {
        assert_eq!(
            decompress(gzip(b"a tile"), Compression::Sniffed).as_deref(),
            Ok(&b"a tile"[..])
        );
        let plain = Bytes::from_static(b"\x1a\x03abc");
        assert_eq!(decompress(plain.clone(), Compression::Sniffed), Ok(plain));
    }

    #[test]
    fn zstd_and_brotli_are_read() {
        let zstd = ruzstd::encoding::compress_to_vec(
            &b"hello"[..],
            ruzstd::encoding::CompressionLevel::Fastest,
        );
        assert_eq!(
            decompress(Bytes::from(zstd), Compression::Sniffed).as_deref(),
            Ok(&b"hello"[..])
        );
        // The uncompressed block of RFC 7932, written by hand: one empty last block.
        assert_eq!(
            decompress(Bytes::from_static(&[0x06]), Compression::Brotli).as_deref(),
            Ok(&b""[..])
        );
    }

    #[test]
    fn a_bomb_is_refused() {
        let bomb = gzip(&vec![0; (MAX_TILE_BYTES + 10) as usize]);
        let refusal = decompress(bomb, Compression::Gzip).expect_err("too large");
        assert!(refusal.contains("64 MiB"), "{refusal}");
    }

    proptest! {
        #[test]
        fn noise_is_an_error_or_content_but_never_a_panic(raw in prop::collection::vec(any::<u8>(), 0..200)) {
            for c in [Compression::Sniffed, Compression::Gzip, Compression::Brotli, Compression::Zstd] {
                let _outcome = decompress(Bytes::from(raw.clone()), c);
            }
        }
    }
}
