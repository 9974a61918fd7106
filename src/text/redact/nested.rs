//! Lines inside a string: a manifest or a file of settings that JSON carries with its line ends escaped. The string is
//! undone, searched like a text of its own, and what is found there is told in places of the outer text.
use super::bytes::{at, back, skip};
use std::ops::Range;

/// How many strings in strings are undone.
pub const DEEPEST: usize = 3;

/// The string that a position is in: up to the quotes around it that nothing escapes, or the ends of the line.
pub fn around(b: &[u8], i: usize) -> Range<usize> {
    let bare = |q: usize| at(b, q) == b'"' && (q == 0 || at(b, q - 1) != b'\\');
    let mut start = i;
    loop {
        start = back(b, start, |c| c != b'"' && c != b'\n');
        if start == 0 || at(b, start - 1) == b'\n' || bare(start - 1) {
            break;
        }
        start -= 1;
    }
    let mut end = i;
    loop {
        end = skip(b, end, |c| c != b'"' && c != b'\n');
        if end >= b.len() || at(b, end) == b'\n' || bare(end) {
            break;
        }
        end += 1;
    }
    start..end
}

/// Whether a string has lines: an escaped line end with something behind it.
pub fn has_lines(string: &str) -> bool {
    string.match_indices("\\n").any(|(i, _)| i + 2 < string.len())
}

/// A string undone by one level.
pub struct Undone {
    /// What it says.
    pub text: String,
    /// For each byte of it, and for its end, where it stands outside.
    places: Vec<usize>,
}

impl Undone {
    /// Undoes the escapes of `string`, which stands at `start` outside.
    pub fn new(string: &str, start: usize) -> Self {
        let mut out = Self { text: String::with_capacity(string.len()), places: Vec::with_capacity(string.len() + 1) };
        let mut chars = string.char_indices();
        while let Some((i, c)) = chars.next() {
            if c != '\\' {
                out.push(c, start + i);
                continue;
            }
            let mut ahead = chars.clone();
            match ahead.next().map(|(_, c)| c) {
                Some('n') => out.push('\n', start + i),
                Some('r' | 't') => out.push(' ', start + i),
                Some(c @ ('"' | '\\' | '/' | '\'')) => out.push(c, start + i),
                Some('u') if let Some(c) = unicode(string.get(i + 2..i + 6)) => {
                    out.push(c, start + i);
                    ahead.nth(3);
                }
                _ => {
                    out.push('\\', start + i);
                    ahead = chars.clone();
                }
            }
            chars = ahead;
        }
        out.places.push(start + string.len());
        out
    }

    fn push(&mut self, c: char, place: usize) {
        self.text.push(c);
        self.places.resize(self.text.len(), place);
    }

    /// Where a range of the text stands outside.
    pub fn outside(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(*self.places.get(range.start)?..*self.places.get(range.end)?)
    }
}

/// A printable ASCII character as JSON escapes it.
fn unicode(digits: Option<&str>) -> Option<char> {
    let code = u8::from_str_radix(digits?.strip_prefix("00")?, 16).ok()?;
    matches!(code, b' '..=b'~').then_some(char::from(code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_undone_and_its_places_are_those_outside() {
        let text = r#"{"a":"x: \"y\"\nb\u0026ä\\n\q"}"#;
        let range = around(text.as_bytes(), 12);
        let undone = Undone::new(&text[range.clone()], range.start);
        assert_eq!(undone.text, "x: \"y\"\nb&ä\\n\\q");
        let y = undone.text.find('y').unwrap();
        assert_eq!(&text[undone.outside(&(y..y + 1)).unwrap()], "y");
        assert_eq!(&text[undone.outside(&(7..9)).unwrap()], "b\\u0026");
        assert_eq!(undone.outside(&(0..undone.text.len())), Some(range));
        assert!(has_lines("a\\nb") && !has_lines("a\\n") && !has_lines("a"));
    }
}
