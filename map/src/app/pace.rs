//! How fast frames follow each other, and the figures that are reported.

/// Frames that follow each other more slowly than this are too slow to show a glide.
const SLOW_PACE_MS: f64 = 70.0;
/// Reports of figures are at least this far apart.
const REPORT_EVERY_MS: f64 = 1_000.0;

/// How fast frames follow each other while something moves.
#[derive(Debug, Default)]
pub struct Pace {
    mean_ms: f64,
    last_ms: Option<f64>,
}

impl Pace {
    /// A frame was drawn; `more` says whether the next one follows at once.
    pub fn note(&mut self, now_ms: f64, more: bool) {
        if let Some(last_ms) = self.last_ms {
            self.mean_ms += ((now_ms - last_ms).clamp(0.0, 1000.0) - self.mean_ms) * 0.2;
        }
        self.last_ms = more.then_some(now_ms);
    }

    /// Whether frames come so slowly, as without a graphics card, that gliding would only keep the
    /// processor busy.
    pub fn is_slow(&self) -> bool {
        self.mean_ms > SLOW_PACE_MS
    }
}

/// Figures since the last report.
#[derive(Debug, Default)]
pub struct Stats {
    frames: u32,
    sum_ms: f64,
    max_ms: f64,
    reported_ms: f64,
}

/// The figures of one report.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    pub frames: u32,
    pub mean_ms: f64,
    pub max_ms: f64,
}

impl Stats {
    /// Notes a frame that took so long; answers the figures where a report is due.
    pub fn note(&mut self, now_ms: f64, frame_ms: f64) -> Option<Figures> {
        self.frames += 1;
        self.sum_ms += frame_ms;
        self.max_ms = self.max_ms.max(frame_ms);
        if now_ms - self.reported_ms < REPORT_EVERY_MS {
            return None;
        }
        let done = std::mem::replace(
            self,
            Self {
                reported_ms: now_ms,
                ..Self::default()
            },
        );
        Some(Figures {
            frames: done.frames,
            mean_ms: done.sum_ms / f64::from(done.frames),
            max_ms: done.max_ms,
        })
    }
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
        };
        assert_eq!(stats.note(6_000.0, 4.0), Some(figures));
        assert_eq!(stats.note(6_100.0, 1.0), None);
    }
}
