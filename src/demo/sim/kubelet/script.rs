//! Containers with a command of their own: as much of `sh -c` as one needs to make something fail on purpose
//! (`echo`, `sleep`, `exit`, `true`, `false`); any other command just runs.
use super::super::json::View;
use serde_json::Value;

/// What a command does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Script {
    /// What it prints.
    pub lines: Vec<String>,
    /// After how many seconds it ends and how; `None`: it runs on.
    pub end: Option<(i64, i64)>,
}

/// Reads the command of a container; `None` when it has none.
pub fn read(spec: &Value) -> Option<Script> {
    let words: Vec<&str> = spec.list("/command").iter().chain(spec.list("/args")).filter_map(Value::as_str).collect();
    if spec.list("/command").is_empty() && !matches!(words.first(), Some(&"sh" | &"/bin/sh" | &"sleep")) {
        return None;
    }
    let shell = words.first().is_some_and(|w| matches!(*w, "sh" | "/bin/sh" | "bash" | "/bin/bash"));
    match words.as_slice() {
        [_, "-c", script, ..] if shell => Some(run(script)),
        ["true" | "/bin/true", ..] => Some(Script { lines: Vec::new(), end: Some((1, 0)) }),
        ["false" | "/bin/false", ..] => Some(Script { lines: Vec::new(), end: Some((1, 1)) }),
        ["echo", rest @ ..] => Some(Script { lines: vec![rest.join(" ")], end: Some((1, 0)) }),
        ["sleep", secs] => Some(Script { lines: Vec::new(), end: secs.parse().ok().map(|s: i64| (s, 0)) }),
        _ => None,
    }
}

fn run(script: &str) -> Script {
    let mut out = Script { lines: Vec::new(), end: None };
    let mut clock = 0_i64;
    let (mut loops, mut foreign) = (false, false);
    for part in script.split([';', '\n']).flat_map(|p| p.split("&&")) {
        let part = part.trim().trim_end_matches(">&2").trim();
        let (word, rest) = part.split_once(' ').unwrap_or((part, ""));
        match word {
            "echo" => out.lines.push(rest.trim_matches(['\'', '"']).to_owned()),
            "sleep" => clock += rest.trim().parse::<i64>().unwrap_or(3_600),
            "exit" if !loops => {
                out.end = Some((clock.max(1), rest.trim().parse().unwrap_or(0)));
                return out;
            }
            "false" => {
                out.end = Some((clock.max(1), 1));
                return out;
            }
            "while" | "for" | "until" => loops = true,
            "" | "true" | ":" => {}
            _ => foreign = true,
        }
    }
    if !loops && !foreign {
        out.end = Some((clock.max(1), 0));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn simple_scripts_end_as_written_and_everything_else_runs() {
        for (command, end, lines) in [
            (json!(["sh", "-c", "echo starting; echo 'DB_HOST is not set' >&2; exit 1"]), Some((1, 1)), 2),
            (json!(["sh", "-c", "sleep 20; exit 3"]), Some((20, 3)), 0),
            (json!(["sh", "-c", "echo ok"]), Some((1, 0)), 1),
            (json!(["sh", "-c", "while :; do sleep 1; done"]), None, 0),
            (json!(["sh", "-c", "httpd -p 8080; sleep 5"]), None, 0),
            (json!(["false"]), Some((1, 1)), 0),
        ] {
            let script = read(&json!({"command": command})).unwrap();
            assert_eq!((script.end, script.lines.len()), (end, lines), "{command}");
        }
        assert_eq!(read(&json!({"command": ["/usr/bin/server"]})), None);
        assert_eq!(read(&json!({})), None);
    }
}
