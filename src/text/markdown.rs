//! Markdown as blocks of toned lines; a screen wraps and inks them.
//!
//! Not a renderer: it knows no width and no colour. Of a growing text only the last block, or the last two, can still
//! change ([`finished`]), so a stream parses again only from there and the work stays linear.
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::ops::Range;
use unicode_width::UnicodeWidthStr as _;

/// What a stretch of prose is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Ordinary prose.
    Plain,
    /// `**strong**`.
    Strong,
    /// `*emphasis*`.
    Emphasis,
    /// Code, inline or in a block.
    Code,
    /// A heading.
    Heading,
    /// A link's address.
    Link,
    /// Quoted prose.
    Quote,
    /// Bullets, numbers, rules, table lines.
    Mark,
}

/// A stretch of one tone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub tone: Tone,
    /// Its text.
    pub text: String,
}

/// One line before wrapping.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Line {
    /// In order.
    pub spans: Vec<Span>,
    /// What rows after the first begin with when the line is wrapped.
    pub hang: String,
}

/// A top-level block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it stands in the source, in bytes.
    pub range: Range<usize>,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// The blocks of a text, in order.
pub fn parse(text: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut writer = Writer::default();
    for (event, range) in Parser::new_ext(text, options).into_offset_iter() {
        writer.event(event, range);
    }
    writer.blocks
}

/// How many of a growing text's blocks are final. The last one never is; the one before it is not while the last one's
/// first line is cut off, since `|` may go on as a table's row and `2` as a list's item.
pub fn finished(text: &str, blocks: &[Block]) -> usize {
    let Some(last) = blocks.last() else { return 0 };
    let whole_line = text.get(last.range.start..).is_some_and(|t| t.contains('\n'));
    blocks.len().saturating_sub(if whole_line { 1 } else { 2 })
}

/// A list that is open: the next number, or bullets.
type List = Option<u64>;

#[derive(Default)]
struct Writer {
    blocks: Vec<Block>,
    lines: Vec<Line>,
    line: Line,
    depth: usize,
    lists: Vec<List>,
    quotes: usize,
    tones: Vec<Tone>,
    in_code: bool,
    marker: Option<String>,
    link: Option<(String, usize)>,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
    cell: String,
    heads: usize,
}

impl Writer {
    fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        match event {
            Event::Start(tag) => {
                self.depth += 1;
                self.start(tag);
            }
            Event::End(tag) => {
                self.end(tag);
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.close(range);
                }
            }
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text),
            Event::Code(text) => self.push(Tone::Code, &text),
            Event::SoftBreak => self.push(self.tone(), " "),
            Event::HardBreak => self.flush(),
            Event::Rule => {
                self.push(Tone::Mark, "────────");
                self.flush();
                if self.depth == 0 {
                    self.close(range);
                }
            }
            Event::TaskListMarker(done) => self.push(Tone::Mark, if done { "[x] " } else { "[ ] " }),
            Event::FootnoteReference(name) => self.push(Tone::Plain, &format!("[^{name}]")),
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { .. } => self.tones.push(Tone::Heading),
            Tag::BlockQuote(_) => {
                self.flush();
                self.quotes += 1;
                self.tones.push(Tone::Quote);
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.in_code = true;
            }
            Tag::List(first) => {
                self.flush();
                self.lists.push(first);
            }
            Tag::Item => {
                self.flush();
                let marker = match self.lists.last_mut() {
                    Some(Some(n)) => {
                        *n += 1;
                        format!("{}. ", *n - 1)
                    }
                    _ => "• ".to_owned(),
                };
                self.marker = Some(marker);
            }
            Tag::Emphasis => self.tones.push(Tone::Emphasis),
            Tag::Strong => self.tones.push(Tone::Strong),
            Tag::Strikethrough => self.tones.push(Tone::Plain),
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.link = Some((dest_url.to_string(), self.written())),
            Tag::Table(_) => self.table = Some(Table::default()),
            Tag::TableHead | Tag::TableRow => {
                if let Some(t) = &mut self.table {
                    t.rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::HtmlBlock => self.flush(),
            TagEnd::Heading(_) => {
                self.tones.pop();
                self.flush();
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.quotes = self.quotes.saturating_sub(1);
                self.tones.pop();
            }
            TagEnd::CodeBlock => {
                self.flush();
                self.in_code = false;
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::Item => {
                if self.marker.is_some() {
                    self.push(Tone::Plain, "");
                }
                self.flush();
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => {
                self.tones.pop();
            }
            TagEnd::Link | TagEnd::Image => self.end_link(),
            TagEnd::TableHead => {
                if let Some(t) = &mut self.table {
                    t.heads = t.rows.len();
                }
            }
            TagEnd::TableCell => {
                if let Some(t) = &mut self.table {
                    let cell = std::mem::take(&mut t.cell);
                    if let Some(row) = t.rows.last_mut() {
                        row.push(cell);
                    }
                }
            }
            TagEnd::Table => self.end_table(),
            _ => {}
        }
    }

    fn tone(&self) -> Tone {
        self.tones.last().copied().unwrap_or(Tone::Plain)
    }

    /// Text of the document. In a code block each of its lines is a line of ours.
    fn text(&mut self, text: &str) {
        if !self.in_code {
            return self.push(self.tone(), text);
        }
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            if !line.is_empty() {
                self.push(Tone::Code, line);
            }
            self.lines.push(std::mem::take(&mut self.line));
            rest = after;
        }
        if !rest.is_empty() {
            self.push(Tone::Code, rest);
        }
    }

    fn push(&mut self, tone: Tone, text: &str) {
        if let Some(t) = &mut self.table {
            return t.cell.push_str(text);
        }
        self.open_line();
        match self.line.spans.last_mut() {
            Some(last) if last.tone == tone => last.text.push_str(text),
            _ if text.is_empty() => {}
            _ => self.line.spans.push(Span { tone, text: text.to_owned() }),
        }
    }

    /// Quote bars, indents and a waiting bullet come before a line's first text.
    fn open_line(&mut self) {
        if !self.line.spans.is_empty() {
            return;
        }
        let mut lead = "▎ ".repeat(self.quotes);
        let nesting = self.lists.len().saturating_sub(1);
        lead.push_str(&"  ".repeat(nesting));
        let mut hang = lead.clone();
        if let Some(marker) = self.marker.take() {
            hang.push_str(&" ".repeat(marker.width()));
            lead.push_str(&marker);
        } else if !self.lists.is_empty() {
            hang.push_str("  ");
            lead.push_str("  ");
        }
        if self.in_code {
            lead.push_str("  ");
            hang.push_str("  ");
        }
        if !lead.is_empty() {
            self.line.spans.push(Span { tone: Tone::Mark, text: lead });
        }
        self.line.hang = hang;
    }

    /// Bytes written to the open line, to tell whether a link's text says its address already.
    fn written(&self) -> usize {
        self.line.spans.iter().map(|s| s.text.len()).sum()
    }

    fn end_link(&mut self) {
        let Some((address, from)) = self.link.take() else { return };
        let said: String = self.line.spans.iter().map(|s| s.text.as_str()).collect::<String>().get(from..).unwrap_or_default().to_owned();
        if !address.is_empty() && said != address {
            self.push(Tone::Link, &format!(" <{address}>"));
        }
    }

    fn end_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(|c| table.rows.iter().filter_map(|r| r.get(c)).map(|s| s.as_str().width()).max().unwrap_or(0)).collect();
        for (i, row) in table.rows.iter().enumerate() {
            let tone = if i < table.heads { Tone::Strong } else { Tone::Plain };
            let mut text = String::new();
            for (cell, w) in row.iter().zip(&widths) {
                text.push_str(cell);
                text.push_str(&" ".repeat(w - cell.as_str().width() + 2));
            }
            self.push(tone, text.trim_end());
            self.flush();
            if i + 1 == table.heads {
                let rule: Vec<String> = widths.iter().map(|w| "─".repeat(*w)).collect();
                self.push(Tone::Mark, &rule.join("  "));
                self.flush();
            }
        }
    }

    fn flush(&mut self) {
        if !self.line.spans.is_empty() {
            self.lines.push(std::mem::take(&mut self.line));
        }
    }

    fn close(&mut self, range: Range<usize>) {
        self.flush();
        if !self.lines.is_empty() {
            self.blocks.push(Block { range, lines: std::mem::take(&mut self.lines) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        parse(text).iter().flat_map(|b| &b.lines).map(|l| l.spans.iter().map(|s| s.text.as_str()).collect()).collect()
    }

    #[test]
    fn each_construct_becomes_lines_a_terminal_can_show() {
        for (text, want) in [
            ("# Cause\ntext", vec!["Cause", "text"]),
            ("a **b** *c* `d`", vec!["a b c d"]),
            ("- one\n- two\n  - deep\n", vec!["• one", "• two", "  • deep"]),
            ("3. x\n4. y", vec!["3. x", "4. y"]),
            ("```yaml\na: 1\n\nb: 2\n```", vec!["  a: 1", "", "  b: 2"]),
            ("> said", vec!["▎ said"]),
            ("[docs](https://k8s.io)", vec!["docs <https://k8s.io>"]),
            ("<https://k8s.io>", vec!["https://k8s.io"]),
            ("| a | bb |\n|---|---|\n| 123 | 4 |", vec!["a    bb", "───  ──", "123  4"]),
            ("see [E1][E2].", vec!["see [E1][E2]."]),
            ("- [x] done", vec!["• [x] done"]),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }

    #[test]
    fn tones_tell_code_and_strong_words_apart() {
        let blocks = parse("set `DB_HOST` **now**");
        let tones: Vec<Tone> = blocks[0].lines[0].spans.iter().map(|s| s.tone).collect();
        assert_eq!(tones, [Tone::Plain, Tone::Code, Tone::Plain, Tone::Strong]);
    }

    #[test]
    fn a_finished_block_stays_as_it_is_while_a_text_grows() {
        let text = "1. a\n\n2. b\n\n# Cause\n\napi exits: **DB_HOST** is not set [E1].\n\n- one\n- two\n\n```\ncode\n\nmore\n```\n\n| a | b |\n|--|--|\n| 1 | 2 |\n\nEnd of *it*.\n";
        let whole = parse(text);
        for end in (0..=text.len()).filter(|e| text.is_char_boundary(*e)) {
            let part = parse(&text[..end]);
            let n = finished(&text[..end], &part);
            assert_eq!(part[..n], whole[..n], "after {end} bytes");
        }
    }

    #[test]
    fn a_parse_from_the_last_block_on_equals_the_rest_of_a_whole_parse() {
        let text = "one\n\n- a\n- b\n\nthree `x`";
        let whole = parse(text);
        let from = whole[1].range.start;
        let rest: Vec<Vec<Line>> = parse(&text[from..]).into_iter().map(|b| b.lines).collect();
        assert_eq!(rest, whole[1..].iter().map(|b| b.lines.clone()).collect::<Vec<_>>());
    }
}
