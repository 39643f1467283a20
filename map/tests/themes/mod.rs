//! The scenes, one file for each theme.

mod areas;
mod base_map;
mod canvas;
mod clusters;
mod grids;
mod handling;
mod heat;
mod hidden;
mod incidents;
mod jobs;
mod lines;
mod one_scene;
mod order;
mod people;
mod problems;
mod raster;
mod restyle;
mod schemas;
mod shapes;
mod symbols;
mod together;
mod tools;
