//! Writes the base map of a seed: `cargo run -p demo_street --example write_base_map -- FILE [SEED]`.

use std::path::PathBuf;
use std::time::Instant;

use demo_street::base_map::write_archive;
use demo_street::plan::Plan;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let path = PathBuf::from(args.next().ok_or("a file to write is needed")?);
    let seed = args.next().map_or(Ok(1), |text| text.parse())?;
    let started = Instant::now();
    let plan = Plan::generate(seed);
    let planned = started.elapsed();
    let tiles = write_archive(&plan, &path)?;
    let size = std::fs::metadata(&path)?.len();
    eprintln!(
        "plan {planned:?}, {tiles} tiles, {size} bytes, in all {:?}",
        started.elapsed()
    );
    Ok(())
}
