//! One event in, effects out.
use super::event::At;
use super::{App, Effect};

/// See the module of `app`.
pub fn update(app: &mut App, At { at, event }: At) -> Vec<Effect> {
    app.now = at;
    let _ = event;
    Vec::new()
}
