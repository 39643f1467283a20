//! What goes wrong, and when: one trouble after the other as the recipe has it, and one outage of
//! the backend that meets all halls at the same moment.

use std::sync::Arc;
use std::time::Duration;

use protocol::feed::{LineState, NoticeKind};

use crate::authority::Held;
use crate::desk::Desk;
use crate::dice::Dice;
use crate::hall::Hall;
use crate::recipe::Trouble;
use crate::world::{News, Road, World};

/// Answers on their way arrive within this time, also on slow lines and slow disks.
const SETTLING: Duration = Duration::from_secs(5);

/// By then a hall without a line has noticed that its clock was set by more than this.
const TIME_TO_NOTICE: Duration = Duration::from_secs(3);
const NOTABLE_JUMP_MS: i64 = 10_000;

/// How long before the backend is restored the officers begin to hurry.
const HURRY: Duration = Duration::from_secs(3);

/// Makes trouble until its time is over.
pub async fn rage(world: Arc<World>, halls: Vec<Arc<Hall>>, dice: Dice) {
    loop {
        let most = world.recipe.trouble_gap_ms;
        tokio::time::sleep(dice.millis(50, most)).await;
        if !world.is_stormy.get() {
            return;
        }
        let (Some(trouble), Some(hall)) = (dice.pick(&world.recipe.troubles), dice.pick(&halls))
        else {
            continue;
        };
        let met = meet(Arc::clone(hall), *trouble, dice.fork());
        tokio::spawn(met);
    }
}

/// The outage of all lines.
pub async fn outage(world: Arc<World>) {
    let (begin, length) = world.recipe.outage;
    tokio::time::sleep(begin).await;
    world.authority.fall();
    tokio::time::sleep(length).await;
    world.authority.rise();
}

/// The backend's database is copied and later set back to that copy, at the worst moment: the officers
/// have their hands full, and the halls have receipts for what they have not yet seen to be done.
pub async fn restoration(world: Arc<World>, halls: Vec<Arc<Hall>>, dice: Dice) {
    let Some(restoration) = world.recipe.restoration else {
        return;
    };
    tokio::time::sleep(restoration.backup_at).await;
    world.authority.back_up();
    tokio::time::sleep(restoration.later.saturating_sub(HURRY)).await;
    for hall in &halls {
        let desk = Desk::new(Arc::clone(hall), dice.fork());
        tokio::spawn(desk.hurry(HURRY + SETTLING));
    }
    tokio::time::sleep(HURRY.saturating_sub(restoration.lag)).await;
    world.authority.hold(Held::News);
    tokio::time::sleep(restoration.lag).await;
    if restoration.is_unseen {
        world.authority.hold(Held::Everything);
    } else {
        world.authority.fall();
    }
    // What was answered before arrives and is stored, so that it is known what each hall has seen.
    tokio::time::sleep(SETTLING).await;
    let held = halls.iter().flat_map(|hall| hall.unseen()).collect();
    world.authority.restore(&held);
    halls.iter().for_each(Hall::meet_restored);
    world.authority.hold(Held::Nothing);
    if !restoration.is_unseen {
        world.authority.rise();
    }
}

async fn meet(hall: Arc<Hall>, trouble: Trouble, dice: Dice) {
    let world = Arc::clone(&hall.world);
    world.tell(hall.number, format_args!("meets {trouble:?}"));
    match trouble {
        Trouble::Refused | Trouble::Silence => {
            let road = match trouble {
                Trouble::Refused => Road::Refusing,
                _ => Road::Silent,
            };
            world.set_road(hall.number, road);
            tokio::time::sleep(dice.millis(200, 20_000)).await;
            world.set_road(hall.number, Road::Open);
        }
        Trouble::BackendDown => {
            world.authority.fall();
            tokio::time::sleep(dice.millis(20, 300)).await;
            world.authority.rise();
        }
        Trouble::Kill | Trouble::PowerCut | Trouble::DamagedOutbox | Trouble::Restart => {
            match trouble {
                Trouble::Kill => hall.kill(),
                Trouble::PowerCut => hall.cut_power(),
                Trouble::DamagedOutbox => {
                    hall.cut_power();
                    hall.damage_outbox();
                }
                _ => hall.close().await,
            }
            tokio::time::sleep(dice.millis(0, 8_000)).await;
            hall.boot();
        }
        Trouble::ClockJump => {
            let hours = dice.between(0, 6) as i64 - 3;
            let ms = dice.between(0, 60_000) as i64;
            set_clock(&hall, hours * 3_600_000 + ms).await;
        }
        Trouble::FullDisk | Trouble::SlowDisk => {
            let is_full = trouble == Trouble::FullDisk;
            set_disks(&hall, is_full, if is_full { 0 } else { 400 });
            tokio::time::sleep(dice.millis(500, 12_000)).await;
            set_disks(&hall, false, 0);
        }
        Trouble::CutLog => world.authority.cut_log(),
        Trouble::RevokeSessions => world.authority.revoke_sessions(),
        Trouble::NewReference => world.authority.change_reference(),
        Trouble::DamagedCache => hall.damage_cache(),
        Trouble::NoChanges => {
            let kinds = [News::Refused, News::CutOff, News::Garbled];
            world.set_news(hall.number, kinds[dice.below(3) as usize]);
            tokio::time::sleep(dice.millis(200, 20_000)).await;
            world.set_news(hall.number, News::Given);
        }
        Trouble::Unplug => {
            if let Some(process) = hall.process() {
                process.engine.set_link(false);
                tokio::time::sleep(dice.millis(5, 9_000)).await;
                world.traffic(|traffic| traffic.switched(hall.number));
                process.engine.set_link(true);
            }
        }
    }
}

/// Sets the clock of a hall. Where its line is down then and stays so, the officers are told.
async fn set_clock(hall: &Hall, wrong_by_ms: i64) {
    let look = || {
        let process = hall.process()?;
        let engine = Arc::clone(&process.engine);
        let (line, told) = engine.read(|picture| {
            let notices = picture.notices.iter();
            let of_clock = notices.filter(|notice| notice.kind == NoticeKind::ClockOffset);
            (picture.line.clone(), of_clock.count())
        });
        let is_down = line.state != LineState::Online && process.life.lasts();
        // A greeting may be answered all the same, and measures the clock.
        let is_down = is_down && line.last_contact.is_some();
        let measured = hall.world.traffic(|traffic| traffic.greeted(hall.number));
        is_down.then_some((engine, (line.since, measured), told))
    };
    let before = look();
    let (set_by_ms, left_alone_ms) = hall.clock.set_wrong_by(wrong_by_ms);
    tokio::time::sleep(TIME_TO_NOTICE).await;
    let (Some((engine, line, told)), Some((still, line_now, told_now))) = (before, look()) else {
        return;
    };
    let is_as_it_was = Arc::ptr_eq(&engine, &still) && line == line_now;
    // What is set there and back before anybody has looked goes by unnoticed.
    let is_whole = hall.clock.wrong_by_ms() == wrong_by_ms
        && left_alone_ms > TIME_TO_NOTICE.as_millis() as i64;
    if is_as_it_was && is_whole && set_by_ms.abs() > NOTABLE_JUMP_MS && told_now == told {
        hall.broken(format!(
            "its clock was set by {set_by_ms} ms, and nobody was told"
        ));
    }
}

/// Fills or empties, slows or mends the disk of a hall.
pub fn set_disks(hall: &Hall, is_full: bool, slowness_ms: u64) {
    const WHOLE: &str = "nothing panics while it holds this";
    let mut outbox = hall.outbox_disk.lock().expect(WHOLE);
    (outbox.is_full, outbox.slowness_ms) = (is_full, slowness_ms);
    let mut cache = hall.cache_disk.lock().expect(WHOLE);
    (cache.is_full, cache.slowness_ms) = (is_full, slowness_ms);
}
