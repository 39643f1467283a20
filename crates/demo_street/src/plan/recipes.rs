//! How the buildings of a use look.

use super::landuse::LandUse;

/// Rows of buildings of one use.
#[derive(Clone, Copy)]
pub struct Recipe {
    /// Depth of a building in metres, least and most.
    pub depth_m: (f64, f64),
    /// From the back of one row to the front of the next in metres.
    pub between_rows_m: (f64, f64),
    /// Length of a building in metres.
    pub length_m: (f64, f64),
    /// Gap between two buildings of a row in metres.
    pub gap_m: (f64, f64),
    /// Storeys.
    pub levels: (i64, i64),
    /// Share of buildings left out.
    pub left_out: f64,
    /// Whether they are towers.
    pub is_tower: bool,
}

type Range = (f64, f64);

const fn slabs(
    depth_m: Range,
    between_rows_m: Range,
    length_m: Range,
    gap_m: Range,
    levels: (i64, i64),
    left_out: f64,
) -> Recipe {
    Recipe {
        depth_m,
        between_rows_m,
        length_m,
        gap_m,
        levels,
        left_out,
        is_tower: false,
    }
}

const fn towers(
    depth_m: Range,
    between_rows_m: Range,
    length_m: Range,
    gap_m: Range,
    levels: (i64, i64),
    left_out: f64,
) -> Recipe {
    Recipe {
        is_tower: true,
        ..slabs(depth_m, between_rows_m, length_m, gap_m, levels, left_out)
    }
}

/// The recipe of a use; none where no rows are built.
// One use is one line; broken at every comma the table could not be read as a table.
#[rustfmt::skip]
pub const fn recipe_of(kind: LandUse) -> Option<Recipe> {
    use LandUse as L;
    let recipe = match kind {
        L::OldHousing => slabs((11.0, 13.0), (9.5, 13.5), (24.0, 60.0), (5.0, 9.0), (5, 7), 0.04),
        L::MidHousing => slabs((13.0, 15.0), (18.0, 24.0), (30.0, 58.0), (8.0, 13.0), (9, 12), 0.0),
        L::NewHousing => towers((17.0, 22.0), (22.0, 31.0), (24.0, 36.0), (15.0, 26.0), (18, 33), 0.09),
        L::Village => slabs((8.5, 11.0), (3.5, 6.0), (8.0, 14.0), (1.6, 4.0), (2, 5), 0.1),
        L::Office => towers((24.0, 32.0), (24.0, 34.0), (32.0, 50.0), (16.0, 26.0), (10, 34), 0.08),
        L::PrimarySchool | L::MiddleSchool => slabs((11.0, 14.0), (20.0, 26.0), (40.0, 76.0), (10.0, 16.0), (4, 6), 0.0),
        L::Kindergarten => slabs((12.0, 15.0), (18.0, 24.0), (30.0, 50.0), (9.0, 12.0), (3, 3), 0.0),
        L::Hospital => slabs((20.0, 26.0), (18.0, 24.0), (48.0, 84.0), (12.0, 18.0), (6, 16), 0.0),
        L::HealthCentre | L::CommunityCentre | L::Police | L::FireStation =>
            slabs((14.0, 17.0), (19.0, 24.0), (30.0, 46.0), (10.0, 14.0), (3, 6), 0.0),
        L::StreetOffice => slabs((18.0, 22.0), (22.0, 28.0), (42.0, 70.0), (12.0, 16.0), (5, 9), 0.0),
        L::Market => slabs((34.0, 44.0), (14.0, 18.0), (46.0, 80.0), (10.0, 14.0), (1, 2), 0.0),
        L::Factory => slabs((26.0, 38.0), (10.0, 16.0), (40.0, 96.0), (9.0, 15.0), (1, 3), 0.0),
        L::CreativePark => slabs((16.0, 24.0), (10.0, 16.0), (24.0, 62.0), (8.0, 14.0), (1, 4), 0.0),
        L::Construction => towers((18.0, 22.0), (30.0, 40.0), (26.0, 36.0), (20.0, 30.0), (3, 14), 0.45),
        L::Mall | L::Park | L::Riverside => return None,
    };
    Some(recipe)
}
