//! What is left out when a conversation does not fit the model's window: oldest evidence first, the rules' report last,
//! and never in silence. Each piece that is shortened goes as a segment of kind `Summary` that says so.
use super::prompt::Item;
use super::{Ledger, fence};
use crate::model::chat::Options;
use crate::model::{Evidence, EvidenceId, SegmentId, SegmentKind, Source, TurnId};
use crate::text::Redactor;
use crate::text::prepare::{Form, prepare};
use std::collections::BTreeMap;

/// Tokens of so many bytes of text, estimated: YAML, tables and logs have some 3.5 bytes a token with today's
/// tokenizers, prose more. The provider's own count is in the usage of the answer.
pub fn estimate_tokens(bytes: usize) -> usize {
    bytes.saturating_mul(2).div_ceil(7)
}

/// Tokens around each message: role, separators, ids.
const AROUND: usize = 8;

/// How a conversation fits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fit {
    /// What goes in place of which segment.
    pub instead: BTreeMap<SegmentId, SegmentId>,
    /// Turns before this one are left out whole.
    pub from: TurnId,
    /// The segment that says how many.
    pub left_out: Option<SegmentId>,
    /// How many.
    pub turns_gone: usize,
    /// Evidence that goes shortened or as one line.
    pub shortened: Vec<EvidenceId>,
}

/// What `fit` works on.
pub(super) struct Ground<'a> {
    pub ledger: &'a mut Ledger,
    pub items: &'a [Item],
    /// Tokens of what can not be left out: instructions and tools.
    pub fixed: usize,
    pub turn: TurnId,
    pub redactor: &'a Redactor,
    pub seed: &'a str,
}

/// The tokens that a prompt may have: the window less room for the answer and for the estimate's error.
pub(super) fn room(options: &Options, shrink: u32) -> usize {
    let window = usize::try_from(options.window()).unwrap_or(usize::MAX);
    let answer = options.max_tokens.map_or(1024, |n| usize::try_from(n).unwrap_or(1024)).min(window / 3);
    ((window - answer) * 9 / 10) >> shrink.min(8)
}

/// Shortens until `room` tokens suffice, or until there is nothing left to shorten.
pub(super) fn fit(mut ground: Ground<'_>, room: usize) -> Fit {
    let mut fit = Fit::default();
    if ground.tokens(&fit) <= room {
        return fit;
    }
    for (id, segment) in ground.evidence(&fit, |e, turn| e.turn < turn) {
        ground.as_line(&mut fit, id, segment);
        if ground.tokens(&fit) <= room {
            return fit;
        }
    }
    while ground.oldest(&fit) < ground.turn {
        let oldest = ground.oldest(&fit);
        fit.from = ground.items.iter().map(Item::turn).find(|t| *t > oldest).unwrap_or(ground.turn);
        fit.turns_gone += 1;
        ground.say_left_out(&mut fit);
        if ground.tokens(&fit) <= room {
            return fit;
        }
    }
    let now = |e: &Evidence, turn: TurnId| e.turn == turn && e.reading.source != Source::Rules;
    for (id, segment) in ground.evidence(&fit, now) {
        ground.shorten(&mut fit, id, segment, 1200);
        if ground.tokens(&fit) <= room {
            return fit;
        }
    }
    for (id, segment) in ground.evidence(&fit, now) {
        ground.as_line(&mut fit, id, segment);
        if ground.tokens(&fit) <= room {
            return fit;
        }
    }
    for (id, segment) in ground.evidence(&fit, |e, turn| e.turn == turn && e.reading.source == Source::Rules) {
        ground.shorten(&mut fit, id, segment, room.saturating_sub(ground.fixed).max(300));
    }
    fit
}

impl Ground<'_> {
    fn oldest(&self, fit: &Fit) -> TurnId {
        self.items.iter().map(Item::turn).find(|t| *t >= fit.from).unwrap_or(self.turn)
    }

    fn tokens(&self, fit: &Fit) -> usize {
        let size = |id: SegmentId| self.ledger.segment(*fit.instead.get(&id).unwrap_or(&id)).map_or(0, |s| estimate_tokens(s.text.text().len()));
        let kept = self.items.iter().filter(|i| i.turn() >= fit.from);
        self.fixed + fit.left_out.map_or(0, size) + kept.map(|i| AROUND + i.segments().into_iter().map(size).sum::<usize>()).sum::<usize>()
    }

    /// The evidence that is carried, oldest first.
    fn evidence(&self, fit: &Fit, which: impl Fn(&Evidence, TurnId) -> bool) -> Vec<(EvidenceId, SegmentId)> {
        let carried = self.items.iter().filter(|i| i.turn() >= fit.from).flat_map(Item::segments);
        let mut out: Vec<(EvidenceId, SegmentId)> = carried
            .filter_map(|id| {
                let evidence = self.ledger.segment(id)?.evidence?;
                which(self.ledger.find(evidence)?, self.turn).then_some((evidence, id))
            })
            .collect();
        out.sort_unstable();
        out.dedup();
        out
    }

    fn put(&mut self, fit: &mut Fit, id: EvidenceId, segment: SegmentId, text: crate::text::Prepared) {
        let smaller = |old: &crate::model::Segment| text.text().len() < old.text.text().len();
        if self.ledger.segment(segment).is_some_and(smaller) {
            let summary = self.ledger.summary(self.turn, Some(id), text);
            fit.instead.insert(segment, summary);
            if !fit.shortened.contains(&id) {
                fit.shortened.push(id);
            }
        }
    }

    fn as_line(&mut self, fit: &mut Fit, id: EvidenceId, segment: SegmentId) {
        let Some(evidence) = self.ledger.find(id) else { return };
        let bytes = self.ledger.segment(segment).map_or(0, |s| s.text.text().len());
        let line = format!(
            "(Evidence {id}, {} of `{}`, {bytes} bytes, was given earlier and is left out here to fit the window. Read it again if it matters.)",
            fence::source_words(&evidence.reading.source),
            evidence.asked
        );
        let text = prepare(&line, Form::Block, usize::MAX, self.redactor);
        self.put(fit, id, segment, text);
    }

    fn shorten(&mut self, fit: &mut Fit, id: EvidenceId, segment: SegmentId, limit: usize) {
        let Some(evidence) = self.ledger.find(id) else { return };
        let text = fence::shortened(id, &evidence.reading, limit, self.redactor, self.seed);
        self.put(fit, id, segment, text);
    }

    fn say_left_out(&mut self, fit: &mut Fit) {
        let line = format!("({} earlier question(s) and their answers are left out here to fit the window.)", fit.turns_gone);
        let text = prepare(&line, Form::Block, usize::MAX, self.redactor);
        fit.left_out = Some(self.ledger.summary(self.turn, None, text));
    }
}

impl Ledger {
    /// A summary; the same words about the same evidence are one segment however often they are sent.
    fn summary(&mut self, turn: TurnId, evidence: Option<EvidenceId>, text: crate::text::Prepared) -> SegmentId {
        let same = |s: &&crate::model::Segment| s.kind == SegmentKind::Summary && s.evidence == evidence && s.text.text() == text.text();
        if let Some(found) = self.segments().iter().find(same) {
            return found.id;
        }
        self.add(turn, SegmentKind::Summary, evidence, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Looked, Reading, Timestamp};
    use crate::text::Clean;

    fn read(ledger: &mut Ledger, turn: u64, source: Source, bytes: usize) -> SegmentId {
        let redactor = Redactor::new([0; 32]);
        let text = prepare(&"line of text\n".repeat(bytes / 13), Form::Block, usize::MAX, &redactor);
        let reading = Reading { source, object: None, uid: None, resource_version: None, taken_at: Timestamp::UNIX_EPOCH, looked: Looked::Found(text) };
        ledger.read(TurnId(turn), &Clean::line("logs api"), reading, &redactor, "s").1
    }

    fn run(ledger: &mut Ledger, items: &[Item], turn: u64, room: usize) -> Fit {
        let redactor = Redactor::new([0; 32]);
        fit(Ground { ledger, items, fixed: 100, turn: TurnId(turn), redactor: &redactor, seed: "s" }, room)
    }

    #[test]
    fn what_fits_is_left_alone_and_what_does_not_goes_oldest_first_with_a_word() {
        let mut ledger = Ledger::default();
        let old = read(&mut ledger, 1, Source::Events, 7000);
        let rules = read(&mut ledger, 2, Source::Rules, 700);
        let new = read(&mut ledger, 2, Source::Events, 7000);
        let items = [
            Item::User { turn: TurnId(1), segments: vec![old] },
            Item::Assistant { turn: TurnId(1), text: None, calls: Vec::new() },
            Item::User { turn: TurnId(2), segments: vec![rules, new] },
        ];
        assert_eq!(run(&mut ledger, &items, 2, 100_000), Fit::default());

        let some = run(&mut ledger, &items, 2, 2600);
        assert_eq!((some.shortened.clone(), some.turns_gone), (vec![EvidenceId(1)], 0));
        let line = ledger.segment(some.instead[&old]).unwrap();
        assert!(line.text.text().contains("E1") && line.kind == SegmentKind::Summary);
        let again = run(&mut ledger, &items, 2, 2600);
        assert_eq!(again, some, "the same words are one segment");

        let less = run(&mut ledger, &items, 2, 2330);
        assert_eq!((less.turns_gone, less.from), (1, TurnId(2)));
        assert!(ledger.segment(less.left_out.unwrap()).unwrap().text.text().contains("1 earlier question"));
        assert!(!less.instead.contains_key(&rules));

        let least = run(&mut ledger, &items, 2, 400);
        assert!(least.shortened.contains(&EvidenceId(3)) && least.instead.contains_key(&new));
    }

    #[test]
    fn the_room_leaves_space_for_the_answer() {
        let options = Options { max_tokens: Some(2000), context_tokens: 10_000, temperature: None };
        assert_eq!(room(&options, 0), 7200);
        assert_eq!(room(&options, 1), 3600);
        assert!(room(&Options::default(), 0) > 6000);
    }
}
