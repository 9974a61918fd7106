//! Cells to bytes, as few as the change needs: the shortest cursor move, the shortest change of style, erasing in place
//! of writing blanks. It remembers where the terminal's cursor is and which style is on, across frames.
use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};
use std::io::Write as _;
use unicode_width::UnicodeWidthChar as _;

/// A run of blanks this long is erased, a shorter one written.
const ERASE_FROM: u16 = 6;

/// The style that is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Pen {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

const PLAIN: Pen = Pen { fg: Color::Reset, bg: Color::Reset, modifier: Modifier::empty() };
/// What shows on a blank, beside the background.
const ON_BLANKS: Modifier = Modifier::REVERSED.union(Modifier::UNDERLINED).union(Modifier::CROSSED_OUT);

/// See the module.
#[derive(Debug)]
pub struct Encoder {
    width: u16,
    /// `None`: not known; the next move is absolute.
    cursor: Option<(u16, u16)>,
    pen: Pen,
}

impl Encoder {
    /// For a terminal so many columns wide, in a state that [`Encoder::reset`] describes.
    pub fn new(width: u16) -> Self {
        Self { width, cursor: None, pen: PLAIN }
    }
    /// The terminal is this wide now.
    pub fn resize(&mut self, width: u16) {
        self.width = width;
        self.cursor = None;
    }
    /// The terminal's style was reset and its cursor is anywhere.
    pub fn reset(&mut self) {
        self.cursor = None;
        self.pen = PLAIN;
    }

    /// The bytes that clear the screen.
    pub fn clear(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x1b[m\x1b[2J");
        self.reset();
    }

    /// The bytes that draw these cells, which come row by row.
    pub fn cells<'a>(&mut self, cells: impl Iterator<Item = (u16, u16, &'a Cell)>, out: &mut Vec<u8>) {
        let cells: Vec<_> = cells.collect();
        let mut rest = cells.as_slice();
        while let Some(((x, y, cell), after)) = rest.split_first() {
            let blanks = blanks(rest);
            if blanks >= ERASE_FROM {
                self.go(*x, *y, out);
                self.erase(*x, blanks, out);
                rest = rest.get(usize::from(blanks)..).unwrap_or_default();
            } else {
                self.go(*x, *y, out);
                self.put(*x, *y, cell, out);
                rest = after;
            }
        }
    }

    /// Moves the cursor by the shortest of the ways that are known.
    pub fn go(&mut self, x: u16, y: u16, out: &mut Vec<u8>) {
        if self.cursor == Some((x, y)) {
            return;
        }
        let mut best = if (x, y) == (0, 0) { b"\x1b[H".to_vec() } else { sequence(&[y + 1, x + 1], b'H') };
        let mut offer = |way: Vec<u8>| {
            if way.len() < best.len() {
                best = way;
            }
        };
        if let Some((cx, cy)) = self.cursor {
            if cy == y {
                offer(if x > cx { steps(x - cx, b'C') } else { steps(cx - x, b'D') });
                offer(if x == 0 { b"\r".to_vec() } else { sequence(&[x + 1], b'G') });
            } else if cx == x {
                offer(if y > cy { steps(y - cy, b'B') } else { steps(cy - y, b'A') });
            } else if y == cy + 1 {
                let mut way = b"\r\n".to_vec();
                if x > 0 {
                    way.extend(steps(x, b'C'));
                }
                offer(way);
            }
        }
        out.append(&mut best);
        self.cursor = Some((x, y));
    }

    fn erase(&mut self, x: u16, blanks: u16, out: &mut Vec<u8>) {
        if self.pen.bg != Color::Reset || self.pen.modifier.intersects(ON_BLANKS) {
            self.style(PLAIN, out);
        }
        if x + blanks >= self.width {
            out.extend_from_slice(b"\x1b[K");
        } else {
            out.extend(steps(blanks, b'X'));
        }
    }

    fn put(&mut self, x: u16, y: u16, cell: &Cell, out: &mut Vec<u8>) {
        let want = Pen { fg: cell.fg, bg: cell.bg, modifier: cell.modifier };
        let symbol = cell.symbol();
        let blank = symbol == " " && !(want.modifier | self.pen.modifier).intersects(ON_BLANKS) && want.bg == self.pen.bg;
        if !blank {
            self.style(want, out);
        }
        out.extend_from_slice(symbol.as_bytes());
        let mut chars = symbol.chars();
        let width = match (chars.next(), chars.next()) {
            (Some(c), None) => c.width().and_then(|w| u16::try_from(w).ok()),
            _ => None,
        };
        // At the right edge, and after clusters that terminals measure differently, the place is not known.
        self.cursor = width.map(|w| x + w).filter(|x| *x < self.width).map(|x| (x, y));
    }

    fn style(&mut self, want: Pen, out: &mut Vec<u8>) {
        if want == self.pen {
            return;
        }
        let anew = codes(PLAIN, want);
        let anew = if anew.is_empty() { String::new() } else { format!("0;{anew}") };
        let change = codes(self.pen, want);
        let shortest = if change.is_empty() || anew.len() < change.len() { anew } else { change };
        let _ = write!(out, "\x1b[{shortest}m");
        self.pen = want;
    }
}

/// How many cells from the first on are blanks in a row that erasing would make the same.
fn blanks(cells: &[(u16, u16, &Cell)]) -> u16 {
    let Some((x, y, _)) = cells.first() else { return 0 };
    let plain = |c: &Cell| c.symbol() == " " && c.bg == Color::Reset && !c.modifier.intersects(ON_BLANKS);
    let run = cells.iter().enumerate().take_while(|(n, (cx, cy, c))| cy == y && usize::from(*cx) == usize::from(*x) + n && plain(c)).count();
    u16::try_from(run).unwrap_or(u16::MAX)
}

fn sequence(numbers: &[u16], end: u8) -> Vec<u8> {
    let numbers: Vec<String> = numbers.iter().map(u16::to_string).collect();
    let mut out = format!("\x1b[{}", numbers.join(";")).into_bytes();
    out.push(end);
    out
}

/// `ESC [ n END`, the one left out.
fn steps(n: u16, end: u8) -> Vec<u8> {
    if n == 1 { vec![0x1b, b'[', end] } else { sequence(&[n], end) }
}

const MODIFIERS: [(Modifier, u8, u8); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// The SGR numbers that turn one style into another.
fn codes(from: Pen, to: Pen) -> String {
    let mut codes: Vec<String> = Vec::new();
    let mut on = from.modifier;
    for (modifier, _, off) in MODIFIERS {
        if on.contains(modifier) && !to.modifier.contains(modifier) {
            codes.push(off.to_string());
            // One code turns off both of a pair: what stays of it is turned on again below.
            MODIFIERS.iter().filter(|(_, _, o)| *o == off).for_each(|(m, _, _)| on.remove(*m));
        }
    }
    codes.extend(MODIFIERS.iter().filter(|(m, _, _)| to.modifier.contains(*m) && !on.contains(*m)).map(|(_, code, _)| code.to_string()));
    if from.fg != to.fg {
        codes.push(colour(to.fg, 30, 90));
    }
    if from.bg != to.bg {
        codes.push(colour(to.bg, 40, 100));
    }
    codes.join(";")
}

fn colour(colour: Color, base: u8, bright: u8) -> String {
    let basic = |n: u8| (base + n).to_string();
    let light = |n: u8| (bright + n).to_string();
    match colour {
        Color::Reset => basic(9),
        Color::Black => basic(0),
        Color::Red => basic(1),
        Color::Green => basic(2),
        Color::Yellow => basic(3),
        Color::Blue => basic(4),
        Color::Magenta => basic(5),
        Color::Cyan => basic(6),
        Color::Gray => basic(7),
        Color::DarkGray => light(0),
        Color::LightRed => light(1),
        Color::LightGreen => light(2),
        Color::LightYellow => light(3),
        Color::LightBlue => light(4),
        Color::LightMagenta => light(5),
        Color::LightCyan => light(6),
        Color::White => light(7),
        Color::Indexed(n) => format!("{};5;{n}", base + 8),
        Color::Rgb(r, g, b) => format!("{};2;{r};{g};{b}", base + 8),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    fn drawn(from: &Buffer, to: &Buffer, encoder: &mut Encoder) -> Vec<u8> {
        let mut out = Vec::new();
        encoder.cells(from.diff(to).into_iter(), &mut out);
        out
    }

    fn same(screen: &vt100::Screen, want: &Buffer) {
        for y in 0..want.area.height {
            for x in 0..want.area.width {
                let (cell, got) = (&want[(x, y)], screen.cell(y, x).unwrap());
                let symbol = if got.contents().is_empty() { " " } else { got.contents() };
                assert_eq!(symbol, cell.symbol(), "at {x},{y}");
                let bg = match cell.bg {
                    Color::Red => vt100::Color::Idx(1),
                    Color::Indexed(n) => vt100::Color::Idx(n),
                    _ => vt100::Color::Default,
                };
                assert_eq!(got.bgcolor(), bg, "background at {x},{y}");
                assert_eq!(got.inverse(), cell.modifier.contains(Modifier::REVERSED), "reverse at {x},{y}");
                if symbol != " " {
                    assert_eq!(got.bold(), cell.modifier.contains(Modifier::BOLD), "bold at {x},{y}");
                    assert_eq!(got.dim(), cell.modifier.contains(Modifier::DIM), "dim at {x},{y}");
                }
            }
        }
    }

    fn cell() -> impl Strategy<Value = (char, u8)> {
        (prop_oneof![4 => Just(' '), 4 => prop::char::range('a', 'z'), 1 => Just('│')], 0u8..16)
    }

    fn fill(cells: &[(char, u8)], width: u16, height: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
        for (cell, (c, bits)) in buffer.content.iter_mut().zip(cells) {
            let mut style = Style::new();
            if bits & 0b0001 != 0 {
                style = style.bg(Color::Red);
            }
            if bits & 0b0010 != 0 {
                style = style.add_modifier(Modifier::BOLD).fg(Color::Indexed(200));
            }
            // vt100 knows one intensity a cell: never both.
            if bits & 0b0110 == 0b0100 {
                style = style.add_modifier(Modifier::DIM);
            }
            if bits & 0b1100 == 0b1000 {
                style = style.add_modifier(Modifier::REVERSED);
            }
            cell.set_char(*c).set_style(style);
        }
        buffer
    }

    proptest! {
        /// Whatever changed between frames, a terminal that got the bytes shows the second frame.
        #[test]
        fn a_terminal_shows_what_was_drawn(frames in prop::collection::vec(prop::collection::vec(cell(), 60), 1..5)) {
            let mut parser = vt100::Parser::new(4.try_into().unwrap(), 15.try_into().unwrap(), 0);
            let mut encoder = Encoder::new(15);
            let mut last = Buffer::empty(Rect::new(0, 0, 15, 4));
            for frame in frames {
                let next = fill(&frame, 15, 4);
                parser.process(&drawn(&last, &next, &mut encoder));
                same(parser.screen(), &next);
                last = next;
            }
        }
    }

    #[test]
    fn one_typed_character_costs_one_byte_where_the_cursor_stands() {
        let area = Rect::new(0, 0, 40, 2);
        let (a, mut b, mut c) = (Buffer::empty(area), Buffer::empty(area), Buffer::empty(area));
        b.set_string(3, 1, "a", Style::new());
        c.set_string(3, 1, "ab", Style::new());
        let mut encoder = Encoder::new(40);
        assert_eq!(drawn(&a, &b, &mut encoder), b"\x1b[2;4Ha");
        assert_eq!(drawn(&b, &c, &mut encoder), b"b");
        assert_eq!(drawn(&c, &c, &mut encoder), b"");
    }

    #[test]
    fn a_row_that_is_emptied_to_the_edge_is_erased() {
        let area = Rect::new(0, 0, 40, 1);
        let (mut a, b) = (Buffer::empty(area), Buffer::empty(area));
        a.set_string(0, 0, "x".repeat(40), Style::new());
        assert_eq!(drawn(&a, &b, &mut Encoder::new(40)), b"\x1b[H\x1b[K");
    }

    #[test]
    fn dropping_one_of_a_pair_of_modifiers_keeps_the_other() {
        let both = Pen { modifier: Modifier::BOLD | Modifier::DIM, ..PLAIN };
        let bold = Pen { modifier: Modifier::BOLD, ..PLAIN };
        assert_eq!(codes(both, bold), "22;1");
    }
}
