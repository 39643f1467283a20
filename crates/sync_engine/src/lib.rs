//! sync_engine
