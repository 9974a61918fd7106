//! The server's Table as text: columns aligned as kubectl aligns them. Pure.
use super::objects::{array, number, pairs, scalar, text};
use crate::text::{Redaction, Redactor};
use serde_json::Value;

/// How a Table is printed.
#[derive(Clone, Copy, Default)]
pub(super) struct Look {
    /// Columns of low priority too.
    pub wide: bool,
    /// A NAMESPACE column.
    pub namespaces: bool,
    /// A LABELS column.
    pub labels: bool,
}

/// A Table's header and rows, row texts in the order of `rows`.
pub(super) fn render(table: &Value, rows: &[&Value], look: Look) -> String {
    let columns: Vec<(usize, String)> = array(table, "/columnDefinitions")
        .iter()
        .enumerate()
        .filter(|(_, c)| look.wide || number(c, "/priority").unwrap_or(0) == 0)
        .map(|(i, c)| (i, text(c, "/name").to_uppercase()))
        .collect();
    let mut grid = Vec::with_capacity(rows.len() + 1);
    let mut head: Vec<String> = columns.iter().map(|(_, n)| n.clone()).collect();
    if look.namespaces {
        head.insert(0, "NAMESPACE".to_owned());
    }
    if look.labels {
        head.push("LABELS".to_owned());
    }
    grid.push(head);
    for row in rows {
        let cells = array(row, "/cells");
        let mut line: Vec<String> = columns.iter().map(|(i, _)| cells.get(*i).map(cell).unwrap_or_default()).collect();
        if look.namespaces {
            line.insert(0, text(row, "/object/metadata/namespace").to_owned());
        }
        if look.labels {
            line.push(pairs(row.pointer("/object/metadata/labels")));
        }
        grid.push(line);
    }
    align(&grid)
}

/// Replaces the cells that their column's name calls secret: a cell stands apart from the name that says what it is. A
/// column `Secret` holds names of Secrets.
pub(super) fn hide(table: &mut Value, redactor: &Redactor) -> Vec<Redaction> {
    let under = |name: &str, value: &str| {
        let head = format!("{name}: ");
        let (shown, taken) = redactor.redact(&format!("{head}{value}"));
        let sure = !taken.is_empty() && taken.iter().all(|one| one.kind != "secret");
        shown.strip_prefix(&head).filter(|_| sure).map(|shown| (shown.to_owned(), taken))
    };
    let names: Vec<String> = array(table, "/columnDefinitions").iter().map(|c| text(c, "/name").to_owned()).collect();
    let columns: Vec<(usize, &String)> = names.iter().enumerate().filter(|(_, name)| under(name, "Qz7Bx4Wx9Kd2Tn5R").is_some()).collect();
    let mut all = Vec::new();
    for cells in table.get_mut("rows").and_then(Value::as_array_mut).into_iter().flatten().filter_map(|row| row.get_mut("cells")) {
        for (at, name) in &columns {
            if let Some(found) = cells.get_mut(*at)
                && let Some((shown, taken)) = under(name, &cell(found))
            {
                *found = shown.into();
                all.extend(taken);
            }
        }
    }
    all
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => "<none>".to_owned(),
        Value::Array(parts) => parts.iter().map(scalar).collect::<Vec<_>>().join(","),
        other => scalar(other).replace('\n', "\\n"),
    }
}

/// Columns three spaces apart, none after the last.
pub(super) fn align(grid: &[Vec<String>]) -> String {
    let count = grid.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(|i| grid.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max().unwrap_or(0)).collect();
    let mut out = String::new();
    for row in grid {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(cell.chars().count()) + 3));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn columns_are_aligned_and_wide_ones_only_shown_on_request() {
        let table = json!({
            "columnDefinitions": [{"name": "Name", "priority": 0}, {"name": "Ready", "priority": 0}, {"name": "IP", "priority": 1}],
            "rows": [
                {"cells": ["api-7f", "0/1", "10.0.0.1"], "object": {"metadata": {"namespace": "shop", "labels": {"app": "api"}}}},
                {"cells": ["w", "1/1", null], "object": {"metadata": {"namespace": "x"}}}
            ]
        });
        let rows: Vec<&Value> = array(&table, "/rows").iter().collect();
        assert_eq!(render(&table, &rows, Look::default()), "NAME     READY\napi-7f   0/1\nw        1/1\n");
        let all = Look { wide: true, namespaces: true, labels: true };
        assert_eq!(
            render(&table, &rows, all),
            "NAMESPACE   NAME     READY   IP         LABELS\nshop        api-7f   0/1     10.0.0.1   app=api\nx           w        1/1     <none>     <none>\n"
        );
    }

    #[test]
    fn a_column_whose_name_says_password_is_hidden_and_one_of_names_is_not() {
        let mut table = json!({
            "columnDefinitions": [{"name": "Name"}, {"name": "Admin Password"}, {"name": "Secret"}, {"name": "Token"}],
            "rows": [{"cells": ["db", "canary7x", "db-tls", 12_345_678]}, {"cells": ["web", null, "web-tls", ""]}]
        });
        let taken = hide(&mut table, &Redactor::new([1; 32]));
        let shown = table["rows"].to_string();
        assert!(taken.len() == 2 && !shown.contains("canary") && !shown.contains("12345678"), "{shown}");
        assert_eq!(table["rows"][1]["cells"], json!(["web", null, "web-tls", ""]));
        assert_eq!(table["rows"][0]["cells"][2], "db-tls");
    }
}
