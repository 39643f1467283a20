//! The backend as others meet it: over real connections, with its real database and its own program.

#[cfg(test)]
mod assess;
#[cfg(test)]
mod chain;
#[cfg(test)]
mod check_grids;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod connections;
#[cfg(test)]
mod desk_reports;
#[cfg(test)]
mod drills;
#[cfg(test)]
mod duty;
#[cfg(test)]
mod escalation;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod illegal_steps;
#[cfg(test)]
mod imports;
#[cfg(test)]
mod life_cycle;
#[cfg(test)]
mod many_orders;
#[cfg(test)]
mod matching;
#[cfg(test)]
mod modes;
#[cfg(test)]
mod officers;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod outside_roster;
#[cfg(test)]
mod program;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod suspension;
#[cfg(test)]
mod whistles;
