//! A tolerant walk over block YAML by indentation: in a text of its own, among other text, or inside a block scalar of
//! other YAML. It never fails: lines that are no YAML are passed over.
use super::objects::{Mapping, is_metadata, is_secret_kind};
use super::{Found, encoded};
use std::ops::Range;

/// One mapping and the column of its keys.
#[derive(Debug)]
struct Open {
    indent: usize,
    mapping: Mapping,
}

/// A `data:` being walked: the column of that key and of the entries below it, and the entry's value so far.
#[derive(Debug)]
struct Data {
    indent: usize,
    entries: Option<usize>,
    value: Option<Range<usize>>,
    /// Which open mapping it belongs to.
    owner: usize,
}

impl Data {
    /// A line below `data:`; returns the value that it ends.
    fn line(&mut self, content: &str, indent: usize, start: usize) -> Option<Range<usize>> {
        let entries = *self.entries.get_or_insert(indent);
        if indent > entries {
            let end = start + content.len();
            self.value.get_or_insert(start..end).end = end;
            return None;
        }
        let done = self.value.take();
        self.value = key_value(content).filter(|(_, value, _)| !value.is_empty()).map(|(_, value, offset)| scalar(value, start + offset));
        done
    }
}

/// Walks all lines.
pub fn walk(text: &str, found: &mut Vec<Found>) {
    let mut walk = Walk { text, stack: Vec::new(), data: Vec::new(), value_at: None, stray: Vec::new(), parent: false, found };
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        walk.line(line.trim_end_matches(['\n', '\r']), start);
        start += line.len();
    }
    walk.end_data(0);
    walk.close_to(0, true, true);
}

struct Walk<'a> {
    text: &'a str,
    stack: Vec<Open>,
    /// Those that the line is inside of: a ConfigMap's may hold the manifest of a Secret.
    data: Vec<Data>,
    /// The column of a `value:` key whose value may go on below.
    value_at: Option<usize>,
    /// Scalars deeper than any key before them, and how deep: their parents were cut off.
    stray: Vec<(usize, Range<usize>)>,
    /// A key with others below it was seen: from there on nothing lacks its parents.
    parent: bool,
    found: &'a mut Vec<Found>,
}

impl Walk<'_> {
    fn line(&mut self, line: &str, start: usize) {
        let content = line.trim_start_matches(' ');
        let indent = line.len() - content.len();
        let content = content.trim_end();
        if content.is_empty() {
            return;
        }
        self.end_data(indent);
        for data in &mut self.data {
            let done = data.line(content, indent, start + indent);
            if let (Some(value), Some(open)) = (done, self.stack.get_mut(data.owner)) {
                open.mapping.datum(value);
            }
        }
        if let Some(at) = self.value_at {
            if indent > at {
                if let Some(open) = self.stack.last_mut() {
                    open.mapping.prolong_value(start + indent + content.len());
                }
                return;
            }
            self.value_at = None;
        }
        if indent == 0 && (content.starts_with("---") || content == "...") {
            self.close_to(0, true, false);
            self.stray.clear();
            self.parent = false;
            return;
        }
        self.entry(content, indent, start + indent);
    }

    /// Notes a scalar whose parents were cut off; when the object that it was in proves to be a Secret, it is data.
    fn cut_off(&mut self, key: Option<&str>, indent: usize, range: Range<usize>) {
        if !self.parent && !key.is_some_and(is_metadata) && !range.is_empty() && self.stray.len() < 512 {
            self.stray.push((indent, range));
        }
    }

    /// `- - key: value`.
    fn entry(&mut self, mut content: &str, mut indent: usize, mut start: usize) {
        let item = content.starts_with('-');
        while let Some(rest) = content.strip_prefix("- ").or_else(|| (content == "-").then_some("")) {
            self.close_to(indent + 1, false, false);
            let inner = rest.trim_start_matches(' ');
            let step = content.len() - inner.len();
            (content, indent, start) = (inner, indent + step, start + step);
        }
        let Some((key, value, offset)) = key_value(content) else {
            // The rest of a line that was cut, at the very beginning.
            let rest = content.trim_start_matches([':', ' ']);
            let encoded = rest.len() >= 8 && rest.trim_end_matches('=').bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'));
            if encoded && (indent > 0 || self.stack.is_empty()) {
                let end = start + content.len();
                self.cut_off(None, indent + 1, end - rest.len()..end);
            }
            return;
        };
        self.close_to(indent + 1, false, false);
        if self.stack.last().is_none_or(|open| open.indent < indent) {
            self.stack.push(Open { indent, mapping: Mapping::default() });
        }
        let range = scalar(value, start + offset);
        // The indentation of the very first line may be what was cut.
        let dented = indent == 0 && start == 0 && encoded::is_no_word(value);
        if dented {
            self.stray.push((1, range.clone()));
        } else if indent > 0 && !item && !value.starts_with(['|', '>']) {
            self.cut_off(Some(key), indent, range.clone());
        }
        self.parent |= value.is_empty();
        let Some(open) = self.stack.last_mut() else { return };
        let plain = self.text.get(range.clone()).unwrap_or_default();
        // `ta:`, when the text begins in the middle of the word.
        let key = if start == 0 && value.is_empty() && "data".ends_with(key) { "data" } else { key };
        match key {
            "kind" if is_secret_kind(plain) => {
                for (_, range) in self.stray.extract_if(.., |(deep, _)| *deep > indent) {
                    open.mapping.datum(range);
                }
                open.mapping.scalar(key, plain, range);
            }
            "data" | "stringData" if value.is_empty() => {
                if key == "stringData" {
                    open.mapping.is_secret();
                }
                self.data.push(Data { indent, entries: None, value: None, owner: self.stack.len() - 1 });
            }
            "data" | "stringData" if value.starts_with('{') => {
                open.mapping.datum(start + offset + 1..start + offset + value.trim_end_matches('}').len().max(1));
            }
            _ => {
                open.mapping.scalar(key, plain, range);
                if key == "value" && !value.is_empty() {
                    self.value_at = Some(indent);
                }
            }
        }
    }

    /// Ends each `data:` that a line at `indent` is no longer inside of.
    fn end_data(&mut self, indent: usize) {
        while let Some(data) = self.data.pop_if(|data| data.indent >= indent) {
            if let (Some(value), Some(open)) = (data.value, self.stack.get_mut(data.owner)) {
                open.mapping.datum(value);
            }
        }
    }

    /// Closes every mapping whose keys stand at `indent` or deeper; all of them at the end of a document.
    fn close_to(&mut self, indent: usize, all: bool, cut: bool) {
        while let Some(open) = self.stack.pop_if(|open| all || open.indent >= indent) {
            let outer = self.stack.last_mut().map(|o| &mut o.mapping);
            open.mapping.close(self.text, outer, cut, self.found);
        }
    }
}

/// `key: value` to the key, the value, and where the value begins.
fn key_value(content: &str) -> Option<(&str, &str, usize)> {
    let quoted = content.strip_prefix('"').and_then(|rest| rest.split_once('"')).map(|(key, rest)| (key, rest, key.len() + 2));
    let (key, rest, used) = if let Some((key, rest, used)) = quoted {
        (key, rest.trim_start().strip_prefix(':')?, used + (rest.len() - rest.trim_start().len()) + 1)
    } else {
        let colon = content.find(": ").or_else(|| content.ends_with(':').then(|| content.len() - 1))?;
        (content.get(..colon)?, content.get(colon + 1..)?, colon + 1)
    };
    let value = rest.trim_start_matches(' ');
    let plain = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-' | b'/'));
    plain.then_some((key, value, used + rest.len() - value.len()))
}

/// The value without its quotes.
fn scalar(value: &str, start: usize) -> Range<usize> {
    let inner = ['"', '\''].into_iter().find_map(|q| value.strip_prefix(q).map(|rest| rest.strip_suffix(q).unwrap_or(rest)));
    match inner {
        Some(inner) => start + 1..start + 1 + inner.len(),
        None => start..start + value.len(),
    }
}
