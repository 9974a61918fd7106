//! Surveys and readings: what was looked at becomes evidence, and the step that shows it gets its end.
use super::{Agent, SURVEY_BYTES, Stage};
use crate::agent::transcript::StepState;
use crate::agent::{Answerer, CallId, Effect, Entry, Survey, report};
use crate::model::{Looked, Reading, SegmentId, Source, Timestamp, Trouble, TroubleClass, TurnId, unseen};
use crate::text::Clean;
use crate::text::prepare::{Form, prepare};

impl Agent {
    /// Runs the rules over the place: before a diagnosis, or because the model asks for it.
    pub(super) fn survey(&mut self, call: Option<CallId>) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        let what = match (&turn.place.object, &turn.place.namespace) {
            (Some(object), _) => format!("survey around {}", report::placed(object)),
            (None, Some(ns)) => format!("survey of namespace {ns}"),
            (None, None) => "survey of all namespaces".to_owned(),
        };
        turn.surveying.clone_from(&call);
        let (id, place) = (turn.id, turn.place.clone());
        self.push(Entry::Step { turn: id, call, what: Clean::line(&what), state: StepState::Running });
        vec![Effect::Survey { turn: id, place }]
    }

    pub(super) fn surveyed(&mut self, result: Result<Box<Survey>, Trouble>, at: Timestamp) -> Vec<Effect> {
        let Some(turn) = &mut self.turn else { return Vec::new() };
        let call = turn.surveying.take();
        if call.is_none() && turn.stage != Stage::Surveying {
            return Vec::new();
        }
        let (id, asked) = (turn.id, Clean::line("survey"));
        let rules = |looked| Reading { source: Source::Rules, object: None, uid: None, resource_version: None, taken_at: at, looked };
        let mut readings = Vec::new();
        match &result {
            Ok(survey) => {
                let text = prepare(&report::text(&survey.report), Form::Block, SURVEY_BYTES, &self.redactor);
                readings.push((asked, rules(Looked::Found(text))));
                readings.extend(survey.readings.iter().cloned());
                let unseen = if survey.report.complete { Vec::new() } else { unseen::lines(&survey.report.denied) };
                let none = !survey.report.complete && unseen.is_empty();
                self.unfinished(id, &unseen);
                if none {
                    self.unfinished(id, &[Clean::line("Not everything that the rules ask could be read.")]);
                }
            }
            Err(trouble) if trouble.class == TroubleClass::Denied => readings.push((asked, rules(Looked::Denied(trouble.clone())))),
            Err(trouble) => readings.push((asked, rules(Looked::Failed(trouble.clone())))),
        }
        let (segments, state) = self.keep(id, readings);
        self.step(id, call.as_ref(), state);
        if let Some(call) = call {
            return self.answered(&call, segments);
        }
        if let Some(turn) = &mut self.turn {
            turn.opening.extend(segments);
        }
        match (&self.answerer, result) {
            (Answerer::Model { .. }, _) => self.open(),
            (Answerer::Offline, Ok(survey)) => self.offline(&survey),
            (Answerer::Offline, Err(trouble)) => self.say(&format!("The cluster could not be read, so there is nothing to conclude from. {trouble} [E1]")),
        }
    }

    /// Readings into the ledger: their segments, and how the step that read them ended.
    pub(super) fn keep(&mut self, turn: TurnId, readings: Vec<(Clean, Reading)>) -> (Vec<SegmentId>, StepState) {
        let (mut segments, mut evidence, mut bytes) = (Vec::new(), Vec::new(), 0);
        let mut bad = None;
        for (asked, reading) in readings {
            let looked = reading.looked.clone();
            let (id, segment) = self.ledger.read(turn, &asked, reading, &self.redactor, &self.seed);
            bytes += self.ledger.segment(segment).map_or(0, |s| s.text.text().len());
            segments.push(segment);
            match looked {
                Looked::Found(_) => evidence.push(id),
                Looked::Nothing(_) => _ = bad.get_or_insert(StepState::Nothing),
                Looked::Denied(t) => {
                    self.unfinished(turn, &[Clean::line(&format!("{id}: not allowed to look: {t}"))]);
                    bad = Some(StepState::Denied(Clean::line(&t.to_string())));
                }
                Looked::Failed(t) => {
                    self.unfinished(turn, &[Clean::line(&format!("{id}: could not look: {t}"))]);
                    bad = Some(StepState::Failed(Clean::line(&t.to_string())));
                }
            }
        }
        let state = if evidence.is_empty() { bad.unwrap_or(StepState::Nothing) } else { StepState::Done { evidence, bytes } };
        (segments, state)
    }
}
