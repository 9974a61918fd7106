//! The data that an embedded cluster starts from.
