//! What a person reads through: colours and invisible characters that stand between the letters of a name and its value,
//! wide letters, and what a URL encodes. The text is read as it looks, and what is found is told in places of the text.
use std::ops::Range;

/// A text as it looks.
pub struct Unveiled {
    /// Without what nobody sees.
    pub text: String,
    /// For each byte of it, and for its end, where it stands in the text.
    places: Vec<usize>,
}

impl Unveiled {
    /// Reads a text as it looks.
    pub fn new(text: &str) -> Self {
        let mut out = Self { text: String::with_capacity(text.len()), places: Vec::with_capacity(text.len() + 1) };
        let mut i = 0;
        while let Some(c) = text.get(i..).and_then(|rest| rest.chars().next()) {
            let rest = text.get(i..).unwrap_or_default();
            let (shown, length) = match c {
                '\\' => unseen(rest).map_or((Some(c), 1), |length| (None, length)),
                '%' => decoded(rest).map_or((Some(c), 1), |shown| (Some(shown), 3)),
                c if c.is_ascii() => (Some(c), 1),
                c if is_unseen(u32::from(c)) => (None, c.len_utf8()),
                c => (Some(plain(c)), c.len_utf8()),
            };
            if let Some(shown) = shown {
                out.text.push(shown);
                out.places.resize(out.text.len(), i);
            }
            i += length;
        }
        out.places.push(text.len());
        out
    }

    /// Where a range of it stands in the text.
    pub fn outside(&self, range: &Range<usize>) -> Option<Range<usize>> {
        Some(*self.places.get(range.start)?..*self.places.get(range.end)?)
    }
}

/// How long the escape is that a text begins with, if it stands for something that nobody sees: a colour, a control or an
/// invisible character, as `Clean` or JSON writes it.
fn unseen(text: &str) -> Option<usize> {
    let hex = |from: usize, to: usize| text.get(from..to).and_then(|digits| u32::from_str_radix(digits, 16).ok());
    let (code, length) = if text.starts_with("\\u{") {
        let close = text.get(..12).unwrap_or(text).find('}')?;
        (hex(3, close)?, close + 1)
    } else if text.starts_with("\\u") {
        (hex(2, 6).filter(|code| *code == 0x1b || is_unseen(*code))?, 6)
    } else if text.starts_with("\\x") {
        (hex(2, 4)?, 4)
    } else {
        return None;
    };
    let colour = || {
        let inner = text.get(length..)?.strip_prefix('[')?;
        let end = inner.find(|c: char| !c.is_ascii_digit() && !matches!(c, ';' | ':' | '?'))?;
        inner.as_bytes().get(end)?.is_ascii_alphabetic().then_some(length + 1 + end + 1)
    };
    (if code == 0x1b { colour() } else { None }).or(Some(length))
}

/// Characters that nobody sees.
fn is_unseen(code: u32) -> bool {
    matches!(code, 0xad | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2064 | 0xfeff)
}

/// A separator that a URL encodes, as a text begins with it.
fn decoded(text: &str) -> Option<char> {
    let code = u8::from_str_radix(text.get(1..3)?, 16).ok().map(char::from)?;
    " \"#&,/:;=?@{}".contains(code).then_some(code)
}

/// A wide letter as the plain one, and a space of whatever width as a space.
fn plain(c: char) -> char {
    let wide = u32::from(c).checked_sub(0xff01).filter(|i| *i <= 0x5d).and_then(|i| char::from_u32(0x21 + i));
    wide.unwrap_or(if c.is_whitespace() { ' ' } else { c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_read_as_it_looks_and_its_places_are_known() {
        for (text, want) in [
            ("\\x1b[31mDB\\x1b[0m=\\x1b[1;32mx\\x1b[0m", "DB=x"),
            ("DB_PASS\\u{200b}WORD=a\\x00b", "DB_PASSWORD=ab"),
            ("\\u001b[0ma\\u200bb\\u003c", "ab\\u003c"),
            ("ｐａｓｓ＝\u{a0}x", "pass= x"),
            ("password%3Dx%26y%zz%", "password=x&y%zz%"),
            ("C:\\new \\x \\u{ \\u{zz}", "C:\\new \\x \\u{ \\u{zz}"),
        ] {
            let seen = Unveiled::new(text);
            assert_eq!(seen.text, want);
            assert_eq!(seen.outside(&(0..seen.text.len())).map(|r| r.end), Some(text.len()));
        }
        let seen = Unveiled::new("ä\\x00=ö");
        let range = seen.outside(&(3..5)).unwrap();
        assert_eq!(&"ä\\x00=ö"[range], "ö");
    }
}
