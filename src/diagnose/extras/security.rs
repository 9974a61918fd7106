//! What containers may do beyond what a program needs, in the manner of the CIS benchmark's section on policies. One remark
//! for each workload and matter, about the template that a person can change.
use super::{Workload, note, workloads};
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::quoted;
use crate::model::snapshot::template::{ContainerSpec, PodTemplate};

/// Rights that are as good as root on the node.
const DANGEROUS: &[&str] =
    &["ALL", "SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_MODULE", "SYS_RAWIO", "SYS_BOOT", "DAC_READ_SEARCH", "BPF", "PERFMON", "NET_RAW"];

/// A matter of single containers: its id, what is said of them, and whether a container shows it.
type Matter = (&'static str, &'static str, fn(&PodTemplate, &ContainerSpec) -> bool);

const MATTERS: &[Matter] = &[
    ("security/privileged", "has all rights on its node (privileged: true)", |_, c| c.security_context.privileged),
    ("security/run-as-root", "may run as root: neither runAsNonRoot nor a runAsUser is set", |p, c| {
        let user = c.security_context.run_as_user.or(p.security.run_as_user);
        let refused = c.security_context.run_as_non_root.or(p.security.run_as_non_root).unwrap_or(false);
        user.map_or(!refused, |u| u == 0)
    }),
    ("security/escalation", "may gain rights (allowPrivilegeEscalation is not false)", |_, c| {
        c.security_context.allow_privilege_escalation != Some(false) && !c.security_context.privileged
    }),
    ("security/capabilities", "adds rights of root to its own", |_, c| {
        c.security_context.capabilities.add.iter().any(|a| DANGEROUS.contains(&a.trim_start_matches("CAP_")))
    }),
    ("security/capabilities-kept", "keeps the usual rights of root (capabilities.drop does not name ALL)", |_, c| {
        !c.security_context.capabilities.drop.iter().any(|d| d.eq_ignore_ascii_case("all")) && !c.security_context.privileged
    }),
    ("security/seccomp", "runs without a seccomp profile", |p, c| {
        c.security_context.seccomp_profile.as_ref().or(p.security.seccomp_profile.as_ref()).is_none_or(|s| matches!(s.type_.as_str(), "" | "Unconfined"))
    }),
    ("security/writable-root", "can write its root file system (readOnlyRootFilesystem is not set)", |_, c| !c.security_context.read_only_root_filesystem),
    ("security/secret-in-env", "gets Secrets as environment variables, which end up in dumps and child processes; files do not", |_, c| {
        c.env.iter().any(|e| e.value_from.secret_key_ref.is_some()) || c.env_from.iter().any(|e| e.secret_ref.is_some())
    }),
    ("security/host-port", "takes a port of its node (hostPort)", |_, c| c.ports.iter().any(|p| p.host_port.is_some_and(|h| h > 0))),
    ("security/image-tag", "runs an image whose tag can change under it (none, or `latest`)", |_, c| is_moving(&c.image)),
];

/// Whether an image's name does not say which image: no tag, or `latest`, and no digest.
pub fn is_moving(image: &str) -> bool {
    let last = image.rsplit('/').next().unwrap_or(image);
    !image.contains('@') && (last.split_once(':').is_none_or(|(_, tag)| tag == "latest")) && !image.is_empty()
}

/// Everything about what containers may do.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    workloads(view).iter().flat_map(|w| workload(view, w)).collect()
}

fn workload(view: &View<'_>, w: &Workload<'_>) -> Vec<Draft> {
    let mut out = Vec::new();
    for (rule, says, shows) in MATTERS {
        let names: Vec<_> = w.pod.all().filter(|c| shows(w.pod, c)).map(|c| &c.name).collect();
        if !names.is_empty() {
            let containers = if names.len() == 1 { "container" } else { "containers" };
            out.push(note(rule, w.object.clone(), format!("{containers} {}: {says}", quoted(&names))).next(describe(&w.object)));
        }
    }
    let pod = w.pod;
    if pod.host_network {
        out.push(
            note("security/host-network", w.object.clone(), "is on its node's network (hostNetwork), past every network policy").next(describe(&w.object)),
        );
    }
    if pod.host_processes {
        out.push(note("security/host-processes", w.object.clone(), "sees its node's processes or memory (hostPID or hostIPC)").next(describe(&w.object)));
    }
    let paths: Vec<_> = pod.volumes.iter().filter_map(|v| v.host_path.as_ref()).map(|h| &h.path).collect();
    if !paths.is_empty() {
        out.push(note("security/host-path", w.object.clone(), format!("mounts {} of its node (hostPath)", quoted(&paths))).next(describe(&w.object)));
    }
    out.extend(account(view, w));
    out
}

/// The account that a workload speaks to the API as, where nobody chose it.
fn account(view: &View<'_>, w: &Workload<'_>) -> Option<Draft> {
    let name = w.pod.service_account.as_str();
    let account = view.whole().service_accounts.items.iter().find(|a| a.meta.namespace.as_str() == w.object.namespace && a.meta.name.as_str() == name);
    let mounts = w.pod.mounts_token.or(account.and_then(|a| a.mounts_token)).unwrap_or(true);
    (matches!(name, "" | "default") && mounts).then(|| {
        note("security/default-account", w.object.clone(), "is given a token of the service account `default`, which everything in the namespace shares")
            .proof(field(w.object.clone(), "spec.serviceAccountName: default; automountServiceAccountToken is not false"))
            .next(describe(&w.object))
    })
}

#[cfg(test)]
mod tests {
    use super::is_moving;

    #[test]
    fn an_image_that_says_which_it_is_does_not_move() {
        for (image, want) in [
            ("nginx", true),
            ("nginx:latest", true),
            ("nginx:1.27", false),
            ("registry:5000/a/nginx", true),
            ("registry:5000/a/nginx:1", false),
            ("nginx@sha256:00", false),
        ] {
            assert_eq!(is_moving(image), want, "{image}");
        }
    }
}
