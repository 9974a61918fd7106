//! `draw(&App, &mut Frame)`: a pure view. It changes nothing and caches nothing that can be wrong.
pub mod theme;

use crate::app::App;
use ratatui::Frame;
use theme::Theme;

/// Draws the whole screen.
pub fn draw(app: &App, theme: &Theme, frame: &mut Frame<'_>) {
    let _ = (app, theme, frame);
}
