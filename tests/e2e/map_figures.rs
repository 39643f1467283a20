//! The figures of the map in the real window, for whoever looks for the cause of a slow screen: the
//! times of frames, the tiles and who has built them, and what is held in memory against its limits.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::map_hand::{focus_map, open_map, press};
use crate::support::{Hall, HallOptions, eventually_some};

/// A minute of frames in software would not be believed.
const LONGEST_FRAME_MS: f64 = 10_000.0;

/// What is held in memory, with the limits in megabytes that docs/map.md states, and whether there is
/// any of it once the map is drawn.
const HELD_MB: [(&str, f64, bool); 5] = [
    ("原始瓦片", 48.0, true),
    ("待取用瓦片", 16.0, false),
    ("显存瓦片", 192.0, true),
    ("字形图集", 4.0, true),
    ("动态图层", 160.0, true),
];

/// The figures that are shown, by their names.
#[derive(Debug)]
struct Figures(BTreeMap<String, String>);

impl Figures {
    async fn read(hall: &Hall) -> Self {
        let script = "return [...document.querySelectorAll(\"[data-testid='map-figures'] dt\")]
            .map(name => [name.textContent, name.nextElementSibling.textContent])";
        let rows = hall.client.execute(script, Vec::new()).await.unwrap();
        let rows: Vec<(String, String)> = serde_json::from_value(rows).unwrap();
        Self(rows.into_iter().collect())
    }

    /// The numbers of a figure, without their unit; `None` while so many are not shown.
    fn numbers<const COUNT: usize>(&self, name: &str) -> Option<[f64; COUNT]> {
        let words = self.0.get(name)?;
        let numbers: Vec<f64> = words
            .split(['/', ' '])
            .filter_map(|part| part.parse().ok())
            .collect();
        numbers.try_into().ok()
    }
}

/// Opens the figures of a map that is drawn and has moved.
async fn open_figures(hall: &Hall) {
    open_map(hall).await;
    let script = "window.dispatchEvent(new KeyboardEvent('keydown',
        { key: 'F', ctrlKey: true, shiftKey: true, bubbles: true }))";
    hall.client.execute(script, Vec::new()).await.unwrap();
    focus_map(hall).await;
    press(hall, "+").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_figures_say_how_long_frames_take_and_what_is_held() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_figures(&hall).await;
    let moving = eventually_some("frames are counted", Duration::from_mins(1), async || {
        let figures = Figures::read(&hall).await;
        let [frames] = figures.numbers("每秒帧数")?;
        (frames >= 1.0).then_some(figures)
    })
    .await;
    let [mean, most_take, longest] = moving.numbers("帧耗时 均值 / 95% / 最大").unwrap();
    assert!(
        0.0 < mean && mean <= longest && most_take <= longest && longest < LONGEST_FRAME_MS,
        "{moving:?}"
    );
    let [between] = moving.numbers("帧间隔").unwrap();
    assert!((0.0..=LONGEST_FRAME_MS).contains(&between), "{moving:?}");
    let [draws] = moving.numbers("绘制调用").unwrap();
    assert!(draws >= 1.0, "{moving:?}");

    let all = eventually_some("every tile is shown", Duration::from_mins(1), async || {
        let figures = Figures::read(&hall).await;
        let [shown, awaited] = figures.numbers("瓦片 显示 / 等待")?;
        (shown >= 1.0 && awaited == 0.0).then_some(figures)
    })
    .await;
    for (name, stated_mb, is_there) in HELD_MB {
        let [held_mb, limit_mb] = all.numbers(name).unwrap();
        assert!((limit_mb - stated_mb).abs() < 0.5, "{name}: {all:?}");
        assert!(held_mb <= limit_mb, "{name}: {all:?}");
        assert_eq!(held_mb > 0.0, is_there, "{name}: {all:?}");
    }
    let renderer = all.0.get("渲染器").unwrap();
    assert!(renderer.contains("Gl"), "{renderer}");
    assert_eq!(all.numbers("重建次数"), Some([0.0]));
    hall.keep_picture("map-figures").await;
    hall.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tile_is_built_by_the_worker_and_none_on_the_pages_thread() {
    let dir = tempfile::tempdir().unwrap();
    let hall = Hall::start(&dir.path().join("hall"), &HallOptions::default()).await;
    open_figures(&hall).await;
    let figures = eventually_some("every tile is shown", Duration::from_mins(1), async || {
        let figures = Figures::read(&hall).await;
        let [shown, awaited] = figures.numbers("瓦片 显示 / 等待")?;
        (shown >= 1.0 && awaited == 0.0).then_some(figures)
    })
    .await;
    let [shown, _] = figures.numbers("瓦片 显示 / 等待").unwrap();
    let [by_worker, by_page] = figures.numbers("瓦片构建 后台线程 / 页面线程").unwrap();
    assert!(by_worker >= shown, "{figures:?}");
    assert!(by_page < 0.5, "{figures:?}");
    let [by_worker, by_page] = figures.numbers("标注排版 后台线程 / 页面线程").unwrap();
    assert!(by_worker >= 1.0 && by_page < 0.5, "{figures:?}");
    hall.close().await;
}
