//! The ASCII set, for `LANG=C`: every cell that is not ASCII becomes the nearest thing that is.
use ratatui::buffer::Buffer;

/// Replaces every glyph outside ASCII. A wide one leaves a blank behind it.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let plain = plain(cell.symbol());
            cell.set_symbol(plain);
        }
    }
}

fn plain(glyph: &str) -> &'static str {
    match glyph {
        "─" | "–" | "—" => "-",
        "━" => "=",
        "│" | "┊" | "▎" => "|",
        "╭" | "╮" | "╰" | "╯" => "+",
        "…" => "~",
        "●" | "•" | "·" | "◆" => "*",
        "✗" | "×" => "x",
        "⊘" => "!",
        "○" => "o",
        "▲" | "↑" => "^",
        "▼" | "↓" | "✓" => "v",
        "≠" => "#",
        "→" => ">",
        "⟦" => "[",
        "⟧" => "]",
        _ => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;

    #[test]
    fn nothing_but_ascii_is_left() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 20, 1));
        buffer.set_string(0, 0, "─✓ 3 pods … 表é", ratatui::style::Style::default());
        to_ascii(&mut buffer);
        assert!(buffer.content.iter().all(|c| c.symbol().is_ascii()));
        assert!(buffer.content.iter().map(ratatui::buffer::Cell::symbol).collect::<String>().starts_with("-v 3 pods ~ ?"));
    }
}
