//! `feed`: what the backend has, through cache and board, into frames that a window has decoded and
//! folded, over the real backend and the real hall, each with its database file, on loopback.
//!
//! `sustained`: every second 10,000 people are somewhere else and 100 incidents take a step. Figures
//! are medians over stretches of five seconds: how much of it arrived, how late a position was in the
//! window, and the processor time of the whole process, backend, hall, window and the making of the
//! load together, as a share of one core. Afterwards the window has to show what the backend has.
//!
//! `catch-up`: how fast the hall takes what has piled up in the log while it was closed.
//!
//! `city`: a hall that begins with nothing takes a street of 100,000 people, all with a position, and
//! the grids of the district of `grid-lookup`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use backend::clock::{Clock as _, RealClock};
use backend::{Backend, BackendConfig};
use domain::trail::{Action, Officer, OfficerRole};
use domain::{IncidentId, Intent, LonLat, Situation};
use hall_api::{Hall, HallConfig};
use protocol::Seed;
use protocol::commands::WindowKind;
use protocol::feed::{Frame, PictureChange};
use protocol::http::NewPosition;
use testkit::builders;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::time::MissedTickBehavior;

use crate::Setting;
use crate::grid_lookup::District;
use crate::report::{Report, begin, median};

const MOVING: u32 = 10_000;
const CITY: u32 = 100_000;
const INCIDENTS: usize = 300;
/// The load comes in so many portions a second.
const TICKS: u32 = 10;
const STEPS_PER_TICK: usize = 10;
const STRETCH: Duration = Duration::from_secs(5);
/// Steps that pile up before each catching up; each is two changes of the log.
const PILED_UP: usize = 2_000;
const PATIENCE: Duration = Duration::from_mins(2);

/// Measures.
pub fn run(setting: &Setting, report: &mut Report) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let beside = std::env::current_exe()?;
    let beside = beside.parent().context("the program lies in a folder")?;
    let folder = tempfile::tempdir_in(beside)?;
    let street = Street::open(&runtime, &folder.path().join("street"), seed(MOVING, false))?;
    let street = Arc::new(street);
    let incidents = street.reported()?;
    let hall_dir = folder.path().join("hall");
    runtime.block_on(sustained(setting, report, &street, &hall_dir, &incidents))?;
    catch_up(setting, report, &runtime, &street, &hall_dir, &incidents)?;
    drop(street);
    let city = Street::open(&runtime, &folder.path().join("city"), seed(CITY, true))?;
    runtime.block_on(whole_city(setting, report, &city, folder.path()))
}

/// A street with so many people, all of them on the map.
fn seed(people: u32, has_grids: bool) -> Seed {
    let mut seed = builders::seed();
    seed.people = (1..=people).map(builders::person).collect();
    let now = RealClock.now();
    let fix = |person| builders::fix(person, place_of(person, 0), now);
    seed.positions = (1..=people).map(fix).collect();
    if has_grids {
        seed.reference.grids = District::drawn().grids();
        // Those of the test street are made of its own grids.
        seed.reference.responsibility_grids.clear();
    }
    seed
}

/// Somewhere in the district, elsewhere in each round.
fn place_of(person: u32, round: u64) -> LonLat {
    let spread = |n: u64| (n % 10_007) as f64 / 10_007.0;
    let at = u64::from(person) * 7_919;
    LonLat::new(
        104.05 + 0.1 * spread(at + round * 13),
        30.62 + 0.08 * spread(at * 31 + round * 17),
    )
}

/// The backend, answering on loopback.
struct Street {
    backend: Backend,
    url: String,
    officer: Officer,
    steps: AtomicU64,
}

impl Street {
    fn open(runtime: &Runtime, dir: &Path, seed: Seed) -> Result<Self> {
        let backend = Backend::open(BackendConfig {
            seed: Some(seed),
            ..BackendConfig::in_dir(dir, builders::rules())
        })?;
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
        let url = format!("http://{}", listener.local_addr()?);
        let serving = backend.clone();
        runtime.spawn(async move { serving.serve(listener).await });
        Ok(Self {
            backend,
            url,
            officer: builders::officer(OfficerRole::DutyOfficer),
            steps: AtomicU64::new(0),
        })
    }

    fn hall(&self, dir: &Path) -> Result<Hall> {
        let key = self.backend.hall_key();
        let hall = Hall::open(HallConfig::new(dir, self.url.clone(), key, "bench"))?;
        hall.start();
        Ok(hall)
    }

    fn reported(&self) -> Result<Vec<IncidentId>> {
        let report = |number: usize| {
            let report = builders::report(number as u128, RealClock.now());
            let taken = self.backend.report(&report);
            taken.map_err(|problem| anyhow::anyhow!(problem.message))
        };
        (0..INCIDENTS).map(report).collect()
    }

    /// One more step of an incident.
    fn step(&self, incidents: &[IncidentId]) -> Result<()> {
        let number = self.steps.fetch_add(1, Ordering::SeqCst);
        let intent = Intent::Act {
            incident: incidents[number as usize % incidents.len()],
            action: Action::Note {
                text: format!("第 {number} 次回访，现场正在处置"),
            },
            reason: None,
        };
        let mut proposal = builders::proposal(0x10_0000 + u128::from(number), intent);
        proposal.occurred_at = RealClock.now();
        self.backend
            .carry_out(&self.officer, &proposal, None)
            .map_err(|problem| anyhow::anyhow!(problem.message))?;
        Ok(())
    }

    fn situation(&self) -> Result<Situation> {
        let snapshot = self.backend.snapshot(None);
        let snapshot = snapshot.map_err(|problem| anyhow::anyhow!(problem.message))?;
        Ok(snapshot.situation)
    }

    fn move_everybody(&self, portion: u32, round: u64) -> Result<()> {
        let now = RealClock.now();
        let of_portion = (1..=MOVING).filter(|person| person % TICKS == portion);
        let fixes = of_portion.map(|person| NewPosition {
            person: domain::PersonId(person),
            location: place_of(person, round),
            crs: domain::places::Crs::default(),
            at: now,
            accuracy_m: 8.0,
            speed_mps: 1.5,
            heading_deg: 90.0,
        });
        let taken = self.backend.take_positions(fixes.collect());
        let taken = taken.map_err(|problem| anyhow::anyhow!(problem.message))?;
        ensure!(
            taken.refused_count == 0,
            "{} were refused: {:?}",
            taken.refused_count,
            taken.refused.first()
        );
        Ok(())
    }
}

/// A window that decodes and folds.
struct Window {
    feed: hall_api::Feed,
    situation: Situation,
    reference_version: u64,
    seen: Seen,
}

/// What came in one stretch.
#[derive(Debug, Default)]
struct Seen {
    frames: u64,
    snapshots: u64,
    positions: u64,
    steps: u64,
    lags_ms: Vec<f64>,
    largest_frame: usize,
    slowest_take: Duration,
}

impl Window {
    fn open(hall: &Hall) -> Self {
        Self {
            feed: hall.subscribe(WindowKind::Desk),
            situation: Situation::default(),
            reference_version: 0,
            seen: Seen::default(),
        }
    }

    async fn next(&mut self) -> Result<()> {
        let frame = self.feed.next_frame().await.context("the hall has ended")?;
        let begun = begin();
        self.seen.frames += 1;
        self.seen.largest_frame = self.seen.largest_frame.max(frame.len());
        match Frame::decode(&frame)? {
            Frame::Snapshot(picture) => {
                self.seen.snapshots += 1;
                self.situation = picture.situation;
                self.reference_version = picture.reference_version;
            }
            Frame::Delta { changes, .. } => {
                let now = RealClock.now();
                for change in changes {
                    self.take(change, now);
                }
            }
        }
        self.seen.slowest_take = self.seen.slowest_take.max(begun.elapsed());
        Ok(())
    }

    fn take(&mut self, change: PictureChange, now: domain::Timestamp) {
        match change {
            PictureChange::Record(record) => {
                self.seen.steps += 1;
                self.situation.apply(record);
            }
            PictureChange::Positions(fixes) => {
                self.seen.positions += fixes.len() as u64;
                for fix in fixes {
                    self.seen.lags_ms.push(now.ms_since(fix.at) as f64);
                    self.situation.locate(fix);
                }
            }
            PictureChange::Reference { version } => self.reference_version = version,
            _ => {}
        }
    }

    async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) -> Result<()> {
        let waiting = async {
            while !is_so(self) {
                self.next().await?;
            }
            anyhow::Ok(())
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(done) => done,
            Err(_) => bail!("in vain waited until {what}"),
        }
    }
}

/// Processor time of this process so far, in seconds.
fn cpu_s() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let (_, after_name) = stat.rsplit_once(')').context("an odd /proc/self/stat")?;
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    // Fields 14 and 15 of the whole line, in hundredths of a second on Linux.
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok());
    let used = ticks(11).zip(ticks(12)).context("an odd /proc/self/stat")?;
    Ok((used.0 + used.1) / 100.0)
}

async fn sustained(
    setting: &Setting,
    report: &mut Report,
    street: &Arc<Street>,
    dir: &Path,
    incidents: &[IncidentId],
) -> Result<()> {
    let hall = street.hall(dir)?;
    let mut window = Window::open(&hall);
    window
        .until("everything is shown", |w| {
            w.situation.people.len() == MOVING as usize && w.situation.positions.len() > 1
        })
        .await?;
    let mut figures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    let mut load = tokio::spawn(Arc::clone(street).load(incidents.to_vec()));
    for stretch in 0..=setting.runs {
        window.seen = Seen::default();
        let (begun, cpu_before) = (begin(), cpu_s()?);
        let steps_before = street.steps.load(Ordering::SeqCst);
        while begun.elapsed() < STRETCH {
            tokio::select! {
                ended = &mut load => bail!("the load ended: {ended:?}"),
                taken = window.next() => taken?,
            }
        }
        let seconds = begun.elapsed().as_secs_f64();
        let steps = street.steps.load(Ordering::SeqCst) - steps_before;
        let seen = &window.seen;
        if stretch > 0 {
            let mut lags_ms = seen.lags_ms.clone();
            ensure!(!lags_ms.is_empty(), "nobody moved in the window");
            lags_ms.sort_by(f64::total_cmp);
            let at = |share: f64| lags_ms[((lags_ms.len() - 1) as f64 * share) as usize];
            let behind = hall.picture().line.behind;
            for (name, value) in [
                ("positions", seen.positions as f64 / seconds),
                ("incident-changes", seen.steps as f64 / seconds),
                ("incident-changes-made", steps as f64 / seconds),
                ("cpu", (cpu_s()? - cpu_before) / seconds),
                ("lag", at(0.5)),
                ("lag-p99", at(0.99)),
                ("frames", seen.frames as f64 / seconds),
                ("largest-frame", seen.largest_frame as f64 / 1e3),
                ("slowest-decode", seen.slowest_take.as_secs_f64() * 1e3),
                ("snapshots", seen.snapshots as f64),
                ("behind", behind as f64),
            ] {
                figures.entry(name).or_default().push(value);
            }
        }
    }
    for (name, values) in figures {
        report.figure(format!("sustained-{name}"), median(values), unit_of(name));
    }
    load.abort();
    // What was being done when it was told to end is done to its end.
    load.await.ok();
    agree(street, &mut window).await?;
    hall.shutdown().await;
    Ok(())
}

/// The unit of a figure of [`sustained`].
fn unit_of(figure: &str) -> &'static str {
    match figure {
        "cpu" => "cores",
        "lag" | "lag-p99" | "slowest-decode" => "ms",
        "largest-frame" => "kB",
        "snapshots" => "snapshots",
        "behind" => "changes",
        _ => "per-s",
    }
}

impl Street {
    /// Moves people and incidents for ever, at the pace of the goal.
    async fn load(self: Arc<Self>, incidents: Vec<IncidentId>) -> Result<()> {
        let mut ticks = tokio::time::interval(Duration::from_secs(1) / TICKS);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        for tick in 0_u64.. {
            ticks.tick().await;
            let round = tick / u64::from(TICKS) + 1;
            let portion = (tick % u64::from(TICKS)) as u32;
            tokio::task::block_in_place(|| self.move_everybody(portion, round))?;
            // Side by side, as halls send them.
            std::thread::scope(|scope| {
                let steps: Vec<_> = (0..STEPS_PER_TICK)
                    .map(|_| scope.spawn(|| self.step(&incidents)))
                    .collect();
                steps
                    .into_iter()
                    .try_for_each(|step| step.join().map_err(|_| anyhow::anyhow!("a panic"))?)
            })?;
        }
        Ok(())
    }
}

/// A fast wrong answer counts for nothing: the window has to come to what the backend has.
async fn agree(street: &Street, window: &mut Window) -> Result<()> {
    let wanted = street.situation()?;
    window
        .until("the window shows what the backend has", |w| {
            w.situation == wanted
        })
        .await
}

fn catch_up(
    setting: &Setting,
    report: &mut Report,
    runtime: &Runtime,
    street: &Street,
    dir: &Path,
    incidents: &[IncidentId],
) -> Result<()> {
    let mut per_s = Vec::new();
    for turn in 0..=setting.runs {
        std::thread::scope(|scope| {
            let piling =
                |_| scope.spawn(|| (0..PILED_UP / 8).try_for_each(|_| street.step(incidents)));
            let all: Vec<_> = (0..8).map(piling).collect();
            all.into_iter()
                .try_for_each(|one| one.join().map_err(|_| anyhow::anyhow!("a panic"))?)
        })?;
        let wanted = street.situation()?;
        let steps = |situation: &Situation| -> u64 {
            let all = situation.incidents.values();
            all.map(|incident| u64::from(incident.steps)).sum()
        };
        let wanted_steps = steps(&wanted);
        runtime.block_on(async {
            let hall = street.hall(dir)?;
            let mut window = Window::open(&hall);
            let begun = begin();
            window
                .until("it has caught up", |w| steps(&w.situation) == wanted_steps)
                .await?;
            if turn > 0 {
                per_s.push(2.0 * PILED_UP as f64 / begun.elapsed().as_secs_f64());
            }
            agree(street, &mut window).await?;
            hall.shutdown().await;
            anyhow::Ok(())
        })?;
    }
    report.figure("catch-up", median(per_s), "changes/s");
    Ok(())
}

async fn whole_city(
    setting: &Setting,
    report: &mut Report,
    city: &Street,
    folder: &Path,
) -> Result<()> {
    let (mut to_screen, mut decode, mut again) = (Vec::new(), Vec::new(), Vec::new());
    let mut frame_mb = 0.0;
    for turn in 0..=setting.runs {
        let dir = folder.join(format!("city-hall-{turn}"));
        let begun = begin();
        let hall = city.hall(&dir)?;
        let mut window = Window::open(&hall);
        let is_whole = |w: &Window| {
            let people = CITY as usize;
            w.reference_version > 0
                && w.situation.people.len() == people
                && w.situation.positions.len() == people
        };
        window.until("the city is shown", is_whole).await?;
        let first_s = begun.elapsed().as_secs_f64();
        let mut other = Window::open(&hall);
        other.next().await?;
        let decode_s = other.seen.slowest_take.as_secs_f64();
        frame_mb = other.seen.largest_frame as f64 / 1e6;
        hall.shutdown().await;
        let begun = begin();
        let hall = city.hall(&dir)?;
        let mut window = Window::open(&hall);
        window.next().await?;
        ensure!(is_whole(&window), "the second start shows the cache");
        if turn > 0 {
            to_screen.push(first_s * 1e3);
            decode.push(decode_s * 1e3);
            again.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        hall.shutdown().await;
    }
    let get = async |path: &str| -> Result<f64> {
        let client = reqwest::Client::builder()
            .no_proxy()
            .tls_certs_only([])
            .build()?;
        let request = client
            .get(format!("{}{path}", city.url))
            .bearer_auth(city.backend.hall_key())
            .header(
                protocol::http::PROTOCOL_HEADER,
                protocol::PROTOCOL_VERSION.to_string(),
            );
        let answer = request.send().await?.error_for_status()?;
        Ok(answer.bytes().await?.len() as f64 / 1e6)
    };
    report.figure("city-people", f64::from(CITY), "people");
    let grids = city.backend.reference();
    let grids = grids.map_err(|problem| anyhow::anyhow!(problem.message))?;
    report.figure("city-grids", grids.grids.len() as f64, "grids");
    let snapshot_mb = get(protocol::http::paths::SNAPSHOT).await?;
    report.figure("city-snapshot-json", snapshot_mb, "MB");
    let reference_mb = get(protocol::http::paths::REFERENCE).await?;
    report.figure("city-reference-json", reference_mb, "MB");
    report.figure("city-from-nothing", median(to_screen), "ms");
    report.figure("city-from-the-cache", median(again), "ms");
    report.figure("city-frame", frame_mb, "MB");
    report.figure("city-frame-decode", median(decode), "ms");
    Ok(())
}
