//! The one writer: a ratatui backend that gathers a frame, and writes it at once between the marks of synchronized
//! output. A frame that changes nothing is no write at all. It never asks the terminal anything.
use super::encode::Encoder;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use std::io::{self, Write};

const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// See the module.
#[derive(Debug)]
pub struct Writer<W: Write> {
    sink: W,
    size: Size,
    encoder: Encoder,
    frame: Vec<u8>,
    shown: bool,
}

impl<W: Write> Writer<W> {
    /// A terminal of this size whose modes are on, its cursor hidden, its style plain.
    pub fn new(sink: W, width: u16, height: u16) -> Self {
        Self { sink, size: Size::new(width, height), encoder: Encoder::new(width), frame: Vec::with_capacity(64 * 1024), shown: false }
    }
    /// The terminal's size is now this; the next draw repaints all.
    pub fn resized(&mut self, width: u16, height: u16) {
        self.size = Size::new(width, height);
        self.encoder.resize(width);
    }
    /// The modes were left and entered again: cursor hidden, style plain, content anything.
    pub fn entered(&mut self) {
        self.encoder.reset();
        self.frame.clear();
        self.shown = false;
    }
    /// Writes bytes that draw nothing (the clipboard's), outside a frame.
    pub fn aside(&mut self, bytes: &[u8]) -> io::Result<()> {
        write(&mut self.sink, bytes)
    }
}

impl<W: Write> Backend for Writer<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.encoder.cells(content, &mut self.frame);
        Ok(())
    }
    fn hide_cursor(&mut self) -> io::Result<()> {
        if self.shown {
            self.frame.extend_from_slice(b"\x1b[?25l");
            self.shown = false;
        }
        Ok(())
    }
    fn show_cursor(&mut self) -> io::Result<()> {
        if !self.shown {
            self.frame.extend_from_slice(b"\x1b[?25h");
            self.shown = true;
        }
        Ok(())
    }
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "the terminal is never asked where its cursor is"))
    }
    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        let Position { x, y } = position.into();
        self.encoder.go(x, y, &mut self.frame);
        Ok(())
    }
    fn clear(&mut self) -> io::Result<()> {
        self.encoder.clear(&mut self.frame);
        Ok(())
    }
    fn clear_region(&mut self, _: ClearType) -> io::Result<()> {
        // The screen is always the whole terminal; a part of it is cleared by drawing it.
        self.clear()
    }
    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }
    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::new(0, 0) })
    }
    fn flush(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(self.frame.len() + BEGIN.len() + END.len());
        bytes.extend_from_slice(BEGIN);
        bytes.append(&mut self.frame);
        bytes.extend_from_slice(END);
        write(&mut self.sink, &bytes)
    }
}

/// Writes all of it; a terminal that someone else set to non-blocking is waited for, ten seconds at most.
fn write(sink: &mut impl Write, mut bytes: &[u8]) -> io::Result<()> {
    let mut patience = 5000;
    while !bytes.is_empty() {
        match sink.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = bytes.get(n..).unwrap_or_default(),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) if e.kind() == io::ErrorKind::WouldBlock && patience > 0 => {
                patience -= 1;
                std::thread::sleep(std::time::Duration::from_millis(2));
            }
            Err(e) => return Err(e),
        }
    }
    sink.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::Terminal;
    use ratatui::widgets::Paragraph;

    /// Counts writes.
    #[derive(Debug, Default)]
    struct Sink(Vec<Vec<u8>>);
    impl Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.push(bytes.to_vec());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_marked_write_and_an_unchanged_one_is_none() {
        let mut terminal = Terminal::new(Writer::new(Sink::default(), 20, 3)).unwrap();
        for text in ["one", "one", "two"] {
            terminal.draw(|f| f.render_widget(Paragraph::new(text), f.area())).unwrap();
        }
        let writes: Vec<String> = terminal.backend().sink.0.iter().map(|w| String::from_utf8(w.clone()).unwrap()).collect();
        assert_eq!(writes.len(), 2, "{writes:?}");
        assert!(writes.iter().all(|w| w.starts_with("\x1b[?2026h") && w.ends_with("\x1b[?2026l")));
        assert_eq!(writes[1], "\x1b[?2026h\rtwo\x1b[?2026l");
    }

    #[test]
    fn the_cursor_is_shown_and_hidden_once() {
        let mut terminal = Terminal::new(Writer::new(Sink::default(), 20, 3)).unwrap();
        for at in [None, Some((2, 1)), Some((2, 1)), None, None] {
            terminal
                .draw(|f| {
                    if let Some(at) = at {
                        f.set_cursor_position(at);
                    }
                })
                .unwrap();
        }
        let all: Vec<u8> = terminal.backend().sink.0.concat();
        let all = String::from_utf8(all).unwrap();
        assert_eq!((all.matches("?25h").count(), all.matches("?25l").count()), (1, 1), "{all:?}");
    }

    #[test]
    fn a_resize_repaints_everything_in_one_write() {
        let mut terminal = Terminal::new(Writer::new(Sink::default(), 20, 3)).unwrap();
        terminal.draw(|f| f.render_widget(Paragraph::new("one"), f.area())).unwrap();
        terminal.backend_mut().resized(10, 2);
        terminal.draw(|f| f.render_widget(Paragraph::new("one"), f.area())).unwrap();
        assert_eq!(terminal.backend().sink.0.len(), 2);
        assert!(String::from_utf8(terminal.backend().sink.0[1].clone()).unwrap().contains("\x1b[2J"));
    }
}
