//! Each fault drawn on purpose is found with its size and place, and nothing else is.

use proptest::prelude::*;

use super::*;

/// Zone 35 by its meridian: plain metres, 300 km north of 30° N and near Chengdu.
const ORIGIN: (f64, f64) = (414_000.0, 3_393_000.0);

fn metres() -> Crs {
    "cgcs2000-cm-105".parse().expect("a system")
}

fn ring(corners: &[(f64, f64)]) -> Ring {
    let mut ring: Ring = corners
        .iter()
        .map(|(x, y)| (ORIGIN.0 + x, ORIGIN.1 + y))
        .collect();
    ring.extend(ring.first().copied());
    ring
}

fn rect(x0: f64, y0: f64, x1: f64, y1: f64) -> Ring {
    ring(&[(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
}

fn drawn(code: &str, level: GridLevel, parent: &str, rings: Vec<Ring>) -> DrawnGrid {
    DrawnGrid {
        code: code.into(),
        level,
        parent: (!parent.is_empty()).then(|| parent.into()),
        rings,
    }
}

fn unit(number: usize, ring: Ring) -> DrawnGrid {
    let code = format!("510108014003{number:03}");
    drawn(&code, GridLevel::Unit, "510108014003", vec![ring])
}

/// A community of 200 × 200 m with four unit grids and one micro grid over the two in the south.
fn sound() -> Division {
    let community = vec![rect(0.0, 0.0, 200.0, 200.0)];
    let mut general = drawn("g1", GridLevel::General, "510108014003", community.clone());
    // Corners that only one neighbour has make no sliver.
    general.rings[0].insert(1, (ORIGIN.0 + 70.0, ORIGIN.1));
    Division {
        crs: metres(),
        grids: vec![
            drawn("510108014003", GridLevel::Community, "", community),
            general,
            drawn(
                "m1",
                GridLevel::Micro,
                "g1",
                vec![rect(0.0, 0.0, 200.0, 100.0)],
            ),
            unit(1, rect(0.0, 100.0, 100.0, 200.0)),
            unit(2, rect(100.0, 100.0, 200.0, 200.0)),
            unit(3, rect(0.0, 0.0, 100.0, 100.0)),
            unit(4, rect(100.0, 0.0, 200.0, 100.0)),
        ],
        buildings: vec![DrawnBuilding {
            name: "b1".to_owned(),
            rings: vec![rect(10.0, 10.0, 90.0, 30.0)],
        }],
    }
}

fn check(division: &Division) -> Vec<Finding> {
    check_division(division, Tolerances::default()).findings
}

/// The only finding: its codes, its area, and its place in metres from the origin.
fn only(division: &Division, fault: Fault) -> (Vec<String>, f64, (f64, f64)) {
    let findings = check(division);
    assert_eq!(findings.len(), 1, "{findings:?}");
    let finding = &findings[0];
    assert_eq!(finding.fault, fault);
    let at = finding.at.expect("a place");
    let (x, y) = metres().from_cgcs2000(at).expect("near");
    let at = (x - ORIGIN.0, y - ORIGIN.1);
    (finding.codes.clone(), finding.area_m2, at)
}

fn near(found: f64, expected: f64) -> bool {
    (found - expected).abs() < 0.01 * expected.abs().max(1.0)
}

#[test]
fn a_sound_division_has_no_findings() {
    let report = check_division(&sound(), Tolerances::default());
    assert_eq!(report.findings, []);
    assert_eq!(report.grids[&GridLevel::Unit], 4);
    assert_eq!(report.buildings, 1);
    assert!(report.has_looked_for_gaps());
    let nothing = check_division(&Division::default(), Tolerances::default());
    assert_eq!(nothing.findings, []);
    assert!(!nothing.has_looked_for_gaps());
}

#[test]
fn an_overlap_is_measured_and_placed() {
    let mut division = sound();
    // Three metres into the neighbour over 100 m.
    division.grids[5].rings = vec![rect(0.0, 0.0, 103.0, 100.0)];
    let (codes, area_m2, at) = only(&division, Fault::Overlap);
    assert_eq!(codes, ["510108014003003", "510108014003004"]);
    assert!(near(area_m2, 300.0), "{area_m2}");
    assert!(
        (100.0..=103.0).contains(&at.0) && (0.0..=100.0).contains(&at.1),
        "{at:?}"
    );
    // Slivers of surveying are left out, up to the tolerance asked for.
    division.grids[5].rings = vec![rect(0.0, 0.0, 100.004, 100.0)];
    assert_eq!(check(&division), []);
    let strict = Tolerances {
        sliver_m2: 0.1,
        ..Tolerances::default()
    };
    let findings = check_division(&division, strict).findings;
    assert!(near(findings[0].area_m2, 0.4), "{findings:?}");
}

#[test]
fn exclusive_grids_may_lie_on_others() {
    let mut division = sound();
    for code in ["x1", "x2"] {
        let rings = vec![rect(50.0, 50.0, 150.0, 150.0)];
        division
            .grids
            .push(drawn(code, GridLevel::Exclusive, "510108014003", rings));
    }
    assert_eq!(check(&division), []);
}

#[test]
fn gaps_are_told_one_by_one() {
    let mut division = sound();
    division.grids[3].rings = vec![rect(0.0, 100.0, 98.0, 200.0)];
    let (codes, area_m2, at) = only(&division, Fault::Gap);
    assert_eq!(codes, ["510108014003"]);
    assert!(near(area_m2, 200.0), "{area_m2}");
    assert!((98.0..=100.0).contains(&at.0), "{at:?}");
    division.grids.remove(6);
    let findings = check(&division);
    let areas: Vec<f64> = findings.iter().map(|f| f.area_m2).collect();
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(
        near(areas[0], 200.0) && near(areas[1], 10_000.0),
        "{areas:?}"
    );
    // Land held twice is an overlap, and no gap in the middle of it.
    let mut doubled = sound();
    doubled.buildings.clear();
    doubled.grids.push(unit(5, rect(20.0, 20.0, 180.0, 180.0)));
    let faults: Vec<Fault> = check(&doubled).iter().map(|f| f.fault).collect();
    assert_eq!(faults, [Fault::Overlap; 4]);
}

#[test]
fn a_grid_that_reaches_out_of_its_community_is_found() {
    let mut division = sound();
    division.grids[6].rings = vec![rect(100.0, 0.0, 210.0, 100.0)];
    let (codes, area_m2, at) = only(&division, Fault::CrossesCommunity);
    assert_eq!(codes, ["510108014003004", "510108014003"]);
    assert!(near(area_m2, 1_000.0), "{area_m2}");
    assert!((200.0..=210.0).contains(&at.0), "{at:?}");
    // All of it outside, with no border near.
    division.grids[6].rings = vec![rect(900.0, 0.0, 1_000.0, 100.0)];
    let findings = check(&division);
    let faults: Vec<Fault> = findings.iter().map(|f| f.fault).collect();
    assert_eq!(faults, [Fault::Gap, Fault::CrossesCommunity]);
    assert!(near(findings[1].area_m2, 10_000.0), "{findings:?}");
}

#[test]
fn the_community_follows_from_parents_or_from_the_standard_code() {
    let mut division = sound();
    division.grids[3].parent = None;
    division.grids[4].parent = Some("m1".into());
    assert_eq!(check(&division), [], "the code alone names the community");
    division.grids[2].parent = None;
    let (codes, ..) = only(&division, Fault::NoCommunity);
    assert_eq!(codes, ["m1"]);
    // A circle of parents ends.
    division.grids[2].parent = Some("m1".into());
    assert_eq!(only(&division, Fault::NoCommunity).0, ["m1"]);
    // Without any community there is nothing to compare with.
    division.grids.retain(|grid| grid.level == GridLevel::Unit);
    let report = check_division(&division, Tolerances::default());
    assert_eq!(report.findings, []);
    assert!(!report.has_looked_for_gaps());
}

#[test]
fn outlines_that_cross_themselves_are_found_where_they_cross() {
    let mut division = sound();
    // A bow tie: what should be the lower half hangs on the wrong side.
    division.grids[3].rings = vec![ring(&[
        (0.0, 100.0),
        (100.0, 200.0),
        (100.0, 100.0),
        (0.0, 200.0),
    ])];
    let findings = check(&division);
    let crossing = &findings[0];
    assert_eq!(crossing.fault, Fault::CrossesItself);
    assert!(near(crossing.area_m2, 2_500.0), "{crossing:?}");
    let (x, y) = metres()
        .from_cgcs2000(crossing.at.expect("a place"))
        .expect("near");
    assert!((x - ORIGIN.0 - 50.0).abs() < 0.01 && (y - ORIGIN.1 - 150.0).abs() < 0.01);
    assert!(
        findings[1..].iter().all(|f| f.fault == Fault::Gap),
        "{findings:?}"
    );
    // The same bow tie with a corner where it crosses.
    division.grids[3].rings = vec![ring(&[
        (0.0, 100.0),
        (50.0, 150.0),
        (100.0, 200.0),
        (100.0, 100.0),
        (50.0, 150.0),
        (0.0, 200.0),
    ])];
    let again = &check(&division)[0];
    assert_eq!(again.fault, Fault::CrossesItself);
    assert!(
        again
            .at
            .expect("a place")
            .distance_m(crossing.at.expect("a place"))
            < 0.01
    );
    // A hole that reaches out of its outline by 10 × 20 m.
    let mut division = sound();
    division.grids.truncate(3);
    division.grids[2]
        .rings
        .push(rect(100.0, 90.0, 120.0, 110.0));
    let (codes, area_m2, _) = only(&division, Fault::CrossesItself);
    assert_eq!(codes, ["m1"]);
    assert!(near(area_m2, 200.0), "{area_m2}");
}

#[test]
fn rings_without_end_land_or_place_are_found() {
    let mut division = sound();
    division.grids[3].rings[0].pop();
    let (codes, _, at) = only(&division, Fault::NotClosed);
    assert_eq!(codes, ["510108014003001"]);
    assert!(
        at.0.abs() < 0.01 && near(at.1, 200.0),
        "the last corner: {at:?}"
    );
    for rings in [
        Vec::new(),
        vec![Vec::new()],
        vec![ring(&[(0.0, 0.0)])],
        vec![ring(&[(0.0, 0.0), (50.0, 50.0)])],
    ] {
        let mut division = sound();
        division.grids[1].rings.clone_from(&rings);
        let findings = check(&division);
        assert_eq!(findings[0].fault, Fault::NoOutline, "{rings:?}");
        assert_eq!(findings[0].codes, ["g1"]);
    }
    for bad in [
        (f64::NAN, 0.0),
        (0.0, 0.0),
        (ORIGIN.0, f64::INFINITY),
        (1e308, 1e308),
    ] {
        let mut division = sound();
        division.grids[1].rings[0][2] = bad;
        let findings = check(&division);
        let expected = if bad == (0.0, 0.0) {
            // 500 km west of the meridian at the equator: a place, but not here.
            Fault::CrossesCommunity
        } else {
            Fault::BadCoordinate
        };
        assert!(
            findings.iter().any(|f| f.fault == expected),
            "{bad:?}: {findings:?}"
        );
    }
    let nowhere = Division {
        grids: vec![unit(1, vec![(f64::NAN, f64::NAN); 5]), unit(2, Vec::new())],
        ..Division::default()
    };
    let findings = check(&nowhere);
    let faults: Vec<_> = findings.iter().map(|f| (f.fault, f.at)).collect();
    let expected = [(Fault::NoOutline, None), (Fault::BadCoordinate, None)];
    assert_eq!(faults, expected);
}

#[test]
fn a_code_used_twice_is_found() {
    let mut division = sound();
    division.grids[4].code = "510108014003001".into();
    assert_eq!(only(&division, Fault::DuplicateCode).0, ["510108014003001"]);
}

#[test]
fn a_split_building_names_its_unit_grids() {
    let mut division = sound();
    let building = |x0, y0, x1, y1| DrawnBuilding {
        name: "b2".to_owned(),
        rings: vec![rect(x0, y0, x1, y1)],
    };
    division.buildings.push(building(60.0, 40.0, 120.0, 60.0));
    let (codes, area_m2, at) = only(&division, Fault::BuildingSplit);
    assert_eq!(codes, ["b2", "510108014003003", "510108014003004"]);
    assert!(
        near(area_m2, 400.0),
        "what the larger part leaves over: {area_m2}"
    );
    assert!((100.0..=120.0).contains(&at.0), "{at:?}");
    // Over a corner: three parts besides the largest.
    division.buildings[1] = building(90.0, 90.0, 120.0, 120.0);
    let (codes, area_m2, _) = only(&division, Fault::BuildingSplit);
    assert_eq!(codes.len(), 5);
    assert!(near(area_m2, 500.0), "{area_m2}");
    // A wall on the border, drawn a hand's breadth over it, splits nothing.
    division.buildings[1] = building(60.0, 40.0, 100.04, 60.0);
    assert_eq!(check(&division), []);
    // Half outside of all unit grids is not split between them.
    division.buildings[1] = building(-20.0, 40.0, 20.0, 60.0);
    assert_eq!(check(&division), []);
}

/// The division in another coordinate system, corner by corner.
fn moved_to(division: &Division, crs: Crs) -> Division {
    let moved = |rings: &Vec<Ring>| -> Vec<Ring> {
        let corner = |(x, y): &(f64, f64)| {
            let here = division.crs.to_cgcs2000(*x, *y).expect("a place");
            crs.from_cgcs2000(here).expect("a place")
        };
        rings
            .iter()
            .map(|ring| ring.iter().map(corner).collect())
            .collect()
    };
    let mut out = division.clone();
    out.crs = crs;
    for grid in &mut out.grids {
        grid.rings = moved(&grid.rings);
    }
    for building in &mut out.buildings {
        building.rings = moved(&building.rings);
    }
    out
}

#[test]
fn every_coordinate_system_gives_the_same_findings() {
    let mut division = sound();
    division.grids[3].rings = vec![rect(0.0, 100.0, 98.0, 200.0)];
    division.grids[6].rings = vec![rect(97.0, 0.0, 210.0, 100.0)];
    // The way between systems bends the edges: a corner on a neighbour's edge comes to lie some
    // centimetres beside it. Larger faults are not touched by that.
    let rough = Tolerances {
        sliver_m2: 5.0,
        ..Tolerances::default()
    };
    let check = |division: &Division| check_division(division, rough).findings;
    let expected = check(&division);
    assert_eq!(expected.len(), 3);
    for text in ["cgcs2000", "wgs84", "gcj02", "bd09", "cgcs2000-3deg-35"] {
        let crs: Crs = text.parse().expect(text);
        let findings = check(&moved_to(&division, crs));
        assert_eq!(findings.len(), expected.len(), "{text}: {findings:?}");
        for (found, expected) in findings.iter().zip(&expected) {
            assert_eq!(
                (found.fault, &found.codes),
                (expected.fault, &expected.codes)
            );
            let off_m2 = (found.area_m2 - expected.area_m2).abs();
            assert!(off_m2 < 0.01 * expected.area_m2 + 5.0, "{text}: {found:?}");
            let (here, there) = (found.at.expect("a place"), expected.at.expect("a place"));
            assert!(here.distance_m(there) < 60.0, "{text}: {here:?} {there:?}");
        }
    }
}

/// `cols` × `rows` unit grids of about 100 m with common corners moved about.
fn tiling(cols: usize, rows: usize, moves: &[(f64, f64)]) -> Division {
    let corner = |x: usize, y: usize| {
        let (dx, dy) = moves[(x + y * 7) % moves.len()];
        let is_inner = x > 0 && x < cols && y > 0 && y < rows;
        let (dx, dy) = if is_inner { (dx, dy) } else { (0.0, 0.0) };
        (100.0 * x as f64 + dx, 100.0 * y as f64 + dy)
    };
    let mut grids: Vec<DrawnGrid> = (0..cols * rows)
        .map(|i| {
            let (x, y) = (i % cols, i / cols);
            let corners = [
                corner(x, y),
                corner(x + 1, y),
                corner(x + 1, y + 1),
                corner(x, y + 1),
            ];
            unit(i + 1, ring(&corners))
        })
        .collect();
    let land = rect(0.0, 0.0, 100.0 * cols as f64, 100.0 * rows as f64);
    grids.push(drawn("510108014003", GridLevel::Community, "", vec![land]));
    Division {
        crs: metres(),
        grids,
        buildings: Vec::new(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_tiling_is_sound_and_one_without_a_grid_has_its_gap(
        cols in 1_usize..5,
        rows in 1_usize..5,
        moves in prop::collection::vec((-40.0_f64..40.0, -40.0_f64..40.0), 1..30),
        gone in 0_usize..25,
    ) {
        let mut division = tiling(cols, rows, &moves);
        prop_assert_eq!(check(&division), []);
        let gone = division.grids.remove(gone % (cols * rows));
        if cols * rows == 1 {
            // Without unit grids there is no division to have gaps.
            prop_assert_eq!(check(&division), []);
            return Ok(());
        }
        let findings = check(&division);
        prop_assert_eq!(findings.len(), 1);
        prop_assert_eq!(findings[0].fault, Fault::Gap);
        let ring = &gone.rings[0];
        let twice: f64 = ring
            .windows(2)
            .map(|e| {
                let (a, b) = ((e[0].0 - ORIGIN.0, e[0].1 - ORIGIN.1), (e[1].0 - ORIGIN.0, e[1].1 - ORIGIN.1));
                a.0 * b.1 - a.1 * b.0
            })
            .sum();
        prop_assert!((findings[0].area_m2 - twice / 2.0).abs() < 0.1);
    }

    #[test]
    fn a_shifted_grid_is_found_by_what_it_covers_and_leaves(
        col in 0_usize..3,
        row in 0_usize..3,
        dx in -30.0_f64..30.0,
        dy in -30.0_f64..30.0,
        turn in 0_usize..10,
    ) {
        let mut division = tiling(3, 3, &[(0.0, 0.0)]);
        let at = col + 3 * row;
        for corner in &mut division.grids[at].rings[0] {
            corner.0 += dx;
            corner.1 += dy;
        }
        let total = |findings: &[Finding], fault| -> f64 {
            findings.iter().filter(|f| f.fault == fault).map(|f| f.area_m2).sum()
        };
        let findings = check(&division);
        // What it left is what it took, from its neighbours or from beyond the border. Pieces
        // below the tolerance may be missing on either side.
        let left = 10_000.0 - (100.0 - dx.abs()) * (100.0 - dy.abs());
        prop_assert!((total(&findings, Fault::Gap) - left).abs() < 2.0, "{findings:?}");
        let taken = total(&findings, Fault::Overlap) + total(&findings, Fault::CrossesCommunity);
        prop_assert!((taken - left).abs() < 2.0, "{findings:?}");
        // The order of the grids changes nothing.
        let turn = turn % division.grids.len();
        division.grids.rotate_left(turn);
        prop_assert_eq!(check(&division), findings);
    }

    #[test]
    fn no_rings_panic(
        corners in prop::collection::vec((prop::num::f64::ANY, prop::num::f64::ANY), 0..7),
        near in prop::collection::vec((0.0_f64..300.0, 0.0_f64..300.0), 0..9),
    ) {
        let mut division = sound();
        division.grids.push(unit(8, corners.clone()));
        division.grids.push(unit(9, ring(&near)));
        division.buildings.push(DrawnBuilding { name: "b".to_owned(), rings: vec![corners, ring(&near)] });
        for finding in check(&division) {
            prop_assert!(finding.area_m2.is_finite() && finding.area_m2 >= 0.0);
        }
    }
}
