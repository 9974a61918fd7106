//! Server-sent events: the `data` of each event, from bytes that come in pieces.
//!
//! Only what model servers use: `data` lines (several make one payload), comments as pings, a byte order mark. Other
//! fields are skipped.
use super::lines::Lines;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Sse {
    lines: Lines,
    data: Option<String>,
    started: bool,
}

impl Sse {
    /// The payloads that are whole now.
    pub fn feed(&mut self, chunk: &[u8]) -> Vec<String> {
        let lines = self.lines.feed(chunk);
        lines.iter().filter_map(|l| self.line(l)).collect()
    }
    /// A last payload that no empty line ended.
    pub fn rest(&mut self) -> Option<String> {
        if let Some(line) = self.lines.rest() {
            self.line(&line);
        }
        self.data.take()
    }
    /// Whether a line was longer than anything the protocol sends.
    pub fn too_long(&self) -> bool {
        self.lines.too_long()
    }

    fn line(&mut self, line: &str) -> Option<String> {
        let line = if std::mem::replace(&mut self.started, true) { line } else { line.strip_prefix('\u{feff}').unwrap_or(line) };
        if line.is_empty() {
            return self.data.take();
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        if field == "data" {
            let value = value.strip_prefix(' ').unwrap_or(value);
            match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_the_same_wherever_the_bytes_are_cut() {
        let bytes =
            "\u{feff}: OPENROUTER PROCESSING\r\n\r\ndata: {\"a\":\r\ndata: \"ü\"}\r\n\r\nevent: x\nid: 1\ndata:[1]\n\nretry: 5\n\ndata: last".as_bytes();
        for cut in 0..=bytes.len() {
            let mut sse = Sse::default();
            let mut got = sse.feed(&bytes[..cut]);
            got.extend(sse.feed(&bytes[cut..]));
            assert_eq!(got, ["{\"a\":\n\"ü\"}", "[1]"], "cut at {cut}");
            assert_eq!(sse.rest().as_deref(), Some("last"));
        }
    }
}
