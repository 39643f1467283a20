//! Recorded positions as CSV: `time_s,id,lon,lat,speed_mps,heading_deg`, WGS 84, sorted by time,
//! plain or gzip.
//!
//! A bad row is answered with its line and the reason, and the reading goes on; only what makes
//! every further row meaningless (a missing column, a cut-off file) ends it.

use std::io::{self, BufRead, BufReader, Read};

use csv::StringRecord;
use flate2::bufread::MultiGzDecoder;

const COLUMNS: [&str; 6] = ["time_s", "id", "lon", "lat", "speed_mps", "heading_deg"];
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Faster than anything on a street; beyond it a row is taken as damaged.
const SPEED_MAX_MPS: f32 = 120.0;

/// One recorded position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrackPoint {
    /// Seconds since the start of the recording.
    pub time_s: f64,
    /// Which vehicle or person, as the recording numbers them.
    pub track: u32,
    pub lon: f64,
    pub lat: f64,
    pub speed_mps: f32,
    /// Clockwise from north, from 0 to below 360.
    pub heading_deg: f32,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadRow {
    /// Line in the uncompressed file, from 1; the header is line 1.
    pub line: u64,
    pub why: String,
}

/// Why a file cannot be read as tracks at all.
#[derive(Debug, thiserror::Error)]
pub enum TracksError {
    #[error("the file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    #[error("the header cannot be read ({0}); the first line must name the columns {columns}", columns = COLUMNS.join(","))]
    NoHeader(csv::Error),
    #[error("the column {0} is missing; the first line must name {columns}", columns = COLUMNS.join(","))]
    MissingColumn(&'static str),
}

/// Reads points row by row.
pub struct Tracks<'a> {
    rows: csv::Reader<Box<dyn Read + 'a>>,
    /// Where each of [`COLUMNS`] stands in a row.
    columns: [usize; COLUMNS.len()],
    last_time_s: f64,
    is_over: bool,
}

impl<'a> Tracks<'a> {
    /// Opens a recording; whether it is compressed is told by its first bytes, not by its name.
    pub fn open(source: impl Read + 'a) -> Result<Self, TracksError> {
        let mut source = BufReader::with_capacity(1 << 16, source);
        let plain: Box<dyn Read + 'a> = if source.fill_buf()?.starts_with(&GZIP_MAGIC) {
            Box::new(MultiGzDecoder::new(source))
        } else {
            Box::new(source)
        };
        let mut rows = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .flexible(true)
            .from_reader(Box::new(UnixLines { source: plain }) as Box<dyn Read + 'a>);
        let header = rows.headers().map_err(TracksError::NoHeader)?;
        let mut columns = [0; COLUMNS.len()];
        for (column, name) in columns.iter_mut().zip(COLUMNS) {
            *column = header
                .iter()
                .position(|title| title.trim_start_matches('\u{feff}') == name)
                .ok_or(TracksError::MissingColumn(name))?;
        }
        Ok(Self {
            rows,
            columns,
            last_time_s: 0.0,
            is_over: false,
        })
    }

    fn point(&mut self, row: &StringRecord) -> Result<TrackPoint, String> {
        let text = |column: usize| row.get(self.columns[column]).unwrap_or_default();
        let number = |column: usize, range: std::ops::RangeInclusive<f64>| {
            let name = COLUMNS[column];
            let text = text(column);
            let value: f64 = text
                .parse()
                .map_err(|_| format!("{name} \"{text}\" is not a number"))?;
            if !range.contains(&value) {
                return Err(format!(
                    "{name} {text} is not within {} to {}",
                    range.start(),
                    range.end()
                ));
            }
            Ok(value)
        };
        let time_s = number(0, 0.0..=1.0e9)?;
        let track = text(1)
            .parse()
            .map_err(|_| format!("id \"{}\" is not a whole number", text(1)))?;
        let point = TrackPoint {
            time_s,
            track,
            lon: number(2, -180.0..=180.0)?,
            lat: number(3, -90.0..=90.0)?,
            speed_mps: number(4, 0.0..=f64::from(SPEED_MAX_MPS))? as f32,
            // Rounding to two decimals may have made 359.999 a full circle.
            heading_deg: (number(5, 0.0..=360.0)? % 360.0) as f32,
        };
        if time_s < self.last_time_s {
            return Err(format!(
                "time_s {time_s} lies before {}; the file must be sorted by time",
                self.last_time_s
            ));
        }
        self.last_time_s = time_s;
        Ok(point)
    }
}

impl Iterator for Tracks<'_> {
    type Item = Result<TrackPoint, BadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let mut row = StringRecord::new();
        match self.rows.read_record(&mut row) {
            Ok(false) => None,
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                Some(self.point(&row).map_err(|why| BadRow { line, why }))
            }
            Err(error) => {
                let line = self.rows.position().line();
                // After a broken encoding the next row may be fine; after a broken file none is.
                self.is_over = matches!(error.kind(), csv::ErrorKind::Io(_));
                let what = if self.is_over {
                    "the file ends here"
                } else {
                    "the row is damaged"
                };
                Some(Err(BadRow {
                    line,
                    why: format!("{what}: {error}"),
                }))
            }
        }
    }
}

/// Leaves out carriage returns: with lines that end in CR LF the CSV reader counts the line feed to
/// the next row, and every bad row would be told one line too early.
struct UnixLines<R> {
    source: R,
}

impl<R: Read> Read for UnixLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let length = self.source.read(buffer)?;
            let mut kept = 0;
            for at in 0..length {
                if buffer[at] != b'\r' {
                    buffer[kept] = buffer[at];
                    kept += 1;
                }
            }
            // Nothing kept of something read is not the end of the file.
            if kept > 0 || length == 0 {
                return Ok(kept);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    const HEADER: &str = "time_s,id,lon,lat,speed_mps,heading_deg\n";

    fn read(text: &str) -> Vec<Result<TrackPoint, BadRow>> {
        Tracks::open(text.as_bytes()).unwrap().collect()
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_row_is_read_plain_and_compressed() {
        let text = format!("{HEADER}4,1,104.045358,30.627098,22.71,314.01\n");
        let point = TrackPoint {
            time_s: 4.0,
            track: 1,
            lon: 104.045_358,
            lat: 30.627_098,
            speed_mps: 22.71,
            heading_deg: 314.01,
        };
        assert_eq!(read(&text), [Ok(point)]);
        let compressed = gzip(&text);
        assert_eq!(
            Tracks::open(&compressed[..]).unwrap().collect::<Vec<_>>(),
            [Ok(point)]
        );
    }

    #[test]
    fn columns_are_found_by_name() {
        let rows = read("id,heading_deg,time_s,lat,extra,lon,speed_mps\n7,360,1,30,x,104,0\n");
        let point = rows[0].as_ref().unwrap();
        assert_eq!((point.track, point.lon, point.lat), (7, 104.0, 30.0));
        assert!(
            point.heading_deg.abs() < f32::EPSILON,
            "a full circle is north"
        );
        let error = Tracks::open("time_s,id,lon\n".as_bytes())
            .err()
            .unwrap()
            .to_string();
        assert!(error.contains("the column lat is missing"), "{error}");
    }

    #[test]
    fn bad_rows_are_told_with_line_and_reason_and_the_rest_goes_on() {
        let rows = read(&format!(
            "{HEADER}1,1,104,30,1,0\n1,x,104,30,1,0\n2,2,204,30,1,0\n2,3,104\n2,4,104,30,NaN,0\n2,5,104,30,1,0\n1,6,104,30,1,0\n3,7,104,30,1,0\n"
        ));
        let told: Vec<String> = rows
            .iter()
            .filter_map(|row| row.as_ref().err())
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "line 3: id \"x\" is not a whole number",
                "line 4: lon 204 is not within -180 to 180",
                "line 5: lat \"\" is not a number",
                "line 6: speed_mps NaN is not within 0 to 120",
                "line 8: time_s 1 lies before 2; the file must be sorted by time",
            ]
            .map(str::to_owned)
        );
        let kept: Vec<u32> = rows
            .into_iter()
            .flatten()
            .map(|point| point.track)
            .collect();
        assert_eq!(kept, [1, 5, 7]);
    }

    #[test]
    fn lines_are_counted_alike_whatever_ends_them() {
        let text = format!("{HEADER}1,1,104,30,1,0\n1,x,104,30,1,0\n");
        for text in [text.replace('\n', "\r\n"), text] {
            let rows = read(&text);
            assert_eq!(rows[1].as_ref().unwrap_err().line, 3, "{text:?}");
        }
        assert_eq!(read(&format!("{}\r\r\r", HEADER.trim_end())), []);
    }

    #[test]
    fn a_cut_off_file_gives_what_it_has_and_says_so_once() {
        let mut text = HEADER.to_owned();
        for second in 0..5000 {
            writeln!(text, "{second},{},104.0{second},30,1,0", second * 7 % 11).unwrap();
        }
        let mut cut = gzip(&text);
        cut.truncate(cut.len() * 2 / 3);
        let rows: Vec<_> = Tracks::open(&cut[..]).unwrap().collect();
        let bad: Vec<_> = rows.iter().filter_map(|row| row.as_ref().err()).collect();
        assert!(rows.len() > 1000, "{} rows", rows.len());
        // The last row before the cut may itself be cut, which is told as well.
        assert!((1..=2).contains(&bad.len()), "{bad:?}");
        assert!(
            bad.last().unwrap().why.contains("the file ends here"),
            "{bad:?}"
        );
    }

    #[test]
    fn text_that_is_not_utf8_costs_its_own_row_only() {
        let mut bytes = HEADER.as_bytes().to_vec();
        bytes.extend_from_slice(b"1,1,104,30,1,0\n2,\xff\xfe,104,30,1,0\n3,2,104,30,1,0\n");
        let rows: Vec<_> = Tracks::open(&bytes[..]).unwrap().collect();
        assert_eq!(rows.len(), 3);
        assert!(
            rows[0].is_ok() && rows[1].is_err() && rows[2].is_ok(),
            "{rows:?}"
        );
    }
}
