//! Lines out of bytes that come in pieces: `\n`, `\r\n` and `\r` end a line, wherever the pieces are cut.
//!
//! No JSON and no event format is known here. A line that never ends is not kept without bound.

/// The longest line that is kept: far above any delta, far below what would hurt.
const LONGEST: usize = 16 * 1024 * 1024;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Lines {
    partial: Vec<u8>,
    after_cr: bool,
    too_long: bool,
}

impl Lines {
    /// The lines that are whole now, without their ends. Bytes that are no UTF-8 become replacement characters.
    pub fn feed(&mut self, chunk: &[u8]) -> Vec<String> {
        let mut out = Vec::new();
        for &byte in chunk {
            let skip = byte == b'\n' && self.after_cr;
            self.after_cr = byte == b'\r';
            match byte {
                _ if skip => {}
                b'\n' | b'\r' => out.push(self.take()),
                _ if self.partial.len() >= LONGEST => self.too_long = true,
                _ => self.partial.push(byte),
            }
        }
        out
    }
    /// What stands after the last line's end; the bytes are over.
    pub fn rest(&mut self) -> Option<String> {
        (!self.partial.is_empty()).then(|| self.take())
    }
    /// Whether a line was longer than anything the protocols send.
    pub fn too_long(&self) -> bool {
        self.too_long
    }

    fn take(&mut self) -> String {
        String::from_utf8_lossy(&std::mem::take(&mut self.partial)).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_wherever_the_bytes_are_cut() {
        let bytes = "a\r\nzwölf 表\n\n\rb\r\nend".as_bytes();
        let want = ["a", "zwölf 表", "", "", "b"];
        for cut in 0..=bytes.len() {
            let mut lines = Lines::default();
            let mut got = lines.feed(&bytes[..cut]);
            got.extend(lines.feed(&bytes[cut..]));
            assert_eq!(got, want, "cut at {cut}");
            assert_eq!(lines.rest().as_deref(), Some("end"));
        }
    }

    #[test]
    fn a_line_without_an_end_is_not_kept_for_ever() {
        let mut lines = Lines::default();
        let chunk = vec![b'x'; 1024 * 1024];
        for _ in 0..17 {
            assert!(lines.feed(&chunk).is_empty());
        }
        assert!(lines.too_long());
    }
}
