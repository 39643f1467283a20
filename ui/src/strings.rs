//! Words for the domain's values, from the catalogue in `assets/strings`.

use domain::clocks::{Lamp, Limit, LimitUnit};
use domain::dispatch::NotOffered;
use domain::incidents::IncidentState;
use domain::intents::Mode;
use domain::people::{PersonClass, PositionAge, Post, Skill, TravelMode};
use domain::places::{GridLevel, SensorKind};
use domain::sets::IncidentSet;
use domain::time::{DAY_MS, HOUR_MS};
use domain::trail::{Action, Officer, OfficerRole, SourceChannel};
use domain::{GridCode, IncidentId, Level, OfficerId, OrderState, PositionSource, Timestamp};
use protocol::feed::{LineState, MapLayer, NoticeKind};
use rust_i18n::t;

use crate::state::Catalogue;
use crate::state::people::Activity;

/// Declares a function from the variants of an enum to words of the catalogue.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident($kind:ident) { $($variant:ident => $key:literal),* $(,)? }) => {
        $(#[$doc])*
        pub fn $name(value: $kind) -> String {
            match value { $($kind::$variant => t!($key)),* }.into_owned()
        }
    };
}

words!(
    /// 微 小 中 大.
    level(Level) {
        Micro => "level.micro", Small => "level.small", Medium => "level.medium", Large => "level.large",
    }
);
words!(
    /// Where an incident stands.
    incident_state(IncidentState) {
        Reported => "incident_state.reported", PendingFile => "incident_state.pending_file",
        Filed => "incident_state.filed", NotAccepted => "incident_state.not_accepted",
        Dispatched => "incident_state.dispatched", Handling => "incident_state.handling",
        Handled => "incident_state.handled", Returned => "incident_state.returned",
        Suspended => "incident_state.suspended", Closed => "incident_state.closed",
        Cancelled => "incident_state.cancelled",
    }
);
words!(
    /// Where an order stands.
    order_state(OrderState) {
        Queued => "order_state.queued", Parked => "order_state.parked", Sent => "order_state.sent",
        Delivered => "order_state.delivered", Read => "order_state.read",
        Accepted => "order_state.accepted", Arrived => "order_state.arrived",
        Done => "order_state.done", Refused => "order_state.refused",
        Withdrawn => "order_state.withdrawn",
    }
);
words!(
    /// A layer of the map that can be hidden.
    map_layer(MapLayer) {
        Incidents => "map_layers.incidents", StreetStaff => "map_layers.street_staff",
        StationedForce => "map_layers.stationed_force", SocialForce => "map_layers.social_force",
        Trails => "map_layers.trails", Cameras => "map_layers.cameras",
        Grids => "map_layers.grids", Heat => "map_layers.heat",
    }
);
words!(
    /// Class of people.
    person_class(PersonClass) {
        StreetStaff => "person_class.street_staff", StationedForce => "person_class.stationed_force",
        SocialForce => "person_class.social_force",
    }
);
words!(
    /// Post of a person.
    post(Post) {
        StreetOfficial => "post.street_official", CommunityWorker => "post.community_worker",
        GridHead => "post.grid_head", GridMember => "post.grid_member", Police => "post.police",
        CityManagement => "post.city_management", Emergency => "post.emergency",
        PublicOrder => "post.public_order", Maintenance => "post.maintenance",
        MicroGridMember => "post.micro_grid_member", BuildingHead => "post.building_head",
        Volunteer => "post.volunteer",
    }
);
words!(
    /// Skill of a person.
    skill(Skill) {
        Electrician => "skill.electrician", Plumbing => "skill.plumbing",
        FirstAid => "skill.first_aid", Firefighting => "skill.firefighting",
        Mediation => "skill.mediation", StreetOrder => "skill.street_order",
        Sanitation => "skill.sanitation", RoadRepair => "skill.road_repair",
        PublicSecurity => "skill.public_security", FloodControl => "skill.flood_control",
        Greenery => "skill.greenery",
    }
);
words!(
    /// How a person moves.
    travel_mode(TravelMode) {
        Walk => "travel.walk", EBike => "travel.e_bike", Car => "travel.car",
    }
);
words!(
    /// What a person is doing.
    activity(Activity) {
        Available => "activity.available", Busy => "activity.busy", OffDuty => "activity.off_duty",
    }
);
words!(
    /// How far a position can be trusted.
    position_age(PositionAge) {
        Fresh => "position_age.fresh", Stale => "position_age.stale", Lost => "position_age.lost",
    }
);
words!(
    /// Who brought a position.
    position_source(PositionSource) {
        Field => "position_source.field", Hall => "position_source.hall",
        Seed => "position_source.seed", Unknown => "position_source.unknown",
    }
);
words!(
    /// Why somebody is not offered for dispatch.
    not_offered(NotOffered) {
        OffDuty => "not_offered.off_duty", PositionLost => "not_offered.position_lost",
        NotResponsible => "not_offered.not_responsible", Unreachable => "not_offered.unreachable",
        Overloaded => "not_offered.overloaded", LevelAboveClass => "not_offered.level_above_class",
        SkillNeeded => "not_offered.skill_needed", LeadFirst => "not_offered.lead_first",
    }
);
words!(
    /// Where a report came from.
    channel(SourceChannel) {
        GridPatrol => "channel.grid_patrol", Hotline12345 => "channel.hotline_12345",
        CitizenSnapshot => "channel.citizen_snapshot", SocialMedia => "channel.social_media",
        PoliceTransfer => "channel.police_transfer", FireTransfer => "channel.fire_transfer",
        EmergencyOffice => "channel.emergency_office", AiCamera => "channel.ai_camera",
        IotSensor => "channel.iot_sensor", CityCollector => "channel.city_collector",
        LetterVisit => "channel.letter_visit", Media => "channel.media",
        LeaderInstruction => "channel.leader_instruction", HigherDispatch => "channel.higher_dispatch",
        DepartmentTransfer => "channel.department_transfer",
        PropertyCompany => "channel.property_company", VolunteerReport => "channel.volunteer_report",
        DutyPhone => "channel.duty_phone", Inspection => "channel.inspection",
    }
);
words!(
    /// What a sensor watches.
    sensor_kind(SensorKind) {
        WaterLevel => "sensor_kind.water_level", Smoke => "sensor_kind.smoke",
        Gas => "sensor_kind.gas", Environment => "sensor_kind.environment",
    }
);
words!(
    /// Role of an officer.
    role(OfficerRole) {
        ShiftLeader => "role.shift_leader", DutyOfficer => "role.duty_officer",
        StreetLeader => "role.street_leader", ItOfficer => "role.it_officer",
    }
);
words!(
    /// Normal or emergency with its level.
    mode(Mode) {
        Normal => "mode.normal", EmergencyBlue => "mode.emergency_blue",
        EmergencyYellow => "mode.emergency_yellow", EmergencyOrange => "mode.emergency_orange",
        EmergencyRed => "mode.emergency_red",
    }
);
words!(
    /// State of the line.
    line_state(LineState) {
        Connecting => "line.connecting", Online => "line.online", Offline => "line.offline",
        SwitchedOff => "line.switched_off", ProtocolMismatch => "line.protocol_mismatch",
        KeyRefused => "line.key_refused", Nonsense => "line.nonsense",
    }
);
words!(
    /// What officers must be told once.
    notice(NoticeKind) {
        CacheRebuilt => "notice.cache_rebuilt", OutboxRescued => "notice.outbox_rescued",
        OutboxLocked => "notice.outbox_locked", KeyInFile => "notice.key_in_file",
        MapUnreadable => "notice.map_unreadable", WindowReloaded => "notice.window_reloaded",
        ClockOffset => "notice.clock_offset", StorageFailed => "notice.storage_failed",
        MapReplaced => "notice.map_replaced", MapOffline => "notice.map_offline",
        LogReplaced => "notice.log_replaced", NotEncrypted => "notice.not_encrypted",
        CacheInMemory => "notice.cache_in_memory", CacheOverBudget => "notice.cache_over_budget",
        SignInAgain => "notice.sign_in_again", OfficerRevoked => "notice.officer_revoked",
        MapAhead => "notice.map_ahead", BackendFailed => "notice.backend_failed",
    }
);
words!(
    /// Level of a grid.
    grid_level(GridLevel) {
        Community => "grid_level.community", General => "grid_level.general",
        Micro => "grid_level.micro", Unit => "grid_level.unit", Exclusive => "grid_level.exclusive",
    }
);
words!(
    /// Lamp of a clock.
    lamp(Lamp) {
        Green => "lamp.green", Yellow => "lamp.yellow", Red => "lamp.red",
    }
);

/// Why a matter has its level, in the language of the screens; records from before the English was
/// kept, and what an officer wrote, stand as they are.
pub fn level_reason(zh: &str, en: &str) -> String {
    level_reason_in(&rust_i18n::locale(), zh, en)
}

fn level_reason_in(locale: &str, zh: &str, en: &str) -> String {
    let is_chinese = locale.starts_with("zh") || en.trim().is_empty();
    if is_chinese { zh } else { en }.to_owned()
}

/// The part of a message of the hall or the backend that is in the language of the screens. Both say
/// what went wrong as `中文 / English`; what stands in one language only stands as it is.
pub fn message(both: &str) -> String {
    message_in(&rust_i18n::locale(), both).to_owned()
}

fn message_in<'a>(locale: &str, both: &'a str) -> &'a str {
    let is_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let halves = both
        .match_indices(" / ")
        .map(|(at, between)| (&both[..at], &both[at + between.len()..]));
    // Names in the English half may be Chinese, so the first place where English begins counts.
    let begins_latin = |text: &str| text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let mut halves = halves.filter(|(zh, en)| is_chinese(zh) && begins_latin(en));
    match halves.next() {
        Some((zh, _)) if locale.starts_with("zh") => zh,
        Some((_, en)) => en,
        None => both,
    }
}

/// Name of a grid of any level or of a responsibility grid, and what kind of grid it is; `None` for
/// a code that the reference data in force do not know.
pub fn grid_words(catalogue: &Catalogue, code: &GridCode) -> Option<(String, String)> {
    if let Some(grid) = catalogue.grid(code) {
        return Some((grid.name.clone(), grid_level(grid.level)));
    }
    let grid = catalogue.responsibility_grid(code)?;
    let kind = t!("grid_level.responsibility", kind = grid.kind).into_owned();
    Some((grid.name.clone(), kind))
}

/// What an action is called, on buttons and in the trail.
pub fn action(action: &Action) -> String {
    match action {
        Action::Report(_) => t!("action.report"),
        Action::Verify => t!("action.verify"),
        Action::File { .. } => t!("action.file"),
        Action::NotAccept => t!("action.not_accept"),
        Action::Dispatch { .. } => t!("action.dispatch"),
        Action::Undispatch { .. } => t!("action.undispatch"),
        Action::StartHandling { .. } => t!("action.start_handling"),
        Action::Handled { .. } => t!("action.handled"),
        Action::Return => t!("action.return"),
        Action::Suspend => t!("action.suspend"),
        Action::Resume => t!("action.resume"),
        Action::Extend => t!("action.extend"),
        Action::Rework => t!("action.rework"),
        Action::Close => t!("action.close"),
        Action::ForceClose => t!("action.force_close"),
        Action::Cancel => t!("action.cancel"),
        Action::Supervise => t!("action.supervise"),
        Action::Note { .. } => t!("action.note"),
        Action::Recategorise { .. } => t!("action.recategorise"),
        Action::SetLevel { .. } => t!("action.set_level"),
        Action::Convene { .. } => t!("action.convene"),
        Action::Assisted { .. } => t!("action.assisted"),
        Action::ReplyToSupervision { .. } => t!("action.reply_to_supervision"),
        Action::ContactCaller => t!("action.contact_caller"),
        Action::CallBack(_) => t!("action.call_back"),
        Action::FlagUnreasonable { .. } => t!("action.flag_unreasonable"),
        Action::MarkDuplicate { .. } => t!("action.mark_duplicate"),
        Action::JudgeDispatch { .. } => t!("action.judge_dispatch"),
        Action::Escalate { .. } => t!("action.escalate"),
        Action::Whistle { .. } => t!("action.whistle"),
        Action::SignIn { .. } => t!("action.sign_in"),
        Action::WhistleHandled { .. } => t!("action.whistle_handled"),
        Action::RateDepartment { .. } => t!("action.rate_department"),
        Action::AdjustPoints { .. } => t!("action.adjust_points"),
    }
    .into_owned()
}

/// Name of a set, for filters and headings.
pub fn incident_set(set: &IncidentSet, catalogue: Option<&Catalogue>) -> String {
    match set {
        IncidentSet::Open => t!("set.open").into_owned(),
        IncidentSet::Overdue => t!("set.overdue").into_owned(),
        IncidentSet::AwaitingDispatch => t!("set.awaiting_dispatch").into_owned(),
        IncidentSet::UnderWay => t!("set.under_way").into_owned(),
        IncidentSet::AwaitingCheck => t!("set.awaiting_check").into_owned(),
        IncidentSet::DoneToday => t!("set.done_today").into_owned(),
        IncidentSet::ReportedToday => t!("set.reported_today").into_owned(),
        IncidentSet::Supervised => t!("set.supervised").into_owned(),
        IncidentSet::OpenOfLevel(of) => t!("set.of_level", level = level(*of)).into_owned(),
        IncidentSet::OpenInState(state) => incident_state(*state),
        IncidentSet::OpenOfMajor(kind, major) => {
            catalogue.map_or_else(|| format!("{major:02}"), |c| c.major_name(*kind, *major))
        }
        IncidentSet::OpenInGrid(code) => {
            catalogue.map_or_else(|| code.to_string(), |c| c.grid_name(code))
        }
    }
}

/// A limit such as `4 工作时`.
pub fn limit(limit: Limit) -> String {
    let amount = limit.amount;
    match limit.unit {
        LimitUnit::EmergencyMinute => t!("limit.emergency_minute", amount = amount),
        LimitUnit::EmergencyHour => t!("limit.emergency_hour", amount = amount),
        LimitUnit::EmergencyDay => t!("limit.emergency_day", amount = amount),
        LimitUnit::WorkingHour => t!("limit.working_hour", amount = amount),
        LimitUnit::WorkingDay => t!("limit.working_day", amount = amount),
    }
    .into_owned()
}

/// The number of a matter; of one that has none yet the end of its provisional one, which is enough
/// to tell two calls apart. What is copied is always the whole.
pub fn incident_number(id: IncidentId) -> String {
    let whole = id.to_string();
    if !id.is_provisional() {
        return whole;
    }
    let end = whole
        .get(whole.len().saturating_sub(4)..)
        .unwrap_or_default();
    t!("report.number", id = end.to_uppercase()).into_owned()
}

/// A span of time in at most two units, such as `3 分 20 秒` or `2 天 4 时`.
pub fn duration(ms: i64) -> String {
    let total_s = ms.unsigned_abs() / 1000;
    let (days, hours) = (total_s / 86_400, total_s / 3600 % 24);
    let (minutes, seconds) = (total_s / 60 % 60, total_s % 60);
    if days > 0 {
        t!("duration.days", days = days, hours = hours)
    } else if hours > 0 {
        t!("duration.hours", hours = hours, minutes = minutes)
    } else if minutes > 0 {
        t!("duration.minutes", minutes = minutes, seconds = seconds)
    } else {
        t!("duration.seconds", seconds = seconds)
    }
    .into_owned()
}

/// A span as a clock shows it: `1:02:03`, `12:03`, from a day on `2 天 4 时`.
pub fn running_time(ms: i64) -> String {
    if ms.unsigned_abs() >= DAY_MS.unsigned_abs() {
        return duration(ms);
    }
    hours_and_less(ms)
}

/// The same of working time, whose day has as many hours as the calendar's: `3 工作日 2 时`.
pub fn running_working_time(ms: i64, working_day_ms: i64) -> String {
    // A calendar without windows has no working day.
    let total_ms = ms.unsigned_abs();
    let day_ms = u64::try_from(working_day_ms).unwrap_or(0);
    if day_ms == 0 || total_ms < day_ms {
        return hours_and_less(ms);
    }
    let hours = total_ms % day_ms / HOUR_MS.unsigned_abs();
    t!(
        "duration.working_days",
        days = total_ms / day_ms,
        hours = hours
    )
    .into_owned()
}

fn hours_and_less(ms: i64) -> String {
    let total_s = ms.unsigned_abs() / 1000;
    let (hours, minutes, seconds) = (total_s / 3600, total_s / 60 % 60, total_s % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

/// How long ago something was, such as `3 分钟前`; coarse, for ages that are read in passing.
pub fn age(ms: i64) -> String {
    let seconds = ms.max(0) / 1000;
    match seconds {
        0..=9 => t!("age.now"),
        10..=59 => t!("age.seconds", count = seconds),
        60..=3599 => t!("age.minutes", count = seconds / 60),
        3600..=86_399 => t!("age.hours", count = seconds / 3600),
        _ => t!("age.days", count = seconds / 86_400),
    }
    .into_owned()
}

/// A moment to the minute, with month and day in front when it was not today, and the year when it was
/// another one.
pub fn minute(at: Timestamp, today: Timestamp) -> String {
    let time = at.local_hm();
    if at.local_date() == today.local_date() {
        return time;
    }
    let day = at.local_ymd();
    if at.local_date().year() == today.local_date().year() {
        return format!("{} {time}", day.get(5..).unwrap_or(&day));
    }
    format!("{day} {time}")
}

/// Name of an officer, or the sign-in name while there is no list.
pub fn officer_name(officer: &OfficerId, officers: &[Officer]) -> String {
    let known = officers.iter().find(|known| known.id == *officer);
    known.map_or_else(|| officer.to_string(), |known| known.name.clone())
}

/// A distance such as `420 m` or `1.3 km`.
pub fn distance(metres: f64) -> String {
    if metres < 995.0 {
        format!("{:.0} m", (metres / 10.0).round() * 10.0)
    } else {
        format!("{:.1} km", metres / 1000.0)
    }
}

/// A measured length: whole metres, from a kilometre on with two decimals.
pub fn measured(metres: f64) -> String {
    if metres < 999.5 {
        format!("{metres:.0} m")
    } else {
        format!("{:.2} km", metres / 1000.0)
    }
}

/// `11月20日 星期五`.
pub fn date(at: Timestamp) -> String {
    let date = at.local_date();
    let weekday = [
        t!("weekday.monday"),
        t!("weekday.tuesday"),
        t!("weekday.wednesday"),
        t!("weekday.thursday"),
        t!("weekday.friday"),
        t!("weekday.saturday"),
        t!("weekday.sunday"),
    ];
    let weekday = &weekday[usize::from(date.weekday().number_days_from_monday())];
    t!(
        "date.day",
        year = date.year(),
        month = u8::from(date.month()),
        day = date.day(),
        weekday = weekday
    )
    .into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_said_in_the_language_of_the_screens_as_far_as_it_is_known() {
        let said = |locale, en| level_reason_in(locale, "危及生命", en);
        assert_eq!(said("zh-CN", "life is in danger"), "危及生命");
        assert_eq!(said("en", "life is in danger"), "life is in danger");
        assert_eq!(said("en", ""), "危及生命");
    }

    #[test]
    fn a_message_is_shown_in_one_language() {
        let both = "P009999 不在名册中（案件 20261120-0005） / P009999 is not in the roster";
        assert_eq!(
            message_in("zh-CN", both),
            "P009999 不在名册中（案件 20261120-0005）"
        );
        assert_eq!(message_in("en", both), "P009999 is not in the roster");
        let nested = "后台无法连接 / the backend cannot be reached: 未及时应答 / no answer in time";
        assert_eq!(message_in("zh-CN", nested), "后台无法连接");
        assert!(message_in("en", nested).starts_with("the backend cannot"));
        for single in ["磁盘已满", "no such command", "a / b", ""] {
            assert_eq!(message_in("zh-CN", single), single);
            assert_eq!(message_in("en", single), single);
        }
    }
}
