//! Tile archives: MBTiles and PMTiles v3 behind one trait, read by range and decompressed.
