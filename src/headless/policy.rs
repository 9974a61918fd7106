//! `policy explain`: the verdict on a command, with no cluster. The kinds are those of the built-in table, so a custom
//! kind is unknown here. It judges with the very function that every other path uses, and runs nothing.
use crate::kubectl::{self, kinds::Kinds};
use crate::model::Verdict;
use crate::policy::{Rules, judge};
use crate::text::Clean;
use anyhow::Context as _;
use serde_json::{Value, json};
use std::path::Path;

/// The verdict on words, and the JSON that `policy explain --json` prints: `{verdict, risk, rule, reason, operation}`.
/// One word is a whole command line; several are its words. `manifest` is what the command finds at `-f -`. `operation` is
/// the command as it would be reviewed, or null.
pub fn explain(words: &[String], manifest: Option<&str>, rules: &Rules) -> (Value, Verdict) {
    let kinds = Kinds::builtin();
    let parsed = match words {
        [line] => kubectl::parse_with(line, manifest, &kinds),
        words => kubectl::parse_words(words, manifest, &kinds),
    };
    let verdict = judge(&parsed, rules);
    let operation = parsed.ok().map(|operation| kubectl::print(&operation));
    let value = json!({
        "verdict": verdict.decision.to_string(),
        "risk": verdict.risk.to_string(),
        "rule": verdict.rule,
        "reason": Clean::line(&verdict.reason).as_str(),
        "operation": operation.map(|line| Clean::line(&line).as_str().to_owned()),
    });
    (value, verdict)
}

/// The text of a manifest that the person names for `-f -`.
pub fn manifest(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("the manifest {} can not be read", path.display()))
}

/// The same for a person: a line each.
pub fn rendered(explained: &Value) -> String {
    let mut out = String::new();
    for key in ["verdict", "risk", "rule", "reason", "operation"] {
        let text = explained.get(key).and_then(Value::as_str).unwrap_or("none: it is no operation");
        out.extend([&format!("{key:<10} "), text, "\n"]);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Role;

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    #[test]
    fn one_argument_is_a_line_and_several_are_words() {
        let rules = Rules::new(Role::Admin, "");
        let line = explain(&words(&["kubectl scale deploy/api --replicas=3 -n shop"]), None, &rules).0;
        assert_eq!(line, explain(&words(&["kubectl", "scale", "deploy/api", "--replicas=3", "-n", "shop"]), None, &rules).0);
        assert_eq!(line["verdict"], "approve");
        assert_eq!(line["risk"], "medium");
        assert_eq!(line["rule"], "scale");
        assert_eq!(line["operation"], "scale deployment/api --replicas=3 -n shop");
        assert_eq!(explain(&words(&["get pods; rm -rf /"]), None, &rules).0["verdict"], "refuse");
        assert_eq!(explain(&words(&["get", "pods;", "rm"]), None, &rules).0["operation"], Value::Null);
    }

    #[test]
    fn a_person_reads_a_line_for_each_part() {
        let (value, _) = explain(&words(&["get secrets"]), None, &Rules::new(Role::Admin, ""));
        let text = rendered(&value);
        assert!(text.starts_with("verdict    block\nrisk       low\nrule       blocked-resource\nreason     Secrets are never"), "{text}");
        let (value, _) = explain(&words(&["rm -rf /"]), None, &Rules::new(Role::Admin, ""));
        assert!(rendered(&value).ends_with("operation  none: it is no operation\n"));
    }
}
