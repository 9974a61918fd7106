//! A command line to words, by the quoting rules of a POSIX shell, and nothing else of a shell.
//!
//! There is no expansion, no substitution, no second command: a character that would mean one outside quotes is
//! refused, and so is every control, bidi and invisible character anywhere. The same text always gives the same words.
use super::Refusal;
use crate::text::clean::is_plain;

/// A longer line than this is no command that anyone can review.
const LONGEST: usize = 32 * 1024;

/// Splits a line into words.
pub fn split(line: &str) -> Result<Vec<String>, Refusal> {
    check(line)?;
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match c {
            ' ' => words.extend(word.take()),
            '\'' => single(&mut chars, word.get_or_insert_default())?,
            '"' => double(&mut chars, word.get_or_insert_default())?,
            '\\' => match chars.next() {
                Some(next) => word.get_or_insert_default().push(next),
                None => return Err(unclosed("\\")),
            },
            '#' if word.is_some() => word.get_or_insert_default().push('#'),
            ';' | '|' | '&' | '$' | '`' | '<' | '>' | '(' | ')' | '#' => return Err(shell(c)),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// Refuses what may stand in no word, quoted or not.
pub fn check(text: &str) -> Result<(), Refusal> {
    if text.len() > LONGEST {
        return Err(Refusal::new("too-long", format!("The command has {} bytes; {LONGEST} is the most. Ask for less at once.", text.len())));
    }
    match text.chars().find(|c| !is_plain(*c)) {
        Some(c) => Err(Refusal::new(
            "control-character",
            format!("The command holds the character U+{:04X}, which a person can not see. Write one command on one line, with plain spaces.", u32::from(c)),
        )),
        None => Ok(()),
    }
}

/// `word` as the tokeniser reads it back: bare where that is safe, else in single quotes.
pub fn quoted(word: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+{}[]^!~".contains(c);
    if !word.is_empty() && word.chars().all(safe) { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

fn single(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), Refusal> {
    for c in chars.by_ref() {
        if c == '\'' {
            return Ok(());
        }
        word.push(c);
    }
    Err(unclosed("'"))
}

fn double(chars: &mut std::str::Chars<'_>, word: &mut String) -> Result<(), Refusal> {
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(()),
            '$' | '`' => return Err(shell(c)),
            '\\' => match chars.next() {
                Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                Some(next) => word.extend(['\\', next]),
                None => return Err(unclosed("\"")),
            },
            _ => word.push(c),
        }
    }
    Err(unclosed("\""))
}

fn shell(c: char) -> Refusal {
    Refusal::new(
        "shell-syntax",
        format!("`{c}` is shell syntax, and there is no shell here. Send one command a call; where the character is meant literally, put it in single quotes."),
    )
}

fn unclosed(quote: &str) -> Refusal {
    Refusal::new("unclosed-quote", format!("The command ends after an open `{quote}`. Close the quote."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_read_as_a_shell_reads_them() {
        for (line, want) in [
            ("get pods", vec!["get", "pods"]),
            ("  get   pods ", vec!["get", "pods"]),
            ("get 'pods'", vec!["get", "pods"]),
            ("g'e't po\"d\"s", vec!["get", "pods"]),
            ("-l 'a in (b, c)'", vec!["-l", "a in (b, c)"]),
            (r#"-p "{\"a\":1}""#, vec!["-p", r#"{"a":1}"#]),
            (r#"-p "a\nb""#, vec!["-p", r"a\nb"]),
            (r"a\ b", vec!["a b"]),
            ("''", vec![""]),
            ("a#b", vec!["a#b"]),
            (r"'it'\''s'", vec!["it's"]),
            ("'$(x);|&`'", vec!["$(x);|&`"]),
        ] {
            assert_eq!(split(line).unwrap(), want, "{line}");
        }
    }

    #[test]
    fn what_a_shell_would_act_on_is_refused() {
        for line in ["a;b", "a|b", "a&b", "a&&b", "$(a)", "$A", "`a`", "a>b", "a<b", "(a)", "#a", "\"$A\"", "\"`a`\""] {
            assert_eq!(split(line).unwrap_err().rule, "shell-syntax", "{line}");
        }
        for line in ["'a", "\"a", "a\\", "\"a\\"] {
            assert_eq!(split(line).unwrap_err().rule, "unclosed-quote", "{line}");
        }
        for line in ["a\nb", "a\tb", "'a\nb'", "a\u{202e}b", "a\u{200b}b", "a\0", "a\u{1b}[0m", "a\rb"] {
            assert_eq!(split(line).unwrap_err().rule, "control-character", "{line:?}");
        }
    }

    #[test]
    fn a_quoted_word_reads_back_as_itself() {
        for word in ["", "a", "a b", "it's", "$x", "*", "a\\b", "\"", "表", "(a)", "''"] {
            assert_eq!(split(&quoted(word)).unwrap(), vec![word]);
        }
    }
}
