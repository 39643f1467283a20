//! How fast frames follow each other, and the figures that are reported.

use map_protocol::Held;

/// Frames that follow each other more slowly than this are too slow to show a glide.
const SLOW_PACE_MS: f64 = 70.0;
/// Reports of figures are at least this far apart.
const REPORT_EVERY_MS: f64 = 1_000.0;
/// A picture whose frames follow each other more slowly than this for so long is hard to use, and
/// is so until they are clearly faster again.
const HARD_PACE_MS: f64 = 250.0;
const EASY_PACE_MS: f64 = 150.0;
const HARD_FOR_MS: f64 = 3_000.0;
/// A frame that is wanted is let through within a screen's refresh, unless frames before it are
/// still being drawn: beyond the first of these times, on average, drawing lags behind, and does so
/// until it is below the second.
const LAGGING_WAIT_MS: f64 = 90.0;
const PROMPT_WAIT_MS: f64 = 40.0;
/// Whoever waits longer was not shown meanwhile.
const LONGEST_WAIT_MS: f64 = 10_000.0;
/// Frame times kept for one report; a second holds fewer.
const MAX_TIMES: usize = 512;

/// How fast frames follow each other while something moves.
#[derive(Debug, Default)]
pub struct Pace {
    mean_ms: f64,
    last_ms: Option<f64>,
    /// Since when frames come slowly without a pause.
    hard_since_ms: Option<f64>,
    is_hard: bool,
    /// How long frames wait until they are let through.
    wait_ms: f64,
    lags: bool,
}

impl Pace {
    /// A frame was wanted for so long before it was let through.
    pub fn note_wait(&mut self, waited_ms: f64) {
        if (0.0..LONGEST_WAIT_MS).contains(&waited_ms) {
            self.wait_ms += (waited_ms.min(1000.0) - self.wait_ms) * 0.3;
        }
        let limit_ms = if self.lags {
            PROMPT_WAIT_MS
        } else {
            LAGGING_WAIT_MS
        };
        self.lags = self.wait_ms > limit_ms;
    }

    /// Whether drawing lags behind what is wanted, as without a graphics card.
    pub fn lags(&self) -> bool {
        self.lags
    }

    /// A frame was drawn; `more` says whether the next one follows at once.
    pub fn note(&mut self, now_ms: f64, more: bool) {
        if let Some(last_ms) = self.last_ms {
            self.mean_ms += ((now_ms - last_ms).clamp(0.0, 1000.0) - self.mean_ms) * 0.2;
        }
        self.last_ms = more.then_some(now_ms);
        if !more || self.mean_ms < HARD_PACE_MS {
            self.hard_since_ms = None;
        } else if self.hard_since_ms.is_none() {
            self.hard_since_ms = Some(now_ms);
        }
    }

    /// Whether frames come so slowly, as without a graphics card, that gliding would only keep the
    /// processor busy.
    pub fn is_slow(&self) -> bool {
        self.mean_ms > SLOW_PACE_MS
    }

    /// Milliseconds between two frames while something moves.
    pub fn mean_ms(&self) -> f64 {
        self.mean_ms
    }

    /// Whether the picture has become, or still is, hard to use for another [`HARD_FOR_MS`]
    /// (`true`), or is so no longer (`false`); `None` where there is no news.
    pub fn news(&mut self, now_ms: f64) -> Option<bool> {
        let hard_for_ms = self.hard_since_ms.map(|since_ms| now_ms - since_ms);
        if hard_for_ms.is_some_and(|hard_ms| hard_ms >= HARD_FOR_MS) {
            self.hard_since_ms = Some(now_ms);
            self.is_hard = true;
            return Some(true);
        }
        let is_over = self.is_hard && self.mean_ms < EASY_PACE_MS;
        is_over.then(|| {
            self.is_hard = false;
            false
        })
    }
}

/// Messages since the last report.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traffic {
    pub taken: u32,
    pub given: u32,
}

/// A limit that is told once each time it is passed.
#[derive(Debug, Default)]
pub struct Limit {
    is_passed: bool,
}

impl Limit {
    /// Whether the limit is passed now and was not before.
    pub fn is_newly_passed(&mut self, held: Held) -> bool {
        let before = std::mem::replace(&mut self.is_passed, held.bytes > held.limit);
        self.is_passed && !before
    }
}

/// Figures since the last report.
#[derive(Debug, Default)]
pub struct Stats {
    frames: u32,
    sum_ms: f64,
    max_ms: f64,
    times_ms: Vec<f64>,
    reported_ms: f64,
}

/// The figures of one report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    pub frames: u32,
    pub mean_ms: f64,
    pub max_ms: f64,
    /// 95 of 100 frames took at most so long.
    pub p95_ms: f64,
}

impl Stats {
    /// Notes a frame that took so long; answers the figures where a report is due.
    pub fn note(&mut self, now_ms: f64, frame_ms: f64) -> Option<Figures> {
        self.frames += 1;
        self.sum_ms += frame_ms;
        self.max_ms = self.max_ms.max(frame_ms);
        if self.times_ms.len() < MAX_TIMES {
            self.times_ms.push(frame_ms);
        }
        if now_ms - self.reported_ms < REPORT_EVERY_MS {
            return None;
        }
        self.times_ms.sort_by(f64::total_cmp);
        let figures = Figures {
            frames: self.frames,
            mean_ms: self.sum_ms / f64::from(self.frames),
            max_ms: self.max_ms,
            p95_ms: quantile(&self.times_ms, 0.95),
        };
        let mut times_ms = std::mem::take(&mut self.times_ms);
        times_ms.clear();
        *self = Self {
            reported_ms: now_ms,
            times_ms,
            ..Self::default()
        };
        Some(figures)
    }
}

/// The smallest of the sorted values that is at least as large as that share of them.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    let at = rank.clamp(1, sorted.len().max(1)) - 1;
    sorted.get(at).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_frames_that_follow_each_other_tell_the_pace() {
        let mut pace = Pace::default();
        for second in 0..20 {
            pace.note(f64::from(second) * 1000.0, false);
        }
        assert!(!pace.is_slow(), "one frame a second is a resting map");
        for frame in 0..20 {
            pace.note(20_000.0 + f64::from(frame) * 300.0, true);
        }
        assert!(pace.is_slow());
        for frame in 0..20 {
            pace.note(26_000.0 + f64::from(frame) * 16.0, true);
        }
        assert!(!pace.is_slow());
    }

    /// What is told while frames follow each other at a pace, from a time on, for so long.
    fn told(pace: &mut Pace, from_ms: f64, frame_ms: f64, for_ms: f64) -> Vec<bool> {
        let frames = (for_ms / frame_ms) as u32;
        let at = |frame: u32| from_ms + f64::from(frame) * frame_ms;
        let mut note = |frame| {
            pace.note(at(frame), true);
            pace.news(at(frame))
        };
        (0..frames).filter_map(&mut note).collect()
    }

    #[test]
    fn a_picture_that_stays_hard_to_use_is_told_again_and_again_until_it_is_over() {
        let mut pace = Pace::default();
        assert_eq!(told(&mut pace, 0.0, 16.0, 10_000.0), [false; 0]);
        assert_eq!(
            told(&mut pace, 10_000.0, 400.0, 2_500.0),
            [false; 0],
            "not yet"
        );
        assert_eq!(
            told(&mut pace, 12_500.0, 400.0, 7_500.0),
            [true, true],
            "every three seconds"
        );
        assert_eq!(told(&mut pace, 20_000.0, 16.0, 2_000.0), [false]);
        assert_eq!(told(&mut pace, 22_000.0, 16.0, 2_000.0), [false; 0]);
    }

    #[test]
    fn drawing_lags_when_frames_wait_for_it_and_not_when_a_window_was_hidden() {
        let mut pace = Pace::default();
        let mut wait = |ms: f64, times: usize| {
            for _ in 0..times {
                pace.note_wait(ms);
            }
            pace.lags()
        };
        assert!(!wait(16.0, 50));
        assert!(!wait(3_600_000.0, 3), "hidden for an hour");
        assert!(!wait(200.0, 1), "once");
        assert!(wait(400.0, 5));
        assert!(wait(60.0, 20), "it is not clearly over");
        assert!(!wait(16.0, 20));
    }

    #[test]
    fn one_long_frame_is_no_slow_picture() {
        let mut pace = Pace::default();
        told(&mut pace, 0.0, 16.0, 1_000.0);
        pace.note(9_000.0, true);
        assert_eq!(pace.news(9_000.0), None);
        assert_eq!(told(&mut pace, 9_016.0, 16.0, 5_000.0), [false; 0]);
    }

    #[test]
    fn figures_are_reported_once_a_second() {
        let mut stats = Stats {
            reported_ms: 5_000.0,
            ..Stats::default()
        };
        assert_eq!(stats.note(5_500.0, 2.0), None);
        let figures = Figures {
            frames: 2,
            mean_ms: 3.0,
            max_ms: 4.0,
            p95_ms: 4.0,
        };
        assert_eq!(stats.note(6_000.0, 4.0), Some(figures));
        assert_eq!(stats.note(6_100.0, 1.0), None);
    }

    #[test]
    fn ninety_five_of_a_hundred_frames() {
        let times: Vec<f64> = (1..=100).map(f64::from).collect();
        let close = |a: f64, b: f64| (a - b).abs() < f64::EPSILON;
        assert!(close(quantile(&times, 0.95), 95.0));
        assert!(close(quantile(&times[..1], 0.95), 1.0));
        assert!(close(quantile(&[], 0.95), 0.0));
    }

    #[test]
    fn a_passed_limit_is_told_once() {
        let mut limit = Limit::default();
        let held = |bytes| Held { bytes, limit: 10 };
        let told = [11, 12, 9, 10, 11].map(|bytes| limit.is_newly_passed(held(bytes)));
        assert_eq!(told, [true, false, false, false, true]);
    }
}
