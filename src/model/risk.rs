//! Roles, risks and verdicts: the words policy speaks.
use std::fmt;

/// What the person at the screen may do through this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads only. The default on a real cluster.
    Readonly,
    /// Up to medium risk.
    Operator,
    /// Everything, each approved.
    Admin,
}

/// How much may go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Risk {
    /// Reads.
    Low,
    /// One namespaced object, and an undo line takes it back.
    Medium,
    /// Something stops or goes; its owner or manifest brings it back.
    High,
    /// Data, authority or the whole cluster.
    Critical,
}

/// What policy decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// Runs.
    Read,
    /// A person decides.
    Approve,
    /// Forbidden by policy here.
    Block,
    /// Never a legal request.
    Refuse,
}

/// A decision with the rule that made it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Verdict {
    /// What happens.
    #[serde(rename = "verdict")]
    pub decision: Decision,
    /// How much may go wrong.
    pub risk: Risk,
    /// The id of the rule that decided: `protected-namespace`.
    pub rule: &'static str,
    /// One sentence that the person, and the model, can act on.
    pub reason: String,
}

macro_rules! words {
    ($type:ty { $($variant:ident => $word:literal),+ $(,)? }) => {
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(match self { $(Self::$variant => $word),+ })
            }
        }
        impl std::str::FromStr for $type {
            type Err = String;
            fn from_str(s: &str) -> Result<Self, String> {
                match s { $($word => Ok(Self::$variant),)+ _ => Err(format!("`{s}` is not one of: {}", [$($word),+].join(", "))) }
            }
        }
    };
}
words!(Role { Readonly => "readonly", Operator => "operator", Admin => "admin" });
words!(Risk { Low => "low", Medium => "medium", High => "high", Critical => "critical" });
words!(Decision { Read => "read", Approve => "approve", Block => "block", Refuse => "refuse" });
