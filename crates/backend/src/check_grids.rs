//! The command that checks a division of the land before it is imported, and its report.

mod geojson;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use backend::responsibility_fault;
use clap::Args;
use domain::LonLat;
use domain::places::division::{
    Division, DivisionReport, DrawnGrid, Fault, Finding, Tolerances, check_division,
};
use domain::places::hierarchy::{Hierarchy, HierarchyFault};
use domain::places::responsibility::{ResponsibilityFault, check_responsibility};
use domain::places::{Crs, Grid, GridLevel, ResponsibilityGrid};

/// What to check, and how strictly.
#[derive(Debug, Args)]
pub struct Options {
    /// GeoJSON of the grids: a FeatureCollection of polygons with the properties code, level
    /// (community, general, micro, unit, exclusive, or 社区, 一般网格, 微网格, 单元网格, 专属网格)
    /// and, as far as there is one, name and parent (the code of the grid one level up).
    file: PathBuf,
    /// GeoJSON of buildings: polygons, with the property name or id if they have one.
    #[arg(long, value_name = "FILE")]
    buildings: Option<PathBuf>,
    /// JSON of the responsibility grids: a list of objects with code, name, kind (such as 城管) and
    /// unit_grids (a list of codes); responsible (a roster number) may be left out. Every unit grid
    /// has to be in one, and in no two of one kind.
    #[arg(long, value_name = "FILE")]
    responsibility: Option<PathBuf>,
    /// Coordinate system of both GeoJSON files: cgcs2000, wgs84, gcj02, bd09, cgcs2000-3deg-ZONE (zone
    /// 25-45, its number before the easting), cgcs2000-cm-MERIDIAN (75, 78 … 135, no number before
    /// the easting) or EPSG:NUMBER.
    #[arg(long, value_name = "CRS", default_value = "cgcs2000")]
    crs: Crs,
    /// Pieces of overlap, gap or crossing smaller than this are left out as slivers of surveying.
    #[arg(long, value_name = "M2", default_value_t = Tolerances::default().sliver_m2, value_parser = square_metres)]
    sliver_m2: f64,
    /// A building is split when at least two unit grids hold this much of it.
    #[arg(long, value_name = "M2", default_value_t = Tolerances::default().building_m2, value_parser = square_metres)]
    building_m2: f64,
}

fn square_metres(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(area) if area.is_finite() && area >= 0.0 => Ok(area),
        _ => Err("请写不小于 0 的平方米数 / write square metres, 0 or more".to_owned()),
    }
}

/// Checks the files and prints the report; errs when anything is wrong with the division.
pub fn run(options: &Options) -> Result<()> {
    let grids = geojson::read_grids(&read(&options.file)?)
        .with_context(|| format!("{}", options.file.display()))?;
    let buildings = match &options.buildings {
        Some(file) => {
            geojson::read_buildings(&read(file)?).with_context(|| format!("{}", file.display()))?
        }
        None => Vec::new(),
    };
    let bare: Vec<Grid> = grids.iter().map(bare).collect();
    let hierarchy = hierarchy_faults(&bare);
    let responsibility = match &options.responsibility {
        Some(file) => Some(Responsibility::check(&bare, &read_responsibility(file)?)),
        None => None,
    };
    let division = Division {
        crs: options.crs,
        grids,
        buildings,
    };
    let tolerances = Tolerances {
        sliver_m2: options.sliver_m2,
        building_m2: options.building_m2,
    };
    let report = check_division(&division, tolerances);
    for line in report_lines(&report, &hierarchy, responsibility.as_ref()) {
        // A reader that has seen enough is no reason to fail.
        writeln!(std::io::stdout(), "{line}").ok();
    }
    let of_responsibility = responsibility.map_or(0, |found| found.faults.len());
    let faults = report.findings.len() + hierarchy.len() + of_responsibility;
    if faults > 0 {
        bail!(
            "发现 {faults} 处问题，请修正后再导入 / {faults} faults: correct them before the import"
        );
    }
    Ok(())
}

fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file)
        .with_context(|| format!("无法读取文件 / cannot read the file {}", file.display()))
}

fn read_responsibility(file: &Path) -> Result<Vec<ResponsibilityGrid>> {
    serde_json::from_slice(&read(file)?).with_context(|| {
        format!(
            "{}: 应为责任网格的 JSON 列表 / a JSON list of responsibility grids is needed",
            file.display()
        )
    })
}

/// A grid without its outline.
fn bare(grid: &DrawnGrid) -> Grid {
    Grid {
        code: grid.code.clone(),
        name: String::new(),
        level: grid.level,
        parent: grid.parent.clone(),
        rings: Vec::new(),
        label_at: LonLat::default(),
    }
}

/// What was found about the responsibility grids.
struct Responsibility {
    /// Of each kind: how many grids, and how many unit grids they name.
    kinds: BTreeMap<String, (usize, usize)>,
    faults: Vec<ResponsibilityFault>,
}

impl Responsibility {
    fn check(grids: &[Grid], responsibility: &[ResponsibilityGrid]) -> Self {
        let mut kinds = BTreeMap::<String, (usize, usize)>::new();
        for grid in responsibility {
            let (count, units) = kinds.entry(grid.kind.clone()).or_default();
            *count += 1;
            *units += grid.unit_grids.len();
        }
        Self {
            kinds,
            faults: check_responsibility(grids, responsibility),
        }
    }
}

/// What is wrong with the codes and parents alone.
fn hierarchy_faults(grids: &[Grid]) -> Vec<HierarchyFault> {
    let (_, mut faults) = Hierarchy::new(grids);
    // A code used twice is reported with its place, and a unit grid may rely on its standard code.
    faults.retain(|fault| {
        !matches!(
            fault,
            HierarchyFault::DuplicateCode { .. } | HierarchyFault::NoParent { .. }
        )
    });
    faults
}

fn report_lines(
    report: &DivisionReport,
    hierarchy: &[HierarchyFault],
    responsibility: Option<&Responsibility>,
) -> Vec<String> {
    let mut lines = Vec::new();
    let counted: Vec<String> = report
        .grids
        .iter()
        .map(|(level, count)| format!("{} {count}", level_name(*level)))
        .chain((report.buildings > 0).then(|| format!("建筑 buildings {}", report.buildings)))
        .collect();
    lines.push(format!("已检查 checked: {}", counted.join(" · ")));
    if !report.has_looked_for_gaps() {
        lines.push(
            "未检查空隙：文件中没有社区或没有单元网格 / gaps were not looked for: the file has no \
             community or no unit grid"
                .to_owned(),
        );
    }
    lines.extend(
        hierarchy
            .iter()
            .map(|fault| format!("层级有误 hierarchy · {fault}")),
    );
    lines.extend(report.findings.iter().map(finding_line));
    let owned = responsibility.iter();
    lines.extend(owned.flat_map(|found| responsibility_lines(found)));
    let is_owned = responsibility.is_none_or(|found| found.faults.is_empty());
    if report.findings.is_empty() && hierarchy.is_empty() && is_owned {
        lines.push("未发现问题 / no faults found".to_owned());
    }
    lines
}

fn responsibility_lines(found: &Responsibility) -> Vec<String> {
    let kinds = found.kinds.iter().map(|(kind, (count, units))| {
        format!("责任网格 responsibility · {kind} {count} · 单元网格 unit {units}")
    });
    let faults = found
        .faults
        .iter()
        .map(|fault| format!("{} / {fault}", responsibility_fault(fault)));
    kinds.chain(faults).collect()
}

fn finding_line(finding: &Finding) -> String {
    let mut parts = vec![
        fault_name(finding.fault).to_owned(),
        finding.codes.join(" "),
    ];
    if finding.area_m2 > 0.0 {
        parts.push(format!("{:.1} m²", finding.area_m2));
    }
    if let Some(at) = finding.at {
        parts.push(format!("{:.6},{:.6}", at.lon, at.lat));
    }
    parts.join(" · ")
}

const fn level_name(level: GridLevel) -> &'static str {
    match level {
        GridLevel::Community => "社区 communities",
        GridLevel::General => "一般网格 general",
        GridLevel::Micro => "微网格 micro",
        GridLevel::Unit => "单元网格 unit",
        GridLevel::Exclusive => "专属网格 exclusive",
    }
}

const fn fault_name(fault: Fault) -> &'static str {
    match fault {
        Fault::DuplicateCode => "编码重复 code used twice",
        Fault::NoOutline => "没有边界 no outline",
        Fault::BadCoordinate => "坐标无效 bad coordinate",
        Fault::NotClosed => "边界未闭合 not closed",
        Fault::CrossesItself => "边界自相交 crosses itself",
        Fault::NoCommunity => "不属于任何社区 in no community",
        Fault::Overlap => "重叠 overlap",
        Fault::Gap => "空隙 gap",
        Fault::CrossesCommunity => "跨越社区 crosses its community",
        Fault::BuildingSplit => "分割建筑 building split",
    }
}
