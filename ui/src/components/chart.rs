//! Two plain charts: the day curve and the share of a whole. Drawn as SVG shapes without styles of
//! their own, which the content security policy would refuse.

use leptos::prelude::*;
use rust_i18n::t;

use crate::state::panels::HourCount;

/// Width of one hour in the units of the drawing, with the gap beside it.
const HOUR_WIDTH: usize = 10;
const BAR_WIDTH: usize = 7;
const HEIGHT: f64 = 100.0;
/// An hour with a report is at least this high, so that it is seen.
const LEAST_HEIGHT: f64 = 3.0;

/// The top of the scale: a round number not below the peak.
fn scale_top(peak: u32) -> u32 {
    let steps = [5, 10, 15, 20, 30, 40, 50, 80, 100, 150, 200, 300, 400, 500];
    steps
        .into_iter()
        .find(|step| *step >= peak)
        .unwrap_or_else(|| peak.div_ceil(1000) * 1000)
}

fn bar_height(reported: u32, top: u32) -> f64 {
    if reported == 0 {
        return 0.0;
    }
    (f64::from(reported) / f64::from(top.max(1)) * HEIGHT).max(LEAST_HEIGHT)
}

/// Reports of the last 24 hours as bars, the running hour set apart.
#[component]
pub fn DayCurve(
    /// 24 hours, oldest first.
    #[prop(into)]
    hours: Signal<Vec<HourCount>>,
) -> impl IntoView {
    let peak = Memo::new(move |_| hours.with(|h| h.iter().map(|h| h.reported).max().unwrap_or(0)));
    let top = Memo::new(move |_| scale_top(peak.get()));
    let bars = move || {
        hours.with(|hours| {
            let last = hours.len().saturating_sub(1);
            let bar = |(i, hour): (usize, &HourCount)| {
                let height = bar_height(hour.reported, top.get());
                let words = t!("chart.hour", hour = hour.hour, count = hour.reported).into_owned();
                view! {
                    <rect
                        class=if i == last { "bar bar-now" } else { "bar" }
                        x=i * HOUR_WIDTH
                        y=HEIGHT - height
                        width=BAR_WIDTH
                        height=height
                    >
                        <title>{words}</title>
                    </rect>
                }
            };
            hours.iter().enumerate().map(bar).collect_view()
        })
    };
    let labels = move || {
        hours.with(|hours| {
            hours
                .iter()
                .step_by(6)
                .map(|h| view! { <span>{format!("{:02}:00", h.hour)}</span> })
                .collect_view()
        })
    };
    let summary = move || {
        let count: u32 = hours.with(|h| h.iter().map(|h| h.reported).sum());
        t!("chart.day_curve", count = count, peak = peak.get()).into_owned()
    };
    view! {
        <figure class="day-curve" role="img" aria-label=summary>
            <div class="day-curve-plot">
                <span class="day-curve-top">{top}</span>
                <svg viewBox="0 0 237 100" preserveAspectRatio="none">
                    <line class="axis" x1="0" y1="0" x2="237" y2="0"></line>
                    <line class="axis" x1="0" y1="50" x2="237" y2="50"></line>
                    {bars}
                    <line class="axis axis-ground" x1="0" y1="100" x2="237" y2="100"></line>
                </svg>
            </div>
            <div class="day-curve-hours" aria-hidden="true">{labels}</div>
        </figure>
    }
}

/// A thin bar that shows a part of a whole.
#[component]
pub fn ShareBar(
    /// The part.
    #[prop(into)]
    part: Signal<usize>,
    /// The whole; an empty whole draws an empty bar.
    #[prop(into)]
    whole: Signal<usize>,
    /// Class that colours it, such as `level-large`.
    #[prop(default = "")]
    class: &'static str,
) -> impl IntoView {
    let width = move || {
        let share = part.get() as f64 / whole.get().max(1) as f64;
        format!("{:.2}", share.clamp(0.0, 1.0) * HEIGHT)
    };
    view! {
        <svg
            class=format!("share-bar {class}")
            viewBox="0 0 100 1"
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            <rect class="share-bar-whole" width="100" height="1"></rect>
            <rect class="share-bar-part" width=width height="1"></rect>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_ends_at_a_round_number_not_below_the_peak() {
        for (peak, top) in [(0, 5), (5, 5), (6, 10), (33, 40), (500, 500), (501, 1000)] {
            assert_eq!(scale_top(peak), top);
        }
    }

    #[test]
    fn an_hour_with_one_report_is_seen_and_none_is_not() {
        assert!(bar_height(1, 500) >= LEAST_HEIGHT);
        assert!(bar_height(0, 500).abs() < f64::EPSILON);
        assert!((bar_height(500, 500) - HEIGHT).abs() < f64::EPSILON);
    }
}
