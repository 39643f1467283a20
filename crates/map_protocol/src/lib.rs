//! map_protocol
