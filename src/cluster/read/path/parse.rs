//! Text to paths and templates. Pure and total: what is not understood is an error that names it.
use super::{Compare, Path, Piece, Step};
use serde_json::Value;

/// A whole template: texts outside braces, paths and commands inside.
pub(super) fn template(text: &str) -> Result<Vec<Piece>, String> {
    // the innermost open range is last
    let mut open: Vec<(Option<Path>, Vec<Piece>)> = vec![(None, Vec::new())];
    let mut rest = text;
    while !rest.is_empty() {
        let Some((before, after)) = rest.split_once('{') else {
            push(&mut open, Piece::Text(rest.to_owned()));
            break;
        };
        if !before.is_empty() {
            push(&mut open, Piece::Text(before.to_owned()));
        }
        let end = closing(after).ok_or("a `{` has no `}`")?;
        let (inner, tail) = after.split_at(end);
        rest = tail.get(1..).unwrap_or_default();
        let inner = inner.trim();
        if let Some(path) = inner.strip_prefix("range ") {
            open.push((Some(path_of(path.trim())?), Vec::new()));
        } else if inner == "end" {
            let Some((Some(path), pieces)) = open.pop() else { return Err("{end} without {range}".to_owned()) };
            push(&mut open, Piece::Range(path, pieces));
        } else if let Some(quoted) = quoted(inner) {
            push(&mut open, Piece::Text(quoted));
        } else {
            push(&mut open, Piece::Values(path_of(inner)?));
        }
    }
    match open.pop() {
        Some((None, pieces)) => Ok(pieces),
        _ => Err("{range} without {end}".to_owned()),
    }
}

fn push(open: &mut [(Option<Path>, Vec<Piece>)], piece: Piece) {
    if let Some((_, pieces)) = open.last_mut() {
        pieces.push(piece);
    }
}

/// Where the `}` stands that closes what began before `text`, quotes left alone.
fn closing(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (_, '\\') => escaped = true,
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '}') => return Some(at),
            _ => {}
        }
    }
    None
}

/// `"\n"` and `'\t'` as the text they mean.
fn quoted(text: &str) -> Option<String> {
    let inner = ['"', '\''].into_iter().find_map(|q| text.strip_prefix(q)?.strip_suffix(q))?;
    let mut out = String::new();
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                other => other,
            },
            c => c,
        });
    }
    Some(out)
}

/// One path, with or without braces and leading dot.
pub(super) fn single(text: &str) -> Result<Path, String> {
    let text = text.trim();
    let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
    path_of(inner.trim())
}

/// `NAME:.a,B:.b[?(@.c=="d,e")]` at its outer commas.
pub(super) fn split_columns(spec: &str) -> Vec<String> {
    let mut out = vec![String::new()];
    let (mut depth, mut quote) = (0_u32, None);
    for c in spec.chars() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '(') => depth += 1,
            (None, ']' | ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                out.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = out.last_mut() {
            last.push(c);
        }
    }
    out.retain(|p| !p.trim().is_empty());
    out
}

fn path_of(text: &str) -> Result<Path, String> {
    let text = text.strip_prefix(['$', '@']).unwrap_or(text);
    if text.contains("..") {
        return Err("recursive descent (`..`) is not supported here: write the whole path".to_owned());
    }
    let mut steps = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('[') {
            let end = bracket(after).ok_or_else(|| format!("`[` without `]` in `{text}`"))?;
            let (inner, tail) = after.split_at(end);
            steps.push(subscript(inner.trim())?);
            rest = tail.get(1..).unwrap_or_default();
        } else {
            let after = rest.strip_prefix('.').unwrap_or(rest);
            let (name, tail) = field(after);
            if name == "*" {
                steps.push(Step::All);
            } else if !name.is_empty() {
                steps.push(Step::Field(name));
            } else if !(tail.starts_with('[') || tail.is_empty() && steps.is_empty()) {
                return Err(format!("`{text}` is no path"));
            }
            rest = tail;
        }
    }
    Ok(Path(steps))
}

/// A field's name up to the next dot or bracket; `\.` is a dot of the name.
fn field(text: &str) -> (String, &str) {
    let mut name = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => name.extend(chars.next().map(|(_, c)| c)),
            '.' | '[' => return (name, text.get(at..).unwrap_or_default()),
            c => name.push(c),
        }
    }
    (name, "")
}

/// Where the `]` stands, inner brackets and quotes left alone.
fn bracket(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0_u32, None);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, '[') => depth += 1,
            (None, ']') if depth == 0 => return Some(at),
            (None, ']') => depth -= 1,
            _ => {}
        }
    }
    None
}

fn subscript(text: &str) -> Result<Step, String> {
    if text == "*" {
        return Ok(Step::All);
    }
    if let Some(name) = quoted(text) {
        return Ok(Step::Field(name));
    }
    if let Some(filter) = text.strip_prefix("?(").and_then(|t| t.strip_suffix(')')) {
        return condition(filter.trim());
    }
    if text.contains(':') || text.contains(',') {
        return Err(format!("`[{text}]`: slices and unions are not supported here: use [n] or [*]"));
    }
    text.parse().map(Step::Index).map_err(|_| format!("`[{text}]` is neither a number, `*`, a quoted name nor a filter ?(@.a==\"b\")"))
}

fn condition(text: &str) -> Result<Step, String> {
    if text.contains("=~") {
        return Err("`=~` is not supported in filters: use == or !=".to_owned());
    }
    if text.contains("&&") || text.contains("||") {
        return Err("`&&` and `||` are not supported in filters: filter twice".to_owned());
    }
    let operators = [
        ("==", Compare::Equal),
        ("!=", Compare::NotEqual),
        ("<=", Compare::LessEqual),
        (">=", Compare::GreaterEqual),
        ("<", Compare::Less),
        (">", Compare::Greater),
    ];
    for (sign, compare) in operators {
        if let Some((left, right)) = text.split_once(sign) {
            let right = right.trim();
            let want = quoted(right)
                .map(Value::from)
                .or_else(|| serde_json::from_str(right).ok())
                .ok_or_else(|| format!("`{right}` is neither a number nor a quoted text"))?;
            return Ok(Step::Filter(path_of(left.trim())?, compare, want));
        }
    }
    Ok(Step::Exists(path_of(text)?))
}
