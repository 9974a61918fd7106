//! One function from an operation to a verdict, for every path; and approvals as values.
//!
//! Deny beats allow: the denials are asked first, in one order, and the first that holds decides. Names match exactly,
//! whatever their case. A namespace rule covers what lives in namespaces and the namespaces themselves, nothing else.
pub mod approval;
mod deny;
pub mod production;
mod risk;
mod rules;

#[cfg(test)]
mod tests;

pub use approval::{Approval, Challenge, Receipt};
pub use rules::{PROTECTED, Rules};

use crate::kubectl::Refusal;
use crate::model::{Decision, Operation, Risk, Verdict};

/// The verdict on what the grammar made of a command. Deny beats allow.
pub fn judge(operation: &Result<Operation, Refusal>, rules: &Rules) -> Verdict {
    let operation = match operation {
        Ok(operation) => operation,
        // A request that can never run endangers nothing.
        Err(refusal) => return Verdict { decision: Decision::Refuse, risk: Risk::Low, rule: refusal.rule, reason: refusal.sentence.clone() },
    };
    let (risk, line, why) = risk::of(operation);
    if let Some((rule, reason)) = deny::first(operation, risk, rules) {
        return Verdict { decision: Decision::Block, risk, rule, reason };
    }
    if operation.is_write() {
        Verdict { decision: Decision::Approve, risk, rule: line, reason: format!("{why} A person decides.") }
    } else {
        Verdict { decision: Decision::Read, risk, rule: line, reason: why }
    }
}
