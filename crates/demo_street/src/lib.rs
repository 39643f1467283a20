//! demo_street
