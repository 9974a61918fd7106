//! The JSONPath of `-o jsonpath`, `-o custom-columns` and `--sort-by`, as much of kubectl's as answers questions:
//! dotted fields, `[n]`, `[*]`, `['key']`, filters `?(@.a=="b")`, `{range}…{end}` and quoted texts. Pure.
//!
//! What is not in this subset is refused by name, never guessed.
use super::objects::scalar;
use super::table;
use serde_json::Value;
use std::cmp::Ordering;

mod parse;

/// One step of a path.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    /// `.name` or `['name']`.
    Field(String),
    /// `[0]`, `[-1]`.
    Index(i64),
    /// `[*]` or `.*`.
    All,
    /// `[?(@.path OP value)]`.
    Filter(Path, Compare, Value),
    /// `[?(@.path)]`.
    Exists(Path),
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Compare {
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// A path from a root.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Path(Vec<Step>);

impl Path {
    /// Everything the path names.
    fn values<'a>(&self, root: &'a Value) -> Vec<&'a Value> {
        let mut at = vec![root];
        for step in &self.0 {
            at = at.into_iter().flat_map(|v| step.from(v)).collect();
        }
        at
    }
    /// The first value, for sorting; null when there is none.
    pub fn first(&self, root: &Value) -> Value {
        self.values(root).first().copied().cloned().unwrap_or_default()
    }
}

impl Step {
    fn from<'a>(&self, value: &'a Value) -> Vec<&'a Value> {
        let children = || -> Vec<&'a Value> {
            match value {
                Value::Array(a) => a.iter().collect(),
                Value::Object(o) => o.values().collect(),
                _ => Vec::new(),
            }
        };
        match self {
            Self::Field(name) => value.get(name).into_iter().collect(),
            Self::All => children(),
            Self::Index(i) => {
                let Some(list) = value.as_array() else { return Vec::new() };
                let at = if *i < 0 { usize::try_from(-i).ok().and_then(|back| list.len().checked_sub(back)) } else { usize::try_from(*i).ok() };
                at.and_then(|at| list.get(at)).into_iter().collect()
            }
            Self::Exists(path) => children().into_iter().filter(|v| !path.values(v).is_empty()).collect(),
            Self::Filter(path, compare, want) => children().into_iter().filter(|v| path.values(v).into_iter().any(|got| compare.holds(got, want))).collect(),
        }
    }
}

impl Compare {
    fn holds(self, got: &Value, want: &Value) -> bool {
        let order = order(got, want);
        match self {
            Self::Equal => order == Ordering::Equal,
            Self::NotEqual => order != Ordering::Equal,
            Self::Less => order == Ordering::Less,
            Self::LessEqual => order != Ordering::Greater,
            Self::Greater => order == Ordering::Greater,
            Self::GreaterEqual => order != Ordering::Less,
        }
    }
}

/// Numbers by value, everything else by its text.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        _ => scalar(a).cmp(&scalar(b)),
    }
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Text(String),
    Values(Path),
    Range(Path, Vec<Piece>),
}

/// A `-o jsonpath` template.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Template(Vec<Piece>);

impl Template {
    /// Reads a template.
    pub fn parse(text: &str) -> Result<Self, String> {
        parse::template(text).map(Self)
    }
    /// What it prints for a root.
    pub fn render(&self, root: &Value) -> String {
        let mut out = String::new();
        write(&self.0, root, &mut out);
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
        out
    }
}

fn write(pieces: &[Piece], at: &Value, out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Values(path) => out.push_str(&path.values(at).into_iter().map(scalar).collect::<Vec<_>>().join(" ")),
            Piece::Range(path, inner) => path.values(at).into_iter().for_each(|v| write(inner, v, out)),
        }
    }
}

/// `-o custom-columns`.
#[derive(Clone, Debug)]
pub(super) struct Columns(Vec<(String, Path)>);

impl Columns {
    /// Reads `HEADER:.path,…`.
    pub fn parse(spec: &str) -> Result<Self, String> {
        let mut out = Vec::new();
        for part in parse::split_columns(spec) {
            let (header, path) = part.split_once(':').ok_or_else(|| format!("custom-columns wants HEADER:.path, not `{part}`"))?;
            out.push((header.to_owned(), sort_key(path)?));
        }
        if out.is_empty() { Err("custom-columns wants at least one HEADER:.path".to_owned()) } else { Ok(Self(out)) }
    }
    /// The table.
    pub fn render(&self, items: &[Value]) -> String {
        let mut grid = vec![self.0.iter().map(|(h, _)| h.clone()).collect::<Vec<_>>()];
        for item in items {
            grid.push(
                self.0
                    .iter()
                    .map(|(_, path)| {
                        let values: Vec<String> = path.values(item).into_iter().map(scalar).collect();
                        if values.is_empty() { "<none>".to_owned() } else { values.join(",") }
                    })
                    .collect(),
            );
        }
        table::align(&grid)
    }
}

/// A single path, with or without braces: `.metadata.name`, `{.status.phase}`.
pub(super) fn sort_key(text: &str) -> Result<Path, String> {
    parse::single(text)
}

/// Sorts by a key, keeping the order of equals.
pub(super) fn sort<T>(items: &mut [T], key: impl Fn(&T) -> Value) {
    items.sort_by(|a, b| order(&key(a), &key(b)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn pods() -> Value {
        json!({"items": [
            {"metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "x"}}, "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}, {"type": "Other", "status": "False"}]}, "n": 3},
            {"metadata": {"name": "b"}, "status": {"phase": "Pending", "conditions": []}, "n": 10}
        ]})
    }

    #[test]
    fn templates_print_what_kubectl_prints() {
        for (template, want) in [
            ("{.items[*].metadata.name}", "a b\n"),
            ("{.items[0].metadata.name}", "a\n"),
            ("{.items[-1].metadata.name}", "b\n"),
            ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "x\n"),
            ("{.items[0].metadata.labels['app.kubernetes.io/name']}", "x\n"),
            ("{range .items[*]}{.metadata.name}{\"\\t\"}{.status.phase}{\"\\n\"}{end}", "a\tRunning\nb\tPending\n"),
            ("{.items[?(@.status.phase==\"Pending\")].metadata.name}", "b\n"),
            ("{.items[?(@.n>5)].metadata.name}", "b\n"),
            ("{.items[0].status.conditions[?(@.type=='Ready')].status}", "True\n"),
            ("phase: {$.items[1].status.phase}", "phase: Pending\n"),
            ("{.items[0].missing}", ""),
            ("{.items[0].n}", "3\n"),
        ] {
            assert_eq!(Template::parse(template).unwrap().render(&pods()), want, "{template}");
        }
    }

    #[test]
    fn what_is_not_in_the_subset_is_refused_by_name() {
        for (template, word) in [
            ("{..name}", "`..`"),
            ("{.items[0:2]}", "slice"),
            ("{.items", "`}`"),
            ("{range .items[*]}{.a}", "{end}"),
            ("{end}", "{range}"),
            ("{.a[?(@.b=~\"x\")]}", "=~"),
        ] {
            let error = Template::parse(template).unwrap_err();
            assert!(error.contains(word), "{template}: {error}");
        }
    }

    #[test]
    fn columns_and_sorting_follow_paths() {
        let items = pods();
        let items = items.get("items").and_then(Value::as_array).unwrap().clone();
        let columns = Columns::parse("NAME:.metadata.name,READY:.status.conditions[?(@.type==\"Ready\")].status").unwrap();
        assert_eq!(columns.render(&items), "NAME   READY\na      True\nb      <none>\n");
        let mut sorted = items;
        let key = sort_key("{.n}").unwrap();
        sort(&mut sorted, |i| key.first(i));
        assert_eq!(sorted.iter().map(|i| i.pointer("/metadata/name").unwrap().as_str().unwrap()).collect::<Vec<_>>(), ["a", "b"]);
        assert!(Columns::parse("NAME").is_err());
    }
}
