//! The scenes, one file for each theme.

mod areas;
mod base_map;
mod canvas;
mod clusters;
mod grids;
mod handling;
mod incidents;
mod order;
mod people;
mod raster;
mod together;
mod tools;
