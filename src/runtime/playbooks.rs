//! Where playbooks come from: those that are built in and the user's own, `*.yaml` in `playbooks/` beside the configuration.
//! Each step is judged by the kubectl grammar: what is no read can not be one.
use crate::diagnose::playbook::{Mistake, PLACEHOLDERS, Playbook};
use crate::kubectl::{self, kinds::Kinds};
use crate::model::{Action, Trouble, TroubleClass};
use crate::store::folder::{self, Env};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The built-in ones: file name and text.
const BUILT_IN: &[(&str, &str)] = &[
    ("certificate-not-issued.yaml", include_str!("../../playbooks/certificate-not-issued.yaml")),
    ("external-secret-not-synced.yaml", include_str!("../../playbooks/external-secret-not-synced.yaml")),
    ("gitops-not-applied.yaml", include_str!("../../playbooks/gitops-not-applied.yaml")),
    ("scaled-object-failing.yaml", include_str!("../../playbooks/scaled-object-failing.yaml")),
    ("volume-snapshot-failing.yaml", include_str!("../../playbooks/volume-snapshot-failing.yaml")),
];

/// A playbook and where it stands.
#[derive(Clone, Debug)]
pub struct Known {
    /// `built in`, or the file.
    pub place: String,
    /// What it says.
    pub playbook: Playbook,
}

/// Reads one text: the playbook, and every step and the fix as the grammar sees them.
pub fn read(text: &str) -> Result<Playbook, Mistake> {
    let playbook = Playbook::parse(text)?;
    for step in &playbook.steps {
        let operation = legal(&step.run, step.line)?;
        if !matches!(operation.action, Action::Read(_)) {
            return Err(Mistake { line: step.line, sentence: format!("`{}` changes the cluster: a step only reads; a change belongs into `fix`", step.run) });
        }
    }
    if let Some((fix, line)) = &playbook.fix {
        legal(fix, *line)?;
    }
    Ok(playbook)
}

/// A command as the grammar reads it, with something in place of each placeholder.
fn legal(command: &str, line: u64) -> Result<crate::model::Operation, Mistake> {
    let sample = PLACEHOLDERS.iter().fold(command.to_owned(), |text, name| {
        let value = match *name {
            "kind" => "pod",
            "owner" => "deployment/sample",
            _ => "sample",
        };
        text.replace(&format!("{{{name}}}"), value)
    });
    kubectl::parse(&sample, &Kinds::builtin()).map_err(|refusal| Mistake { line, sentence: format!("`{command}`: {refusal}") })
}

/// The folder of the user's own.
pub fn folder(env: Env<'_>) -> Option<PathBuf> {
    Some(folder::config(env)?.parent()?.join("playbooks"))
}

/// Every playbook: the built-in ones, and the user's, of which one with the same name takes the other's place.
pub fn load(env: Env<'_>) -> Result<Vec<Known>, Trouble> {
    let wrong = |place: &str, cause: &str| {
        Trouble::new(TroubleClass::Config, &format!("read the playbook {place}"), cause).hint("`kopilot-tui playbooks test FILE` says whether it is right")
    };
    let mut known: Vec<Known> = Vec::new();
    for (name, text) in BUILT_IN {
        let playbook = read(text).map_err(|m| wrong(name, &m.to_string()))?;
        known.push(Known { place: "built in".to_owned(), playbook });
    }
    let Some(folder) = folder(env) else { return Ok(known) };
    for path in files(&folder).map_err(|e| wrong(&folder.display().to_string(), &e.to_string()))? {
        let place = path.display().to_string();
        let text = std::fs::read_to_string(&path).map_err(|e| wrong(&place, &e.to_string()))?;
        let playbook = read(&text).map_err(|m| wrong(&place, &m.to_string()))?;
        if let Some(twin) = known.iter().find(|k| k.playbook.name == playbook.name && k.place != "built in") {
            return Err(wrong(&place, &format!("the name `{}` is taken by {}", playbook.name, twin.place)));
        }
        known.retain(|k| k.playbook.name != playbook.name);
        known.push(Known { place, playbook });
    }
    Ok(known)
}

/// The same for a question.
pub fn all(env: Env<'_>) -> Result<Arc<[Playbook]>, Trouble> {
    Ok(load(env)?.into_iter().map(|k| k.playbook).collect())
}

/// `*.yaml` and `*.yml` of a folder, by name; a folder that is not there has none.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut out = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "yaml" || e == "yml") {
            out.push(path);
        }
    }
    out.sort();
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_ones_are_right() {
        let none = |_: &str| None;
        assert_eq!(load(&none).unwrap().len(), BUILT_IN.len());
    }

    #[test]
    fn a_step_that_changes_something_is_refused_and_a_fix_may() {
        let text = |step: &str, fix: &str| format!("name: a\ndetect: {{pod_status: x}}\nsteps:\n- run: {step}\nfix: {fix}\n");
        assert!(read(&text("get pods -n {namespace}", "rollout restart {owner} -n {namespace}")).is_ok());
        let refused = read(&text("delete pod {pod} -n {namespace}", "get pods")).unwrap_err();
        assert!(refused.line == 4 && refused.sentence.contains("only reads"), "{refused}");
        assert_eq!(read(&text("get pods | sh", "get pods")).unwrap_err().line, 4);
        assert_eq!(read(&text("get pods", "exec {pod} -- sh")).unwrap_err().line, 5);
    }

    #[test]
    fn the_users_own_are_read_beside_the_built_in_ones_and_a_wrong_one_is_named() {
        let home = tempfile::tempdir().unwrap();
        let config = home.path().join("config.toml").display().to_string();
        let env = |name: &str| (name == "KOPILOT_CONFIG").then(|| config.clone());
        let own = home.path().join("playbooks");
        std::fs::create_dir(&own).unwrap();
        std::fs::write(own.join("a.yaml"), "name: mine\ndetect: {pod_status: Error}\n").unwrap();
        assert!(load(&env).unwrap().iter().any(|k| k.playbook.name == "mine"));
        std::fs::write(own.join("b.yaml"), "name: other\ndetect: {pod_state: Error}\n").unwrap();
        let trouble = load(&env).unwrap_err();
        assert!(trouble.to_string().contains("line 2") && trouble.to_string().contains("pod_state"), "{trouble}");
    }
}
