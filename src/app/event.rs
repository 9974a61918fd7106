//! What happens to the screen, and what it wants done.
use crate::agent;
use crate::kubectl::kinds::Kinds;
use crate::model::{Contexts, Epoch, Operation, Outcome, Plan, Reading, Report, Timestamp, Trouble, TurnId, Update};
use crate::policy::{Approval, Challenge};
use crate::text::Clean;
use crossterm::event::KeyEvent;

/// Names one text view of the panel (describe, YAML, logs), so that a late answer finds it or is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ViewId(pub u64);

/// What happens. The runtime adds the time.
#[derive(Debug)]
pub enum Event {
    /// A key went down (never a release).
    Key(KeyEvent),
    /// Bracketed paste: goes to the composer as text, never runs as keys, never approves.
    Paste(String),
    /// The terminal is so many columns and rows.
    Resize(u16, u16),
    /// The timer that the app asked for fired.
    Tick,
    /// SIGTERM, SIGHUP or SIGINT: leave at once.
    Leave,
    /// The kubeconfig was read.
    Contexts(Result<Contexts, Trouble>),
    /// A connection was built (nothing was sent yet) or could not be.
    Connected {
        /// Which.
        epoch: Epoch,
        /// The context's name, namespace and user, or why there is none.
        result: Result<Place, Trouble>,
    },
    /// A watch said something.
    Watch(Epoch, Update),
    /// The namespaces, for the picker.
    Namespaces(Epoch, Result<Vec<Clean>, Trouble>),
    /// The server's version and kinds.
    Discovered(Epoch, Result<(Clean, Kinds), Trouble>),
    /// What the rules conclude about the scope on screen.
    Problems(Epoch, Box<Report>),
    /// Something for the agent; stale turns are dropped there.
    Agent(agent::Event),
    /// The text of a view.
    View {
        /// Which.
        view: ViewId,
        /// What was read.
        readings: Vec<Reading>,
    },
    /// The runtime minted the right to answer the dialog of this plan.
    Dialog {
        /// The proposal's turn.
        turn: TurnId,
        /// Its call.
        call: agent::CallId,
        /// The right.
        challenge: Challenge,
    },
    /// A plan that a person asked for by a key (not the agent) is back.
    Planned {
        /// Which connection.
        epoch: Epoch,
        /// The plan, or why there is none.
        result: Result<Box<Plan>, Trouble>,
    },
    /// The plan of a command that a person edited, or of a change whose object changed.
    Replanned {
        /// Which connection.
        epoch: Epoch,
        /// The proposal's turn.
        turn: TurnId,
        /// Its call.
        call: agent::CallId,
        /// The plan, or why there is none.
        result: Result<Box<Plan>, Trouble>,
    },
    /// A decision was written down, or could not be: then nothing is changed until one can.
    Audited(Result<(), Trouble>),
    /// An approved plan was executed (or could not be).
    Executed {
        /// The proposal's turn.
        turn: TurnId,
        /// Its call.
        call: agent::CallId,
        /// What came of it.
        outcome: Outcome,
        /// Nothing ran since an object was not what was reviewed: the person is asked again.
        changed: bool,
    },
    /// Something of the program's own that stays in the chat.
    Remark(Clean),
    /// Something to say in the footer, for a while.
    Say(Clean),
}

/// A connection as the header shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The context.
    pub context: Clean,
    /// Its namespace.
    pub namespace: Clean,
    /// Its user.
    pub user: Clean,
}

/// What the screen wants done.
#[derive(Debug)]
pub enum Effect {
    /// Restore the terminal and end.
    Quit,
    /// End the connection of the epoch before and build one to this context (`None`: the current one).
    Connect {
        /// The epoch that the answers will carry.
        epoch: Epoch,
        /// The context.
        context: Option<Clean>,
    },
    /// Watch this scope from now on (and no other).
    Watch {
        /// Which connection.
        epoch: Epoch,
        /// `None`: all namespaces.
        namespace: Option<Clean>,
    },
    /// Let the rules look at these families too from now on, whatever is watched. The report says which it was asked for.
    Include(Vec<crate::model::Extra>),
    /// List the namespaces.
    Namespaces(Epoch),
    /// Something the agent wants.
    Agent(Box<agent::Effect>),
    /// Read the text of a view. Policy already allowed it.
    View {
        /// Which.
        view: ViewId,
        /// What.
        operation: Operation,
    },
    /// A person asked for this write by keys or `:`; policy lets a person decide. Answered by `Planned`.
    Plan {
        /// Which connection.
        epoch: Epoch,
        /// What.
        operation: Operation,
        /// Policy's verdict.
        verdict: crate::model::Verdict,
    },
    /// Plan this in place of a proposal: its command was edited, or its object changed. Answered by `Replanned`.
    Replan {
        /// Which connection.
        epoch: Epoch,
        /// The proposal's turn.
        turn: TurnId,
        /// Its call.
        call: agent::CallId,
        /// What.
        operation: Operation,
        /// Policy's verdict.
        verdict: crate::model::Verdict,
        /// What the proposal rests on.
        evidence: Vec<crate::model::EvidenceId>,
    },
    /// What was allowed for a time is asked again from now on: write that down.
    Revoked {
        /// The allowance in words.
        allowed: Clean,
        /// Why.
        why: Clean,
    },
    /// A dialog is on screen now: mint its challenge.
    OpenDialog {
        /// The proposal's turn.
        turn: TurnId,
        /// Its call.
        call: agent::CallId,
        /// The plan.
        plan: Box<Plan>,
    },
    /// A person decided: write it to the audit chain, and when approved, execute.
    Decide {
        /// The proposal's turn.
        turn: TurnId,
        /// Its call.
        call: agent::CallId,
        /// The plan.
        plan: Box<Plan>,
        /// The decision.
        decision: Decision,
        /// What is written down with it.
        noted: Noted,
    },
    /// Put this on the clipboard.
    Copy(String),
    /// Try again now: watches, connection, whatever is down.
    Retry(Epoch),
    /// Keep a line of input history.
    Keep(String),
    /// Stop the process as `ctrl-z` does, and come back.
    Suspend,
}

/// What a person decided about a plan.
#[derive(Debug)]
pub enum Decision {
    /// Yes, by keys.
    Approved(Approval),
    /// Another command in its place.
    Edited(Clean),
    /// No, with a reason (may be empty).
    Denied(Clean),
    /// Nobody answered, or the ground was lost (context switched, quit).
    Lapsed(Clean),
}

/// What is written down with a decision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Noted {
    /// The command as it was proposed, where the person changed it.
    pub edited_from: Option<Clean>,
    /// What the person allowed for a time with this approval.
    pub allowed: Option<Clean>,
}

/// An event and when it happened.
#[derive(Debug)]
pub struct At {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: Event,
}
