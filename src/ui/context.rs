//! The context pane: exactly what the model was given. Evidence on two rows each, then every request with every one of
//! its spans.
use super::paint::Paint;
use super::tables::words;
use crate::agent::fence::source_words;
use crate::app::App;
use crate::app::context::{Item, request_title, rows_of, sent_bytes, span_word};
use crate::app::ink::Ink;
use crate::app::layout::Focus;
use crate::app::view::remark;
use crate::app::words::{age, bytes, tokens, width};
use crate::model::{Evidence, EvidenceState, Looked};
use ratatui::layout::Rect;

/// Draws it.
pub fn draw(app: &App, area: Rect, paint: &mut Paint<'_>) {
    if app.context.items().is_empty() {
        return words(
            paint,
            area,
            &[
                (Ink::Dim, "What the model is given shows here: every byte of every request, and nothing else is sent."),
                (Ink::Text, ""),
                (Ink::Dim, "Nothing was read or sent yet."),
            ],
        );
    }
    let mut y = area.y;
    for (item, chosen) in app.context.window() {
        let rows = u16::try_from(rows_of(item)).unwrap_or(1);
        if y + rows > area.bottom() {
            break;
        }
        match item {
            Item::Evidence(i) => {
                if let Some(e) = app.agent.ledger().evidence().get(i) {
                    evidence(app, e, area, y, paint);
                }
            }
            Item::Request(r) => request(app, r, area, y, paint),
            Item::Span(r, s) => span(app, r, s, area, y, paint),
        }
        if chosen {
            paint.text(area.x, y, 1, Ink::Strong, ">");
            let ink = if app.focus == Focus::Context { Ink::Selected } else { Ink::SelectedDim };
            (y..y + rows).for_each(|y| paint.restyle(area, y, ink));
        }
        y += rows;
    }
}

fn inner(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

fn evidence(app: &App, e: &Evidence, area: Rect, y: u16, paint: &mut Paint<'_>) {
    let area = inner(area);
    let chosen = app.chat.chosen == Some(e.id);
    let id = format!("{}", e.id);
    let (mark, mark_ink) = match (&e.reading.looked, e.state) {
        (Looked::Found(_), EvidenceState::Fresh) => ("", Ink::Text),
        (Looked::Found(_), EvidenceState::Changed) => ("≠ changed", Ink::Warn),
        (Looked::Found(_), EvidenceState::Gone) => ("✗ gone", Ink::Error),
        (Looked::Nothing(_), _) => ("○ nothing there", Ink::Dim),
        (Looked::Denied(_), _) => ("⊘ DENIED", Ink::Denied),
        (Looked::Failed(_), _) => ("✗ could not look", Ink::Error),
    };
    let end = u16::try_from(width(mark)).unwrap_or(0);
    let head = Rect { width: area.width.saturating_sub(if end > 0 { end + 1 } else { 0 }), ..area };
    let what = match &e.reading.object {
        Some(o) => format!("{} {o}", source_words(&e.reading.source)),
        None => e.asked.to_string(),
    };
    let gap = if id.len() < 3 { " " } else { "" };
    paint.row(
        head,
        y,
        [(if chosen { Ink::CitationChosen } else { Ink::Citation }, id.as_str()), (Ink::Text, gap), (Ink::Text, " "), (Ink::Text, what.as_str())],
    );
    paint.right(area, y, mark_ink, mark);
    let mut parts = Vec::new();
    if let Looked::Found(p) = &e.reading.looked {
        let n = sent_bytes(&e.reading.looked);
        parts.push(bytes(n));
        parts.push(tokens(n));
        parts.push(age(app.clock(), e.reading.taken_at));
        parts.extend(remark(p));
        parts.extend(e.reading.resource_version.as_ref().filter(|v| !v.is_empty()).map(|v| format!("rv {v}")));
    } else {
        parts.push(age(app.clock(), e.reading.taken_at));
        let said = match &e.reading.looked {
            Looked::Nothing(what) => what.to_string(),
            Looked::Denied(t) | Looked::Failed(t) => t.cause.to_string(),
            Looked::Found(_) => String::new(),
        };
        parts.push(said);
    }
    let below = Rect { x: area.x + 4, width: area.width.saturating_sub(4), ..area };
    paint.text(below.x, y + 1, below.width, Ink::Dim, &parts.join(" · "));
}

fn request(app: &App, r: usize, area: Rect, y: u16, paint: &mut Paint<'_>) {
    let ledger = app.agent.ledger();
    let Some(sent) = ledger.requests().get(r) else { return };
    let area = inner(area);
    let fold = if app.context.is_folded(r) { "+ " } else { "- " };
    let title = request_title(ledger, r);
    let n = sent.body.bytes().len();
    let end = format!("{} · {}", bytes(n), tokens(n));
    let room = area.width.saturating_sub(u16::try_from(width(&end)).unwrap_or(0) + 1);
    paint.row(Rect { width: room, ..area }, y, [(Ink::Strong, fold), (Ink::Strong, title.as_str())]);
    paint.right(area, y, Ink::Dim, &end);
}

fn span(app: &App, r: usize, s: usize, area: Rect, y: u16, paint: &mut Paint<'_>) {
    let ledger = app.agent.ledger();
    let Some(span) = ledger.requests().get(r).and_then(|q| q.body.spans().get(s)) else { return };
    let area = inner(area);
    let end = bytes(span.range.len());
    let room = Rect { x: area.x + 2, width: area.width.saturating_sub(u16::try_from(width(&end)).unwrap_or(0) + 3), ..area };
    let id = span.evidence.map(|e| format!(" {e}")).unwrap_or_default();
    paint.row(room, y, [(Ink::Dim, span_word(span.kind)), (Ink::Citation, id.as_str())]);
    paint.right(area, y, Ink::Dim, &end);
}
