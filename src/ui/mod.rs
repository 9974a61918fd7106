//! `draw(&App, &mut Frame)`: a pure view. It changes nothing and caches nothing that can be wrong.
mod chat;
mod context;
mod footer;
mod glyphs;
mod header;
mod paint;
mod panes;
mod popup;
mod review;
mod tables;
mod text;
pub mod theme;

use crate::app::App;
use crate::app::layout::Shape;
use ratatui::Frame;
use theme::Theme;

/// Draws the whole screen.
pub fn draw(app: &App, theme: &Theme, frame: &mut Frame<'_>) {
    let screen = frame.area();
    // A resize can reach the frame before it reaches the app.
    let fits = app.panes.header.intersection(screen) == app.panes.header && app.panes.footer.intersection(screen) == app.panes.footer;
    if screen.is_empty() || !fits {
        return;
    }
    let mut paint = paint::Paint::new(frame.buffer_mut(), theme);
    if app.panes.shape == Shape::Line {
        footer::one_line(app, &mut paint);
    } else {
        header::draw(app, &mut paint);
        panes::draw(app, &mut paint);
        footer::draw(app, &mut paint);
        if app.review.open {
            review::draw(app, &mut paint);
        }
        popup::draw(app, &mut paint);
    }
    if app.setup.ascii {
        glyphs::to_ascii(frame.buffer_mut());
    }
}
