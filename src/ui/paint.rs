//! Writing inked text into cells: clipped to its place with `…`, never past it.
use super::theme::Theme;
use crate::app::flow::Run;
use crate::app::ink::Ink;
use crate::app::words::{clip, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A buffer and how inks look in it.
pub struct Paint<'a> {
    /// The cells.
    pub buffer: &'a mut Buffer,
    theme: &'a Theme,
}

impl<'a> Paint<'a> {
    /// For one frame.
    pub fn new(buffer: &'a mut Buffer, theme: &'a Theme) -> Self {
        Self { buffer, theme }
    }

    /// A text at a place, clipped to `columns`; the columns that it took.
    pub fn text(&mut self, x: u16, y: u16, columns: u16, ink: Ink, text: &str) -> u16 {
        if columns == 0 || !self.buffer.area.contains((x, y).into()) {
            return 0;
        }
        let shown = clip(text, usize::from(columns));
        let (end, _) = self.buffer.set_stringn(x, y, shown.as_ref(), usize::from(columns), self.theme.style(ink));
        end.saturating_sub(x)
    }

    /// A text that ends at a place.
    pub fn right(&mut self, area: Rect, y: u16, ink: Ink, text: &str) {
        let w = u16::try_from(width(text)).unwrap_or(u16::MAX).min(area.width);
        self.text(area.right() - w, y, w, ink, text);
    }

    /// Runs in one row, clipped to the area; the columns that they took.
    pub fn row<'t>(&mut self, area: Rect, y: u16, runs: impl IntoIterator<Item = (Ink, &'t str)>) -> u16 {
        let mut x = area.x;
        for (ink, text) in runs {
            let room = area.right().saturating_sub(x);
            if room == 0 {
                break;
            }
            x += self.text(x, y, room, ink, text);
        }
        x - area.x
    }

    /// A cached row.
    pub fn runs(&mut self, area: Rect, y: u16, runs: &[Run]) {
        self.row(area, y, runs.iter().map(|r| (r.ink, r.text.as_str())));
    }

    /// One glyph over a whole row.
    pub fn rule(&mut self, area: Rect, y: u16, ink: Ink, glyph: &str) {
        for x in area.x..area.right() {
            self.text(x, y, 1, ink, glyph);
        }
    }

    /// Blanks an area.
    pub fn clear(&mut self, area: Rect) {
        for y in area.y..area.bottom() {
            for x in area.x..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                }
            }
        }
    }

    /// Restyles a row that is drawn already.
    pub fn restyle(&mut self, area: Rect, y: u16, ink: Ink) {
        let style = self.theme.style(ink);
        self.buffer.set_style(Rect { y, height: 1, ..area }, style);
    }

    /// A frame with a title; what is inside it.
    pub fn boxed(&mut self, area: Rect, ink: Ink, title: &[(Ink, &str)]) -> Rect {
        self.clear(area);
        if area.width < 2 || area.height < 2 {
            return area;
        }
        let (l, r, t, b) = (area.x, area.right() - 1, area.y, area.bottom() - 1);
        self.rule(area, t, ink, "─");
        self.rule(area, b, ink, "─");
        for y in t + 1..b {
            self.text(l, y, 1, ink, "│");
            self.text(r, y, 1, ink, "│");
        }
        for (x, y, glyph) in [(l, t, "╭"), (r, t, "╮"), (l, b, "╰"), (r, b, "╯")] {
            self.text(x, y, 1, ink, glyph);
        }
        let head = Rect { x: l + 2, width: area.width.saturating_sub(4), ..area };
        if !title.is_empty() {
            let spaced = std::iter::once((ink, " ")).chain(title.iter().copied()).chain(std::iter::once((ink, " ")));
            self.row(head, t, spaced);
        }
        Rect { x: l + 2, y: t + 1, width: area.width.saturating_sub(4), height: area.height - 2 }
    }
}
