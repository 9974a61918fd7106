//! A tolerant walk over JSON: in a text of its own, among other text, or inside strings of other JSON, where its quotes
//! stand behind one, three, … backslashes. It never fails: braces that do not match and text that ends early are borne.
use super::Found;
use super::bytes::{Quote, at, skip};
use super::objects::Mapping;

/// One open `{` or `[`.
#[derive(Debug, Default)]
struct Frame {
    mapping: Mapping,
    key: Option<String>,
    in_data: bool,
}

/// Walks the strings that are quoted by `quote` behind `escapes` backslashes.
pub fn walk(text: &str, quote: u8, escapes: usize, found: &mut Vec<Found>) {
    let b = text.as_bytes();
    let mut walk = Walk { text, stack: Vec::new(), root: Frame::default(), found };
    let mut i = 0;
    while i < b.len() {
        match at(b, i) {
            b'{' | b'[' => walk.open(),
            b'}' | b']' => walk.close(),
            b',' => walk.frame().key = None,
            b'\\' | b'"' | b'\'' => {
                let run = skip(b, i, |c| c == b'\\') - i;
                if at(b, i + run) != quote {
                    i += run.max(1);
                    continue;
                }
                if run < escapes {
                    // The string that this JSON stood in ends.
                    walk.end();
                } else if run == escapes {
                    i = walk.string(Quote { byte: quote, escapes, content: i + run + 1 });
                    continue;
                }
                i += run;
            }
            _ => {}
        }
        i += 1;
    }
    walk.end();
}

struct Walk<'a> {
    text: &'a str,
    stack: Vec<Frame>,
    /// What stands outside all braces: an object whose beginning was cut off.
    root: Frame,
    found: &'a mut Vec<Found>,
}

impl Walk<'_> {
    fn frame(&mut self) -> &mut Frame {
        self.stack.last_mut().unwrap_or(&mut self.root)
    }

    fn open(&mut self) {
        let outer = self.frame();
        let in_data = outer.in_data || matches!(outer.key.as_deref(), Some("data" | "stringData"));
        outer.key = None;
        self.stack.push(Frame { in_data, ..Frame::default() });
    }

    fn close(&mut self) {
        if let Some(frame) = self.stack.pop() {
            // `data` outside all braces belongs to an object whose beginning was cut off; whole objects end here.
            let root = frame.in_data.then_some(&mut self.root);
            let outer = self.stack.last_mut().or(root).map(|f| &mut f.mapping);
            frame.mapping.close(self.text, outer, self.found);
        }
    }

    fn end(&mut self) {
        while !self.stack.is_empty() {
            self.close();
        }
        std::mem::take(&mut self.root).mapping.close(self.text, None, self.found);
    }

    /// A string: a key when a colon follows, else a value. Returns where to go on.
    fn string(&mut self, quote: Quote) -> usize {
        let b = self.text.as_bytes();
        let end = quote.end(b);
        let value = self.text.get(quote.content..end).unwrap_or_default();
        let closed = skip(b, end, |c| c == b'\\');
        let behind = if at(b, closed) == quote.byte { closed + 1 } else { end };
        let colon = skip(b, behind, |c| c.is_ascii_whitespace());
        let in_data = self.frame().in_data;
        if at(b, colon) == b':' && self.frame().key.is_none() {
            self.frame().key = Some(value.to_owned());
            return colon + 1;
        }
        let key = self.frame().key.take();
        if in_data {
            self.frame().mapping.datum(quote.content..end);
        } else if let Some(key) = key {
            let value = value.to_owned();
            self.frame().mapping.scalar(&key, &value, quote.content..end);
        }
        behind
    }
}
