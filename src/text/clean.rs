//! `Clean`: outside text made harmless to a terminal and a prompt.
//!
//! No escape, C0/C1 control, bidi override, zero-width or tag character survives: each becomes a visible `\u{…}`
//! or `\xNN`, never nothing, so that a person sees what was there. Only the functions here make a `Clean`.
use std::fmt;
use std::sync::Arc;

/// Text that may be drawn and may be put into a prompt. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize)]
#[serde(transparent)]
pub struct Clean(Arc<str>);

impl Clean {
    /// One line: newlines and tabs are escaped like any other control character.
    pub fn line(raw: &str) -> Self {
        if raw.chars().all(is_plain) {
            return Self(Arc::from(raw));
        }
        let mut out = String::with_capacity(raw.len() + 16);
        raw.chars().for_each(|c| push(&mut out, c));
        Self(Arc::from(out))
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

/// Whether a character reaches a terminal as itself.
pub fn is_plain(c: char) -> bool {
    if c.is_control() {
        return false;
    }
    !matches!(
        c,
        '\u{00AD}'
            | '\u{061C}'
            | '\u{180E}'
            | '\u{200B}'..='\u{200F}'
            | '\u{2028}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{FEFF}'
            | '\u{FFF9}'..='\u{FFFB}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

fn push(out: &mut String, c: char) {
    use fmt::Write as _;
    if is_plain(c) {
        out.push(c);
    } else if (c as u32) < 0x100 {
        let _ = match c {
            '\n' => write!(out, "\\n"),
            '\r' => write!(out, "\\r"),
            '\t' => write!(out, "\\t"),
            _ => write!(out, "\\x{:02x}", c as u32),
        };
    } else {
        let _ = write!(out, "\\u{{{:x}}}", c as u32);
    }
}

fn block(raw: &str, drop_colour: bool) -> String {
    let mut out = String::with_capacity(raw.len() + 16);
    let mut column = 0usize;
    let mut chars = raw.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => {
                out.push('\n');
                column = 0;
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\t' => {
                let n = 4 - column % 4;
                out.extend(std::iter::repeat_n(' ', n));
                column += n;
            }
            '\u{1b}' if drop_colour && skip_colour(&mut chars) => {}
            _ => {
                push(&mut out, c);
                column += 1;
            }
        }
    }
    out
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
        ] {
            assert_eq!(Clean::line(raw).as_str(), want);
        }
    }

    #[test]
    fn a_block_keeps_lines_and_a_log_drops_only_colours() {
        assert_eq!(Clean::block("a\tb\r\nc").as_str(), "a   b\nc");
        assert_eq!(Clean::log("\u{1b}[31mred\u{1b}[0m \u{1b}]0;x\u{7}").as_str(), "red \\x1b]0;x\\x07");
    }
}
