//! Draws the plan of a seed as SVG on standard output, to be looked at:
//! `cargo run -p demo_street --example draw_plan -- SEED [X Y HALF] > plan.svg`, with the middle
//! and half the side of the picture in metres of the local plane.

use std::fmt::Write as _;
use std::io::Write as _;

use demo_street::geom::Point;
use demo_street::plan::Plan;
use demo_street::plan::landuse::LandUse;
use demo_street::plan::majors::RoadClass;

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse::<f64>().ok());
    let seed = numbers.next().unwrap_or(1.0) as u64;
    let (x, y) = (numbers.next().unwrap_or(0.0), numbers.next().unwrap_or(0.0));
    let half = numbers.next().unwrap_or(2_850.0);
    let started = std::time::Instant::now();
    let plan = Plan::generate(seed);
    eprintln!("generated in {:?}", started.elapsed());
    std::io::stdout().write_all(draw(&plan, x, y, half).as_bytes())
}

fn path(points: &[Point]) -> String {
    let mut text = String::new();
    for p in points {
        // Writing to a string cannot fail.
        write!(text, "{:.1},{:.1} ", p.x, -p.y).ok();
    }
    text
}

fn land_colour(kind: LandUse) -> &'static str {
    match kind {
        LandUse::Park | LandUse::Riverside => "#cfe8c0",
        LandUse::Mall | LandUse::Market => "#f6dfd0",
        LandUse::Office => "#ece0ee",
        LandUse::Hospital | LandUse::HealthCentre => "#f6d5d8",
        LandUse::PrimarySchool | LandUse::MiddleSchool | LandUse::Kindergarten => "#f3eccb",
        LandUse::Factory | LandUse::Construction | LandUse::CreativePark => "#dcdce6",
        LandUse::Village => "#ece4d8",
        _ => "#f1efea",
    }
}

fn draw(plan: &Plan, x: f64, y: f64, half: f64) -> String {
    let mut s = format!(
        "<svg xmlns='http://www.w3.org/2000/svg' width='1500' height='1500' \
         viewBox='{} {} {} {}'><rect x='-4000' y='-4000' width='8000' height='8000' fill='#fff'/>",
        x - half,
        -y - half,
        half * 2.0,
        half * 2.0
    );
    let mut polygon = |ring: &[Point], style: &str| {
        write!(s, "<polygon points='{}' {style}/>", path(ring)).ok();
    };
    for (cell, kind) in plan.division.cells.iter().zip(&plan.uses.cells) {
        polygon(&cell.ring, &format!("fill='{}'", land_colour(*kind)));
    }
    for lawn in &plan.grounds.lawns {
        polygon(lawn, "fill='#d9ecc9'");
    }
    polygon(&plan.river.water(), "fill='#9cc8ec'");
    for lake in &plan.grounds.lakes {
        polygon(lake, "fill='#9cc8ec'");
    }
    for pitch in &plan.grounds.pitches {
        polygon(pitch, "fill='#a9d6a0' stroke='#c66' stroke-width='5'");
    }
    for building in &plan.grounds.buildings {
        let shade = 215_u8.saturating_sub(building.levels * 2);
        polygon(
            &building.ring,
            &format!("fill='rgb({shade},{},{})'", shade - 6, shade - 14),
        );
    }
    draw_roads(plan, half, &mut s);
    draw_names(plan, half, &mut s);
    s.push_str("</svg>");
    s
}

fn draw_roads(plan: &Plan, half: f64, s: &mut String) {
    for pass in 0..2 {
        for edge in &plan.network.edges {
            let (colour, width) = match edge.class {
                RoadClass::Trunk | RoadClass::Primary => ("#f7c56e", 26.0),
                RoadClass::Secondary => ("#fbe6a2", 19.0),
                RoadClass::Tertiary => ("#fff", 13.0),
                RoadClass::Residential => ("#fff", 8.0),
                RoadClass::Service => ("#fff", 4.0),
                _ => ("#b9a", 2.0),
            };
            let (colour, width) = if pass == 0 {
                ("#bbb", width + 3.0)
            } else {
                (colour, width)
            };
            write!(
                s,
                "<polyline points='{}' fill='none' stroke='{colour}' stroke-width='{width}' \
                 stroke-linecap='round'/>",
                path(&edge.line)
            )
            .ok();
        }
    }
    for line in &plan.places.metro {
        write!(
            s,
            "<polyline points='{}' fill='none' stroke='#36c' stroke-width='6' stroke-dasharray='20 10'/>",
            path(&line.line)
        )
        .ok();
    }
    if half > 1_000.0 {
        for (grids, width) in [
            (&plan.division.general_grids, 6.0),
            (&plan.division.communities, 16.0),
        ] {
            for grid in grids {
                write!(
                    s,
                    "<polygon points='{}' fill='none' stroke='#c2a' stroke-opacity='.6' stroke-width='{width}'/>",
                    path(&grid.area.outer)
                )
                .ok();
            }
        }
    }
}

fn draw_names(plan: &Plan, half: f64, s: &mut String) {
    let size = half / 62.0;
    let mut seen: Vec<(String, Point)> = Vec::new();
    for edge in plan
        .network
        .edges
        .iter()
        .filter(|e| !e.name.is_empty() && e.length_m > 60.0)
    {
        let middle = edge.middle();
        let near = |(name, at): &(String, Point)| {
            at.distance(middle) < half / 22.0
                || (*name == edge.name && at.distance(middle) < half / 2.0)
        };
        if seen.iter().any(near) {
            continue;
        }
        seen.push((edge.name.clone(), middle));
        let dir = edge.line[edge.line.len() - 1] - edge.line[0];
        let mut angle = -dir.angle().to_degrees();
        if angle.abs() > 90.0 {
            angle += 180.0;
        }
        write!(
            s,
            "<text transform='translate({:.1},{:.1}) rotate({angle:.0})' font-size='{size}' \
             text-anchor='middle' fill='#444' font-family='Noto Sans CJK SC'>{}</text>",
            middle.x, -middle.y, edge.name
        )
        .ok();
    }
    let most = if half > 2_000.0 {
        6
    } else if half > 800.0 {
        14
    } else {
        40
    };
    for poi in plan.places.pois.iter().filter(|poi| poi.rank < most) {
        write!(
            s,
            "<text x='{:.1}' y='{:.1}' font-size='{}' text-anchor='middle' fill='#136' \
             font-family='Noto Sans CJK SC'>{}</text>",
            poi.at.x,
            -poi.at.y,
            size * 0.9,
            poi.name
        )
        .ok();
    }
}
