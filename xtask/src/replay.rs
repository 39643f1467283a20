//! Feeds a recording into a running backend as people's positions, at its own pace or faster.

use std::fs::File;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, ensure};
use clap::Args;
use domain::people::{Person, Post, Shift, TravelMode};
use domain::{LonLat, PersonId, Timestamp};
use protocol::http::NewPosition;
use protocol::http::{Accepted, Imported, paths};

use crate::backend_client::{Backend, BackendArgs};
use crate::process::stop_requested;
use crate::project::Project;
use crate::tracks::{TrackPoint, Tracks};

/// Added to a track's number, so that recorded people never are people of the roster.
const FIRST_PERSON: u32 = 500_000;
/// Positions of the recording are simulated or measured to about this radius.
const ACCURACY_M: f32 = 5.0;
/// How many bad rows are told one by one.
const TOLD_ROWS: usize = 20;
/// A sleep is cut into pieces of this length so that Ctrl-C is answered at once.
const NAP: Duration = Duration::from_millis(100);

#[derive(Args, Debug, Clone)]
pub struct ReplayArgs {
    /// The recording: CSV with time_s,id,lon,lat,speed_mps,heading_deg, plain or gzip
    file: PathBuf,
    #[command(flatten)]
    backend: BackendArgs,
    /// How many times faster than recorded
    #[arg(long, value_name = "X", default_value_t = 1.0)]
    speed: f64,
}

/// All positions of one moment of the recording.
#[derive(Debug, Default, PartialEq)]
struct Moment {
    time_s: f64,
    points: Vec<TrackPoint>,
}

pub fn run(_project: &Project, args: &ReplayArgs) -> Result<()> {
    ensure!(
        args.speed.is_finite() && args.speed > 0.0,
        "--speed {} is not a pace; give a number above 0",
        args.speed
    );
    let path = Project::from_caller(&args.file);
    let file = File::open(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let (moments, bad_rows) =
        read_moments(file).with_context(|| format!("{} is not a recording", path.display()))?;
    ensure!(
        !moments.is_empty(),
        "{} has no position that can be used",
        path.display()
    );
    let backend = Backend::connect(&args.backend)?;
    enrol(&backend, &moments)?;
    let fed = feed(&backend, &moments, args.speed)?;
    println!("完成 done: {fed} positions taken, {bad_rows} rows of the file left out");
    Ok(())
}

/// Reads the whole recording, tells its bad rows, and returns the rest by moment.
fn read_moments(file: impl std::io::Read) -> Result<(Vec<Moment>, usize)> {
    let mut moments: Vec<Moment> = Vec::new();
    let mut bad_rows = 0;
    for row in Tracks::open(file)? {
        match row {
            Ok(point) => match moments.last_mut() {
                Some(last) if last.time_s >= point.time_s => last.points.push(point),
                _ => moments.push(Moment {
                    time_s: point.time_s,
                    points: vec![point],
                }),
            },
            Err(bad_row) => {
                bad_rows += 1;
                if bad_rows <= TOLD_ROWS {
                    eprintln!("略过 left out: {bad_row}");
                }
            }
        }
    }
    if bad_rows > TOLD_ROWS {
        eprintln!("略过 left out: {} more rows", bad_rows - TOLD_ROWS);
    }
    Ok((moments, bad_rows))
}

/// Enters one person per track into the roster: the backend takes no positions of strangers.
fn enrol(backend: &Backend, moments: &[Moment]) -> Result<()> {
    let mut tracks: Vec<u32> = moments
        .iter()
        .flat_map(|moment| &moment.points)
        .map(|point| point.track)
        .collect();
    tracks.sort_unstable();
    tracks.dedup();
    let people: Vec<Person> = tracks.into_iter().map(person).collect();
    let imported: Imported = backend
        .post(paths::IMPORT_PEOPLE, &people)
        .context("the people of the recording could not be entered into the roster")?;
    println!("花名册 roster: {} people entered", imported.taken);
    for left_out in imported.left_out {
        eprintln!("略过 left out: {left_out}");
    }
    Ok(())
}

/// The roster entry of a recorded track: a patrol vehicle on duty round the clock.
fn person(track: u32) -> Person {
    Person {
        id: person_id(track),
        name: format!("巡查车{track}"),
        post: Post::Maintenance,
        skills: Vec::new(),
        phone: String::new(),
        home_grid: None,
        shift: Shift {
            from_minute: 0,
            to_minute: 0,
        },
        travel: TravelMode::Car,
        duty: domain::roster::DutyPlan::default(),
        groups: Vec::new(),
        provenance: None,
    }
}

fn person_id(track: u32) -> PersonId {
    PersonId(FIRST_PERSON.saturating_add(track))
}

/// Sends moment after moment when it is due; returns how many positions the backend took.
fn feed(backend: &Backend, moments: &[Moment], speed: f64) -> Result<usize> {
    let stop = stop_requested()?;
    let started = Instant::now();
    let (first_s, last_s) = match moments {
        [first, .., last] => (first.time_s, last.time_s),
        _ => (0.0, 0.0),
    };
    let mut taken = 0;
    for moment in moments {
        let due = Duration::from_secs_f64((moment.time_s - first_s) / speed);
        while let Some(wait) = due.checked_sub(started.elapsed()) {
            if stop.load(Ordering::SeqCst) || wait.is_zero() {
                break;
            }
            thread::sleep(wait.min(NAP));
        }
        if stop.load(Ordering::SeqCst) {
            println!("\n停止 stopped");
            break;
        }
        let fixes = fixes(&moment.points, now()?);
        let accepted: Accepted = backend.post(paths::POSITIONS, &fixes)?;
        taken += accepted.accepted;
        for refused in &accepted.refused {
            eprintln!("\n拒收 refused: {refused}");
        }
        let behind_s = started.elapsed().saturating_sub(due).as_secs_f64();
        print!(
            "\r{:>6.0} / {:.0} s · {taken} 个位置 positions · 落后 behind {behind_s:.1} s  ",
            moment.time_s - first_s,
            last_s - first_s
        );
        std::io::stdout().flush()?;
    }
    println!();
    Ok(taken)
}

fn fixes(points: &[TrackPoint], at: Timestamp) -> Vec<NewPosition> {
    points
        .iter()
        .map(|point| NewPosition {
            person: person_id(point.track),
            location: LonLat::new(point.lon, point.lat),
            at,
            accuracy_m: ACCURACY_M,
            speed_mps: point.speed_mps,
            heading_deg: point.heading_deg,
            crs: domain::places::Crs::Wgs84,
        })
        .collect()
}

fn now() -> Result<Timestamp> {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .context("this machine's clock stands before 1970; set it")?;
    Ok(Timestamp::from_unix_ms(since.as_millis() as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_one_moment_go_together_and_bad_rows_are_counted() {
        let text = "time_s,id,lon,lat,speed_mps,heading_deg\n\
            0,1,104,30,1,0\n0,2,104,30,1,0\nx,3,104,30,1,0\n2,1,104,30,1,0\n";
        let (moments, bad_rows) = read_moments(text.as_bytes()).unwrap();
        let sizes: Vec<_> = moments
            .iter()
            .map(|moment| (moment.time_s, moment.points.len()))
            .collect();
        assert_eq!(sizes, [(0.0, 2), (2.0, 1)]);
        assert_eq!(bad_rows, 1);
    }

    #[test]
    fn a_fix_keeps_what_was_recorded_and_gets_the_present_time() {
        let point = TrackPoint {
            time_s: 4.0,
            track: 7,
            lon: 104.1,
            lat: 30.6,
            speed_mps: 3.5,
            heading_deg: 90.0,
        };
        let at = Timestamp::from_unix_ms(1_700_000_000_000);
        let fix = fixes(&[point], at)[0];
        assert_eq!(fix.person, person(7).id);
        assert_eq!(fix.at, at);
        assert_eq!(fix.location, LonLat::new(104.1, 30.6));
        assert!((fix.speed_mps - 3.5).abs() < f32::EPSILON);
    }

    #[test]
    fn the_recording_of_wuhou_reads_without_a_bad_row() {
        let project = Project::find().unwrap();
        let path = project.path("../shared/data/chengdu-wuhou-tracks.csv.gz");
        let Ok(file) = File::open(&path) else {
            println!("skipped: {} is not on this machine", path.display());
            return;
        };
        let (moments, bad_rows) = read_moments(file).unwrap();
        let points: usize = moments.iter().map(|moment| moment.points.len()).sum();
        assert_eq!((points, bad_rows), (118_855, 0));
    }
}
