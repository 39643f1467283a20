//! Imports of roads, people and responsibility grids.

use axum::Json;
use axum::extract::State;
use domain::places::Bounds;
use protocol::http::Imported;

use super::caller::HallCaller;
use super::reply::{Answer, Body};
use super::{App, blocking};
use crate::intake::imports::{Tally, imported_at, sound_responsibility, take_people};
use crate::intake::{Work, roads as road_import};
use crate::reference;
use crate::refusal::Refusal;
use crate::store::StoreError;
use crate::tables::reference_parts;

pub async fn roads(State(app): State<App>, _: HallCaller, body: Body) -> Answer<Imported> {
    let imported = blocking(&app, move |shared| {
        let (network, tally) = road_import::read(&body.0)?;
        let now = shared.clock.now();
        let version = shared.write_alone(|db| -> Result<_, StoreError> {
            let from = imported_at(now);
            reference_parts::put(db, reference_parts::ROADS, &network, from)?;
            // Without an imported street the roads say what to show first.
            let bounds: Option<Option<Bounds>> = reference_parts::get(db, reference_parts::BOUNDS)?;
            if bounds.flatten().is_none() {
                let around = Bounds::around(network.nodes.iter().copied());
                reference_parts::put(db, reference_parts::BOUNDS, &around, from)?;
            }
            reference::announce(db, now)
        })?;
        shared.renew_reference()?;
        Ok(tally.into_imported(version))
    })
    .await?;
    Ok(Json(imported))
}

pub async fn people(State(app): State<App>, _: HallCaller, body: Body) -> Answer<Imported> {
    let imported = blocking(&app, move |shared| {
        let (people, broken) = body.parse_list()?;
        let mut tally = Tally::default();
        for sentence in broken {
            tally.leave_out(sentence);
        }
        let now = shared.clock.now();
        let imported = shared.write_alone(|db| -> Result<_, Refusal> {
            let mut work = Work::begin(db, &shared.rules, now)?;
            let taken = take_people(&mut work, people, tally)?;
            work.finish()?;
            Ok(taken)
        })?;
        shared.renew_roster()?;
        Ok(imported)
    })
    .await?;
    Ok(Json(imported))
}

pub async fn responsibility_grids(
    State(app): State<App>,
    _: HallCaller,
    body: Body,
) -> Answer<Imported> {
    let imported = blocking(&app, move |shared| {
        let (grids, broken) = body.parse_list()?;
        let mut tally = Tally::default();
        for sentence in broken {
            tally.leave_out(sentence);
        }
        let now = shared.clock.now();
        let imported = shared.write_alone(|db| -> Result<_, Refusal> {
            let sound = sound_responsibility(db, grids, &mut tally)?;
            reference_parts::put(
                db,
                reference_parts::RESPONSIBILITY_GRIDS,
                &sound,
                imported_at(now),
            )?;
            Ok(tally.into_imported(reference::announce(db, now)?))
        })?;
        shared.renew_reference()?;
        Ok(imported)
    })
    .await?;
    Ok(Json(imported))
}
