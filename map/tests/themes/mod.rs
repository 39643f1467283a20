//! The scenes, one file for each theme.

mod base_map;
mod canvas;
mod grids;
mod handling;
mod incidents;
mod people;
mod raster;
mod together;
