//! The tools: `kubectl`, a line of the grammar, and `diagnose`, the rules once more. A call becomes a read, a plan, a
//! survey, or an answer that the model can act on; nothing a model writes makes anything else happen.
use super::{Mode, Place};
use crate::kubectl::{self, kinds::Kinds};
use crate::model::{Decision, Operation, Role, Scope, Tool, ToolCall, Verdict};
use crate::policy::{self, Rules};
use crate::text::redact::holds_mark;
use crate::text::{Clean, Redactor};
use serde_json::{Value, json};

/// The tool with the grammar.
pub(super) const KUBECTL: &str = "kubectl";
/// The rules once more.
pub(super) const DIAGNOSE: &str = "diagnose";

const READS: &str = "\
Reads the cluster. `command` is one line of the kubectl grammar; no shell, no pipes, no files. Reads: \
get KIND [NAME…] [-n NS|-A] [-l SELECTOR] [--field-selector F] [-o wide|yaml|json|name|jsonpath=…|custom-columns=…] [--sort-by PATH] [--show-labels]; \
describe KIND [NAME]; logs POD|KIND/NAME [-c CONTAINER] [-p] [--tail=N] [--since=1h] [--all-containers]; events [--for KIND/NAME] [--types=Warning]; \
top pods|nodes; explain KIND.FIELD; rollout status|history KIND/NAME; auth can-i VERB KIND; auth whoami; version; api-resources; api-versions; \
cluster-info; diff -f - (with `manifest`); helm list|status|history. Values of Secrets can not be read.";

const WRITES: &str = " \
Changes, each shown to a person who approves or denies it before anything happens; name the objects: scale KIND/NAME --replicas=N; \
rollout restart|undo|pause|resume KIND/NAME [--to-revision=N]; set image KIND/NAME CONTAINER=IMAGE; set env KIND/NAME [-c CONTAINER] NAME=VALUE… NAME-; \
set resources KIND/NAME --limits=cpu=200m --requests=memory=64Mi; patch KIND NAME [--type=json|merge] -p 'JSON'; \
apply|create|replace -f - (with `manifest`); create namespace|configmap|deployment|job|cronjob|service|ingress|pdb|quota|role|… NAME …; \
create job NAME --from=cronjob/X; label|annotate KIND NAME KEY=VALUE KEY- [--overwrite]; expose KIND NAME --port=N; autoscale KIND NAME --max=N --cpu=80%; \
run NAME --image=IMAGE; cordon|uncordon NODE; drain NODE --ignore-daemonsets; taint nodes NODE KEY=VALUE:EFFECT; certificate approve|deny NAME; \
delete KIND NAME. Secrets can not be changed.";

/// What `manifest` is for, in words that fit a role that only reads.
const MANIFEST: &str = "the manifest that `-f -` in the command means: YAML or JSON, several documents divided by ---; never a file name or a URL";

/// The tools that a role is offered. In role `readonly` no write is as much as named.
pub(super) fn offered(role: Role) -> Vec<Tool> {
    let mut description = READS.to_owned();
    if role != Role::Readonly {
        description.push_str(WRITES);
    }
    let command = json!({"type": "string", "description": "for example: get pods -n shop, or: logs api-7f9c -p --tail=100"});
    vec![
        Tool {
            name: KUBECTL.into(),
            description,
            parameters: json!({
                "type": "object", "required": ["command"], "additionalProperties": false,
                "properties": {"command": command, "manifest": {"type": "string", "description": MANIFEST}},
            }),
        },
        Tool {
            name: DIAGNOSE.into(),
            description: "Runs the built-in rules over the namespace again and returns their findings with proofs, as they are now. Use it after a change."
                .into(),
            parameters: json!({"type": "object", "properties": {}, "additionalProperties": false}),
        },
    ]
}

/// What a call comes to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Judged {
    /// A read that runs.
    Read { operation: Operation, command: Clean },
    /// A write that a person decides.
    Plan { operation: Operation, verdict: Verdict, command: Clean },
    /// The rules once more.
    Survey,
    /// Nothing runs; the sentence says why and what would be right.
    Refused { what: Clean, sentence: String, by_policy: bool },
}

/// Judges one call. Total: whatever a model writes has an answer.
pub(super) fn judge(call: &ToolCall, mode: Mode, place: &Place, rules: &Rules, kinds: &Kinds) -> Judged {
    let refused = |what: &str, sentence: String| Judged::Refused { what: Clean::line(what), sentence, by_policy: false };
    if mode == Mode::Ask {
        return refused(&call.name, "There are no tools in this mode: the cluster is not read. Answer without one.".into());
    }
    match call.name.as_str() {
        DIAGNOSE => Judged::Survey,
        KUBECTL => match command(&call.arguments) {
            Ok((line, manifest)) => judge_line(&line, manifest.as_deref(), place, rules, kinds),
            Err(sentence) => refused(KUBECTL, sentence),
        },
        other => {
            let name: String = other.chars().take(60).collect();
            refused(&name, format!("There is no tool `{name}`. The tools are `{KUBECTL}` with {{\"command\": \"get pods\"}}, and `{DIAGNOSE}` with {{}}."))
        }
    }
}

/// Judges a line of the grammar, with the manifest that came beside it: a model's command, or the fix of a rule.
pub(super) fn judge_line(line: &str, manifest: Option<&str>, place: &Place, rules: &Rules, kinds: &Kinds) -> Judged {
    if holds_mark(line) || manifest.is_some_and(holds_mark) {
        let sentence = "Not run: the command holds a redaction mark, which stands for a value that was taken out. Nobody writes a mark to a cluster.";
        return Judged::Refused { what: shown(line), sentence: sentence.into(), by_policy: true };
    }
    let parsed = kubectl::parse_with(line, manifest, kinds).map(|operation| placed(operation, place));
    let verdict = policy::judge(&parsed, rules);
    let by_policy = verdict.decision == Decision::Block || parsed.is_ok();
    match (parsed, verdict.decision) {
        (Ok(operation), Decision::Read) if !operation.is_write() => {
            let command = Clean::line(&kubectl::print(&operation));
            Judged::Read { operation, command }
        }
        (Ok(operation), Decision::Approve) if operation.is_write() => {
            let command = Clean::line(&kubectl::print(&operation));
            Judged::Plan { operation, verdict, command }
        }
        (Err(refusal), _) => Judged::Refused { what: shown(line), sentence: format!("Not run: {}", refusal.sentence), by_policy },
        (Ok(_), _) => Judged::Refused { what: shown(line), sentence: format!("Not run, by policy ({}): {}", verdict.rule, verdict.reason), by_policy },
    }
}

/// A command that names no namespace means the one on screen; said aloud, so that policy judges what will run.
fn placed(mut operation: Operation, place: &Place) -> Operation {
    if let (Scope::Context, Some(namespace), true) = (&operation.scope, &place.namespace, operation.is_scoped()) {
        operation.scope = Scope::Named(namespace.to_string());
    }
    operation
}

fn shown(line: &str) -> Clean {
    let short: String = line.trim().chars().take(200).collect();
    Clean::line(&short)
}

/// The command in a call's arguments and its manifest, or a sentence that says how to write it.
fn command(arguments: &str) -> Result<(String, Option<String>), String> {
    const RIGHT: &str = "Send {\"command\": \"get pods -n shop\"}.";
    let value: Value = serde_json::from_str(arguments).map_err(|e| format!("The arguments are not JSON ({e}). {RIGHT}"))?;
    let value = match value {
        Value::String(inner) => serde_json::from_str::<Value>(&inner).ok().filter(Value::is_object).unwrap_or_else(|| json!({ "command": inner })),
        other => other,
    };
    let manifest = match value.get("manifest") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(text.clone()),
        // an object in place of its text is plain enough
        Some(object @ Value::Object(_)) => Some(object.to_string()),
        Some(_) => return Err("`manifest` is not a string. Send it as YAML or JSON text beside {\"command\": \"apply -f -\"}.".into()),
    };
    match value.get("command") {
        Some(Value::String(line)) if !line.trim().is_empty() => Ok((line.clone(), manifest)),
        Some(Value::String(_)) => Err(format!("The command is empty. {RIGHT}")),
        Some(_) => Err(format!("`command` is not a string. {RIGHT}")),
        None => Err(format!("The arguments hold no `command`. {RIGHT}")),
    }
}

/// A call's arguments as history replays them: one JSON object, its texts clean and redacted. What is no object, or
/// would be none after redaction, is replayed as `{}`.
pub(super) fn past_arguments(call: &ToolCall, redactor: &Redactor) -> String {
    let value: Value = serde_json::from_str(&call.arguments).unwrap_or(Value::Null);
    let value = match value {
        Value::String(line) => json!({ "command": line }),
        other => other,
    };
    if value.is_object() { tidy(&value, redactor).to_string() } else { "{}".to_owned() }
}

fn tidy(value: &Value, redactor: &Redactor) -> Value {
    let text = |s: &str| redactor.redact(&Clean::block(s)).0;
    match value {
        Value::String(s) => text(s).into(),
        Value::Array(list) => list.iter().map(|v| tidy(v, redactor)).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (text(k), tidy(v, redactor))).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(name: &str, arguments: &str) -> ToolCall {
        ToolCall { id: "c".into(), name: name.into(), arguments: arguments.into() }
    }

    fn place(namespace: Option<&str>) -> Place {
        Place { namespace: namespace.map(Clean::line), ..Place::default() }
    }

    fn judged(call: &ToolCall, role: Role) -> Judged {
        judge(call, Mode::Diagnose, &place(Some("shop")), &Rules::new(role, "default"), &Kinds::builtin())
    }

    #[test]
    fn readonly_is_offered_no_write_and_the_others_are() {
        let all = |role| offered(role).iter().map(|t| t.description.clone()).collect::<String>();
        for word in ["scale", "restart", "delete", "set image"] {
            assert!(!all(Role::Readonly).contains(word), "{word}");
            assert!(all(Role::Operator).contains(word), "{word}");
        }
    }

    #[test]
    fn a_call_that_is_no_call_gets_an_answer_that_the_model_can_act_on() {
        for (name, arguments, want) in [
            ("kubectl", "{\"command\":", "not JSON"),
            ("kubectl", "", "not JSON"),
            ("kubectl", "{}", "no `command`"),
            ("kubectl", "{\"command\":\" \"}", "empty"),
            ("kubectl", "{\"command\":7}", "not a string"),
            ("kubectl", "[]", "no `command`"),
            ("shell", "{\"command\":\"ls\"}", "no tool `shell`"),
            ("", "{}", "no tool"),
        ] {
            let Judged::Refused { sentence, .. } = judged(&call(name, arguments), Role::Admin) else { panic!("{name} {arguments} ran") };
            assert!(sentence.contains(want), "{sentence}");
        }
    }

    #[test]
    fn a_read_runs_in_the_namespace_on_screen_and_a_write_waits_for_a_person() {
        for arguments in ["{\"command\":\"get pods\"}", "\"get pods\"", "\"{\\\"command\\\":\\\"kubectl get pods\\\"}\""] {
            let Judged::Read { operation, .. } = judged(&call("kubectl", arguments), Role::Readonly) else { panic!("{arguments} did not run") };
            assert_eq!(operation.scope, Scope::Named("shop".into()));
        }
        let undo = call("kubectl", "{\"command\":\"rollout undo deployment/api\"}");
        assert!(matches!(judged(&undo, Role::Operator), Judged::Plan { .. }));
        assert!(matches!(judged(&undo, Role::Readonly), Judged::Refused { by_policy: true, .. }));
        let mark = call("kubectl", "{\"command\":\"set image deployment/api app=⟦redacted password 8 ab12⟧\"}");
        assert!(matches!(judged(&mark, Role::Admin), Judged::Refused { by_policy: true, .. }));
        let shell = call("kubectl", "{\"command\":\"get pods | grep api\"}");
        assert!(matches!(judged(&shell, Role::Admin), Judged::Refused { .. }));
        assert!(matches!(judge(&undo, Mode::Ask, &place(None), &Rules::new(Role::Admin, "default"), &Kinds::builtin()), Judged::Refused { .. }));
    }

    #[test]
    fn a_manifest_comes_beside_the_command_and_is_judged_with_it() {
        let with = |command: &str, manifest: &str| call("kubectl", &json!({"command": command, "manifest": manifest}).to_string());
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        let Judged::Plan { operation, command, .. } = judged(&with("apply -f -", map), Role::Operator) else { panic!("no plan") };
        assert_eq!((operation.manifests().len(), &operation.scope, command.as_str()), (1, &Scope::Named("shop".into()), "apply --server-side -f - -n shop"));
        assert!(matches!(judged(&with("apply -f -", map), Role::Readonly), Judged::Refused { by_policy: true, .. }));
        assert!(matches!(judged(&with("diff -f -", map), Role::Readonly), Judged::Read { .. }));
        assert!(matches!(judged(&with("get pods", map), Role::Admin), Judged::Refused { by_policy: false, .. }));
        let secret = map.replace("ConfigMap", "Secret");
        assert!(matches!(judged(&with("apply -f -", &secret), Role::Admin), Judged::Refused { by_policy: true, .. }));
        let mark = format!("{map}data: {{password: ⟦redacted password 8 ab12⟧}}\n");
        assert!(matches!(judged(&with("apply -f -", &mark), Role::Admin), Judged::Refused { by_policy: true, .. }));
        let object = json!({"command": "create -f -", "manifest": {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}});
        assert!(matches!(judged(&call("kubectl", &object.to_string()), Role::Admin), Judged::Plan { .. }));
    }

    #[test]
    fn arguments_are_replayed_as_a_clean_object_whatever_they_were() {
        let redactor = Redactor::new([0; 32]);
        for (arguments, want) in [
            ("{\"command\":\"get pods\"}", "{\"command\":\"get pods\"}"),
            ("{\"command\":\"a\\u001b[2Jb\"}", "{\"command\":\"a\\\\x1b[2Jb\"}"),
            ("\"get pods\"", "{\"command\":\"get pods\"}"),
            ("{broken", "{}"),
            ("[1]", "{}"),
        ] {
            assert_eq!(past_arguments(&call("kubectl", arguments), &redactor), want);
        }
    }
}
