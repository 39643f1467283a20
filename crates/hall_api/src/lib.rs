//! hall_api
