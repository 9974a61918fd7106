//! A picture of a terminal: the model's cells as SVG. Nothing is drawn that is not in a cell.
use std::fmt::Write as _;

/// Width and height of a cell, in px.
const CELL: (f32, f32) = (8.4, 18.0);
const INK: &str = "#d8dee9";
const PAPER: &str = "#1b1f27";
const PALETTE: [&str; 16] = [
    "#2b303b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#6b7280", "#ff7b86", "#b5e890", "#ffd787", "#7cc4ff", "#e29bf5",
    "#7fdbe6", "#ffffff",
];

#[derive(Clone, PartialEq)]
struct Style {
    ink: String,
    paper: Option<String>,
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
}

/// The whole screen.
pub fn draw(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (width, height) = (f32::from(columns.get()) * CELL.0 + 16.0, f32::from(rows.get()) * CELL.1 + 16.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\">\n<rect width=\"100%\" height=\"100%\" rx=\"6\" fill=\"{PAPER}\"/>\n<g font-family=\"ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace\" font-size=\"14\" xml:space=\"preserve\">\n"
    );
    for row in 0..rows.get() {
        let mut column = 0;
        while column < columns.get() {
            let start = column;
            let style = style(screen, row, column);
            let mut text = String::new();
            while column < columns.get() && self::style(screen, row, column) == style {
                let cell = screen.cell(row, column).unwrap();
                if !cell.is_wide_continuation() {
                    text.push_str(if cell.has_contents() { cell.contents() } else { " " });
                }
                column += 1;
            }
            run(&mut out, row, start, column - start, &text, &style);
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

fn run(out: &mut String, row: u16, column: u16, width: u16, text: &str, style: &Style) {
    let (x, y) = (f32::from(column) * CELL.0 + 8.0, f32::from(row) * CELL.1 + 8.0);
    let wide = f32::from(width) * CELL.0;
    if let Some(paper) = &style.paper {
        let _ = writeln!(out, "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{wide:.1}\" height=\"{:.1}\" fill=\"{paper}\"/>", CELL.1);
    }
    if text.trim().is_empty() && !style.underline {
        return;
    }
    let mut attributes = format!("fill=\"{}\"", style.ink);
    for (on, attribute) in [
        (style.bold, " font-weight=\"bold\""),
        (style.dim, " opacity=\"0.65\""),
        (style.italic, " font-style=\"italic\""),
        (style.underline, " text-decoration=\"underline\""),
    ] {
        if on {
            attributes.push_str(attribute);
        }
    }
    // Blank cells at either end carry no ink (an underline does).
    let blank = |c: char| c == ' ' && !style.underline;
    let lead = text.chars().take_while(|c| blank(*c)).count();
    let tail = text.chars().rev().take_while(|c| blank(*c)).count();
    let (x, wide) = (x + lead as f32 * CELL.0, wide - (lead + tail) as f32 * CELL.0);
    let text = text.trim_matches(blank);
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let _ = writeln!(out, "<text x=\"{x:.1}\" y=\"{:.1}\" textLength=\"{wide:.1}\" lengthAdjust=\"spacingAndGlyphs\" {attributes}>{escaped}</text>", y + 13.5);
}

fn style(screen: &vt100::Screen, row: u16, column: u16) -> Style {
    let cell = screen.cell(row, column).unwrap();
    let (mut ink, mut paper) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    if cell.inverse() {
        (ink, paper) = (Some(paper.unwrap_or_else(|| PAPER.into())), Some(ink.unwrap_or_else(|| INK.into())));
    }
    Style { ink: ink.unwrap_or_else(|| INK.into()), paper, bold: cell.bold(), dim: cell.dim(), italic: cell.italic(), underline: cell.underline() }
}

fn colour(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        vt100::Color::Idx(i) => Some(match i {
            0..=15 => PALETTE[usize::from(i)].to_owned(),
            16..=231 => {
                let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
                let n = i - 16;
                format!("#{:02x}{:02x}{:02x}", level(n / 36), level(n / 6 % 6), level(n % 6))
            }
            _ => {
                let grey = 8 + 10 * (i - 232);
                format!("#{grey:02x}{grey:02x}{grey:02x}")
            }
        }),
    }
}
