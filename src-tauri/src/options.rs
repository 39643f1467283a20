//! The command line.

use std::path::PathBuf;

use clap::builder::{OsStringValueParser, TypedValueParser as _};
use clap::{Parser, ValueEnum};

use crate::map_place::{MapKey, MapPlace};

/// 街道城运指挥大厅 streethall
#[derive(Parser, Debug, Clone)]
#[command(name = "streethall", version, about)]
pub struct Options {
    /// 后台地址，缺省为内置后台 · backend to connect to (default: the embedded one)
    #[arg(long, value_name = "URL", requires = "hall_key")]
    pub backend: Option<String>,

    /// 本大厅在该后台的密钥，或 @文件 · this hall's key at that backend, or @FILE that holds it
    #[arg(long, value_name = "KEY|@FILE")]
    pub hall_key: Option<String>,

    /// 底图：.pmtiles 或 .mbtiles 文件，或瓦片服务地址 · base map: an archive, or the address of a tile service
    #[arg(long, value_name = "FILE|URL", value_parser = OsStringValueParser::new().map(MapPlace::from))]
    pub map: Option<MapPlace>,

    /// 瓦片服务的密钥，填入地址中的 {key}，或 @文件 · the tile service's key, for {key} in its address, or @FILE
    #[arg(long, value_name = "KEY|@FILE", value_parser = clap::builder::StringValueParser::new().map(MapKey::from))]
    pub map_key: Option<MapKey>,

    /// 规则文件夹，缺省为内置规则 · folder of rules files (default: those that ship with the program)
    #[arg(long, value_name = "DIR", conflicts_with = "backend")]
    pub rules: Option<PathBuf>,

    /// 缓存、待发箱、设置所在目录 · where cache, outbox and settings live
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,

    /// 打开哪些窗口 · which windows to open
    #[arg(long, value_enum, default_value_t = WhichWindows::Both)]
    pub window: WhichWindows,

    /// 大屏放在第 N 个显示器，从 1 起 · put the wall on monitor N, counted from 1
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub monitor: Option<u32>,

    /// 演示街道的速度，1 为真实速度 · how much faster than real the demo street lives
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = parse_speed)]
    pub demo_speed: f64,

    /// 从空数据目录开始，旧数据另存 · start with empty data; the old data is kept aside
    #[arg(long)]
    pub fresh: bool,
}

/// Which windows to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum WhichWindows {
    /// 大屏 the wall display only
    Wall,
    /// 席位 the duty officer's desk only
    Desk,
    /// 两者 both
    Both,
}

impl WhichWindows {
    /// Whether the wall is among them.
    pub const fn has_wall(self) -> bool {
        matches!(self, Self::Wall | Self::Both)
    }

    /// Whether the desk is among them.
    pub const fn has_desk(self) -> bool {
        matches!(self, Self::Desk | Self::Both)
    }
}

fn parse_speed(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(speed) if speed.is_finite() && (0.1..=1000.0).contains(&speed) => Ok(speed),
        _ => Err("应为 0.1 到 1000 之间的数 · a number from 0.1 to 1000".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_options_and_bad_values_are_refused() {
        for bad in [
            &["--frobnicate"][..],
            &["--demo-speed", "0"],
            &["--demo-speed", "NaN"],
            &["--monitor", "0"],
            &["--window", "door"],
            &["--backend", "http://127.0.0.1:1"],
            // Rules are the backend's to decide.
            &[
                "--backend",
                "http://127.0.0.1:1",
                "--hall-key",
                "k",
                "--rules",
                "r",
            ],
        ] {
            let args = std::iter::once("streethall").chain(bad.iter().copied());
            assert!(Options::try_parse_from(args).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn defaults_open_both_windows_at_real_speed() {
        let options = Options::try_parse_from(["streethall"]).expect("no option is required");
        assert!(options.window.has_wall() && options.window.has_desk());
        assert!((options.demo_speed - 1.0).abs() < f64::EPSILON);
    }
}
