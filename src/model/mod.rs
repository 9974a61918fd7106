//! Plain data every layer shares. No IO, no clock: a time is always given.
pub mod chat;
pub mod evidence;
pub mod finding;
pub mod ids;
pub mod intern;
pub mod link;
pub mod object;
pub mod operation;
pub mod plan;
pub mod request;
pub mod risk;
pub mod segment;
pub mod snapshot;
pub mod trouble;
pub mod unseen;

pub use chat::{ModelEvent, Prompt, StopReason, Tool, ToolCall, Usage};
pub use evidence::{Evidence, EvidenceState, Looked, Reading, Source};
pub use finding::{Confidence, Extra, Finding, Report, Severity};
pub use ids::{Epoch, EvidenceId, SegmentId, TurnId};
pub use intern::Interner;
pub use link::{Change, ContextInfo, Contexts, Link, Seen, Update, WatchKind};
pub use object::{KindRef, Namespaces, ObjectRef};
pub use operation::{Action, Manifest, Objects, Operation, Read, Scope, Write};
pub use plan::{Access, Digest, DryRun, Outcome, Plan, PlannedRequest, Reviewed};
pub use request::{BodyWriter, RequestBody, Span, SpanKind};
pub use risk::{Decision, Risk, Role, Verdict};
pub use segment::{Segment, SegmentKind};
pub use snapshot::Snapshot;
pub use trouble::{Trouble, TroubleClass};
pub use unseen::Unseen;

/// The one instant type: Kubernetes' own.
pub use jiff::Timestamp;
