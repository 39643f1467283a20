//! Building blocks of the screens.
