//! Arguments → config → a front end → exit code; no logic.
fn main() {}
