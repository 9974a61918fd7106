//! `Clean`: outside text made harmless to a terminal and a prompt.
//!
//! No escape, C0/C1 control, bidi override, zero-width or tag character survives: each becomes a visible `\u{…}`
//! or `\xNN`, so that a person sees what was there. Only what makes an emoji of its neighbours is dropped: one variation
//! selector behind a symbol, a joiner between two. Only the functions here make a `Clean`, each in one pass.
use std::fmt;
use std::sync::Arc;

/// Text that may be drawn and may be put into a prompt. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Clean(Arc<str>);

impl Clean {
    /// One line: newlines and tabs are escaped like any other control character.
    pub fn line(raw: &str) -> Self {
        if raw.bytes().all(|b| matches!(b, b' '..=b'~')) {
            return Self(Arc::from(raw));
        }
        let mut writer = Writer::with_room_for(raw);
        let mut chars = raw.chars().peekable();
        while let Some(c) = chars.next() {
            writer.put(c, chars.peek().copied());
        }
        Self(Arc::from(writer.out))
    }

    /// Many lines: `\n` stays, `\r\n` becomes `\n`, a tab becomes spaces to the next multiple of four.
    pub fn block(raw: &str) -> Self {
        Self(Arc::from(block(raw, false)))
    }

    /// A container's log: as [`Clean::block`], and colour codes (`ESC [ … m`) are dropped, since a log's own
    /// colours carry no text. Every other escape stays visible.
    pub fn log(raw: &str) -> Self {
        Self(Arc::from(block(raw, true)))
    }

    /// This text and then that: two clean texts in a row are clean.
    #[must_use]
    pub fn then(&self, more: &Self) -> Self {
        if more.is_empty() {
            return self.clone();
        }
        Self(Arc::from([self.as_str(), more.as_str()].concat()))
    }

    /// How many hold this very string.
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Clean {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl AsRef<str> for Clean {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Clean {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl std::ops::Deref for Clean {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl Default for Clean {
    fn default() -> Self {
        Self(Arc::from(""))
    }
}

/// Whether a character reaches a terminal as itself. Everything of the categories Cc, Cf, Zl and Zp does not, nor what
/// has no look of its own: fillers, joiners, variation selectors, tags, non-characters.
pub fn is_plain(c: char) -> bool {
    if matches!(c, ' '..='~') {
        return true;
    }
    if c.is_control() || (c as u32) & 0xFFFE == 0xFFFE {
        return false;
    }
    !matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{0600}'..='\u{0605}'
            | '\u{061C}'
            | '\u{06DD}'
            | '\u{070F}'
            | '\u{0890}'..='\u{0891}'
            | '\u{08E2}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FDD0}'..='\u{FDEF}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFFB}'
            | '\u{110BD}'
            | '\u{110CD}'
            | '\u{13430}'..='\u{1345F}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

/// Symbols that a variation selector or a joiner may follow, as far as that matters.
fn is_symbol(c: char) -> bool {
    matches!(c, '\u{A9}' | '\u{AE}' | '\u{203C}'..='\u{3299}' | '\u{1F000}'..='\u{1FAFF}')
}

/// How many marks may stand on one character: more than any script needs, too few to reach another row.
const MARKS: usize = 6;

#[derive(Default)]
struct Writer {
    out: String,
    column: usize,
    /// Marks since the last character with a width.
    marks: usize,
    /// The character before, when it was written as itself.
    last: Option<char>,
}

impl Writer {
    fn with_room_for(raw: &str) -> Self {
        Self { out: String::with_capacity(raw.len() + 16), ..Self::default() }
    }

    /// Writes one character; `next` follows it.
    fn put(&mut self, c: char, next: Option<char>) {
        if matches!(c, ' '..='~') {
            self.plain(c);
            return;
        }
        let behind_symbol = self.last.is_some_and(is_symbol);
        match c {
            // One only: a row of them could say something.
            '\u{FE0E}' | '\u{FE0F}' if behind_symbol && !next.is_some_and(|n| matches!(n, '\u{FE00}'..='\u{FE0F}')) => {}
            '\u{200D}' if behind_symbol && next.is_some_and(is_symbol) => {}
            c if !is_plain(c) => self.escaped(c),
            c if unicode_width::UnicodeWidthChar::width(c) == Some(0) => {
                self.marks += 1;
                if self.marks > MARKS || self.column == 0 {
                    self.escaped(c);
                } else {
                    self.out.push(c);
                }
            }
            c => self.plain(c),
        }
    }

    fn plain(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
        self.marks = 0;
        self.last = Some(c);
    }

    fn escaped(&mut self, c: char) {
        use fmt::Write as _;
        let code = c as u32;
        let _ = match c {
            '\n' => write!(self.out, "\\n"),
            '\r' => write!(self.out, "\\r"),
            '\t' => write!(self.out, "\\t"),
            _ if code < 0x100 => write!(self.out, "\\x{code:02x}"),
            _ => write!(self.out, "\\u{{{code:x}}}"),
        };
        self.column += 1;
        self.last = None;
    }

    fn newline(&mut self) {
        self.out.push('\n');
        (self.column, self.marks, self.last) = (0, 0, None);
    }

    fn tab(&mut self) {
        for _ in 0..4 - self.column % 4 {
            self.plain(' ');
        }
    }
}

fn block(raw: &str, drop_colour: bool) -> String {
    if raw.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return raw.to_owned();
    }
    let mut writer = Writer::with_room_for(raw);
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => writer.newline(),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => writer.tab(),
            '\u{1b}' if drop_colour && skip_colour(&mut chars) => {}
            _ => writer.put(c, chars.peek().copied()),
        }
    }
    writer.out
}

/// Consumes `[ digits ; m` when that is exactly what follows; else consumes nothing.
fn skip_colour(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    let mut ahead = chars.clone();
    if ahead.next() != Some('[') {
        return false;
    }
    for c in ahead.by_ref() {
        match c {
            '0'..='9' | ';' | ':' => {}
            'm' => {
                *chars = ahead;
                return true;
            }
            _ => return false,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_control_or_bidi_character_survives() {
        for (raw, want) in [
            ("api-0", "api-0"),
            ("a\u{1b}[2Jb", "a\\x1b[2Jb"),
            ("a\u{9b}2Jb", "a\\x9b2Jb"),
            ("a\u{202e}b", "a\\u{202e}b"),
            ("two\nlines", "two\\nlines"),
            ("naïve 表", "naïve 表"),
            ("a\u{85}\u{2028}\u{2029}b", "a\\x85\\u{2028}\\u{2029}b"),
            ("a\u{200d}b\u{feff}\u{e0041}", "a\\u{200d}b\\u{feff}\\u{e0041}"),
            ("\u{34f}\u{3164}\u{ffa0}\u{180f}", "\\u{34f}\\u{3164}\\u{ffa0}\\u{180f}"),
            ("✗ ok 🚀", "✗ ok 🚀"),
            ("⚠\u{fe0f} mind", "⚠ mind"),
            ("👩\u{200d}💻", "👩💻"),
            ("⚠\u{fe0f}\u{fe0e}", "⚠\\u{fe0f}\\u{fe0e}"),
            ("a\u{fe0f}", "a\\u{fe0f}"),
            ("e\u{301}", "e\u{301}"),
            ("\u{301}a", "\\u{301}a"),
        ] {
            assert_eq!(Clean::line(raw).as_str(), want);
        }
    }

    #[test]
    fn a_flood_of_marks_is_made_visible() {
        let flood = format!("a{}b", "\u{301}".repeat(10));
        let want = format!("a{}{}b", "\u{301}".repeat(6), "\\u{301}".repeat(4));
        assert_eq!(Clean::line(&flood).as_str(), want);
    }

    proptest::proptest! {
        #[test]
        fn whatever_comes_in_only_plain_characters_come_out(raw in proptest::prelude::any::<String>()) {
            proptest::prop_assert!(Clean::line(&raw).chars().all(is_plain));
            proptest::prop_assert!(Clean::block(&raw).chars().all(|c| c == '\n' || is_plain(c)));
            proptest::prop_assert!(Clean::log(&raw).chars().all(|c| c == '\n' || is_plain(c)));
            let once = Clean::block(&raw);
            proptest::prop_assert_eq!(Clean::block(&once), once);
        }
    }

    #[test]
    fn a_block_keeps_lines_and_a_log_drops_only_colours() {
        assert_eq!(Clean::block("a\tb\r\nc").as_str(), "a   b\nc");
        assert_eq!(Clean::log("\u{1b}[31mred\u{1b}[0m \u{1b}]0;x\u{7}").as_str(), "red \\x1b]0;x\\x07");
    }
}
