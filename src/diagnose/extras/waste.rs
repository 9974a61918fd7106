//! What nobody uses any more: claims, volumes, config maps, services, finished jobs and pods, balancers, nodes. Grouped by
//! namespace, with age and size, and a plan that changes nothing by itself.
use super::{grouped, is_system, note};
use crate::diagnose::draft::{Draft, describe, field};
use crate::diagnose::view::View;
use crate::diagnose::words::{age, count};
use crate::model::ObjectRef;
use crate::model::snapshot::template::PodTemplate;
use crate::model::snapshot::{ConfigMap, Job};
use std::collections::{BTreeMap, HashSet};

/// What is younger than this may be about to be used, in seconds.
const YOUNG: i64 = 86_400;

/// Everything that nobody uses.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    let mut out = claims(view);
    out.extend(volumes(view));
    out.extend(config_maps(view));
    out.extend(services(view));
    out.extend(jobs(view));
    out.extend(pods(view));
    out.extend(nodes(view));
    out
}

/// Claims that no pod and no template mounts.
fn claims(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let mut out = Vec::new();
    for c in s.claims.items.iter().filter(|c| c.status.phase.as_str() == "Bound" && view.age(&c.meta) > YOUNG && s.knows_all("Pod", &c.meta.namespace)) {
        let here = |n: &crate::text::Clean| *n == c.meta.namespace;
        let mounted = view.pods(&c.meta.namespace).iter().any(|p| p.claims.contains(&c.meta.name));
        let templates = s
            .deployments
            .items
            .iter()
            .map(|d| (&d.meta.namespace, &d.spec.template))
            .chain(s.stateful_sets.items.iter().map(|d| (&d.meta.namespace, &d.spec.template)));
        let templates = templates
            .chain(s.daemon_sets.items.iter().map(|d| (&d.meta.namespace, &d.spec.template)))
            .chain(s.jobs.items.iter().map(|d| (&d.meta.namespace, &d.spec.template)));
        let named = templates.filter(|(n, _)| here(n)).any(|(_, t)| t.claims.contains(&c.meta.name));
        let of_set = s.stateful_sets.items.iter().filter(|t| here(&t.meta.namespace)).any(|t| {
            t.spec
                .volume_claim_templates
                .iter()
                .any(|v| c.meta.name.strip_prefix(&format!("{}-{}-", v.metadata.name, t.meta.name)).is_some_and(|n| n.parse::<u32>().is_ok()))
        });
        if mounted || named || of_set {
            continue;
        }
        let size = c.spec.resources.requests.get("storage").map_or_else(|| "of unknown size".to_owned(), |q| format!("of {q}"));
        let own = c.meta.reference("PersistentVolumeClaim");
        let says = format!("is mounted by nothing: {size}, made {} ago; look at its data before it goes", age(view.age(&c.meta)));
        out.push(
            note("cost/orphan-claim", own.clone(), says)
                .next(describe(&own))
                .fix(Some(format!("delete persistentvolumeclaim {} -n {}", own.name, own.namespace))),
        );
    }
    out
}

/// Volumes whose claim is gone, and those that nobody claimed.
fn volumes(view: &View<'_>) -> Vec<Draft> {
    let free = |p: &str| matches!(p, "Released" | "Available");
    let all = view.whole().volumes.items.iter().filter(|v| free(&v.status.phase) && view.age(&v.meta) > YOUNG);
    all.map(|v| {
        let own = v.meta.reference("PersistentVolume");
        let size = v.spec.capacity.get("storage").map_or_else(String::new, |q| format!(", {q}"));
        let policy = &v.spec.persistent_volume_reclaim_policy;
        let keeps = if policy.is_empty() { String::new() } else { format!(" (reclaim policy {policy})") };
        note("cost/orphan-volume", own.clone(), format!("is {}{size}, made {} ago, and held by no claim{keeps}", v.status.phase, age(view.age(&v.meta))))
            .next(describe(&own))
    })
    .collect()
}

/// Config maps that a template names.
fn named_maps(template: &PodTemplate) -> impl Iterator<Item = &str> {
    let volumes = template
        .volumes
        .iter()
        .flat_map(|v| v.config_map.iter().chain(v.projected.iter().flat_map(|p| p.sources.iter().filter_map(|s| s.config_map.as_ref()))));
    let env = template
        .all()
        .flat_map(|c| c.env.iter().filter_map(|e| e.value_from.config_map_key_ref.as_ref()).chain(c.env_from.iter().filter_map(|e| e.config_map_ref.as_ref())));
    volumes.map(|m| m.name.as_str()).chain(env.map(|r| r.name.as_str()))
}

/// Config maps that other programs read through the API rather than by a mount.
fn is_read_elsewhere(m: &ConfigMap) -> bool {
    const LABELS: &[&str] = &["grafana_dashboard", "grafana_datasource", "prometheus_rule", "fluentd_config", "app.kubernetes.io/managed-by", "owner"];
    m.meta.owner.is_some() || m.meta.name.as_str() == "kube-root-ca.crt" || LABELS.iter().any(|l| m.meta.label(l).is_some())
}

fn config_maps(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let mut used: HashSet<(&str, &str)> = HashSet::new();
    for pod in &s.pods.items {
        used.extend(named_maps(&pod.template).map(|n| (pod.meta.namespace.as_str(), n)));
    }
    let templates = s.deployments.items.iter().map(|d| (&d.meta, &d.spec.template)).chain(s.replica_sets.items.iter().map(|d| (&d.meta, &d.spec.template)));
    let templates = templates
        .chain(s.stateful_sets.items.iter().map(|d| (&d.meta, &d.spec.template)))
        .chain(s.daemon_sets.items.iter().map(|d| (&d.meta, &d.spec.template)));
    for (meta, template) in templates.chain(s.jobs.items.iter().map(|d| (&d.meta, &d.spec.template))) {
        used.extend(named_maps(&template.pod).map(|n| (meta.namespace.as_str(), n)));
    }
    let mut unused: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for m in s.config_maps.items.iter().filter(|m| view.age(&m.meta) > YOUNG && !is_read_elsewhere(m) && !is_system(&m.meta.namespace)) {
        let (namespace, name) = (m.meta.namespace.as_str(), m.meta.name.as_str());
        // A cron job's template is not kept: where one could name it, nothing is said.
        let cron = s.cron_jobs.items.iter().any(|c| c.meta.namespace == m.meta.namespace);
        if !cron && s.knows_all("Pod", namespace) && !used.contains(&(namespace, name)) {
            unused.entry(namespace).or_default().push(name.to_owned());
        }
    }
    unused
        .into_iter()
        .map(|(namespace, names)| {
            let says = "named by no pod and no template, for a day at least; a program may still read them through the API";
            grouped("cost/unused-configmap", ObjectRef::new("Namespace", "", namespace), &names, "ConfigMap", says)
                .next(format!("get configmaps -n {namespace}"))
                .fix(Some(format!("delete configmap {} -n {namespace}", names.join(" "))))
        })
        .collect()
}

/// Services that lead to nothing, and balancers that are paid for all the same.
fn services(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    let mut out = Vec::new();
    for service in s.services.items.iter().filter(|x| !x.spec.selector.is_empty() && view.age(&x.meta) > YOUNG && s.knows_all("Pod", &x.meta.namespace)) {
        if !view.behind(service).is_empty() || crate::diagnose::rules::services::is_meant(view, service) {
            continue;
        }
        let own = service.meta.reference("Service");
        let since = age(view.age(&service.meta));
        let balancer = service.spec.type_.as_str() == "LoadBalancer" && !service.status.load_balancer.ingress.is_empty();
        let (rule, says) = if balancer {
            ("cost/idle-balancer", format!("has a load balancer and no pod behind it; made {since} ago"))
        } else {
            ("cost/unused-service", format!("has no pod behind it; made {since} ago"))
        };
        out.push(note(rule, own.clone(), says).next(describe(&own)).fix(Some(format!("delete service {} -n {}", own.name, own.namespace))));
    }
    out
}

fn finished(j: &Job) -> bool {
    j.status.conditions.iter().any(|c| matches!(c.type_.as_str(), "Complete" | "Failed") && c.status.as_str() == "True")
}

/// Jobs that ended long ago and that no cron job tidies up.
fn jobs(view: &View<'_>) -> Vec<Draft> {
    let mut old: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for j in view.whole().jobs.items.iter().filter(|j| j.meta.owner.is_none() && finished(j) && view.age(&j.meta) > YOUNG) {
        old.entry(j.meta.namespace.as_str()).or_default().push(j.meta.name.to_string());
    }
    let group = |(namespace, names): (&str, Vec<String>)| {
        grouped(
            "cost/finished-jobs",
            ObjectRef::new("Namespace", "", namespace),
            &names,
            "job",
            "ended more than a day ago and still there (ttlSecondsAfterFinished would tidy up)",
        )
        .next(format!("get jobs -n {namespace}"))
        .fix(Some(format!("delete job {} -n {namespace}", names.join(" "))))
    };
    old.into_iter().map(group).collect()
}

/// Pods that ended long ago and belong to nobody.
fn pods(view: &View<'_>) -> Vec<Draft> {
    let mut old: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let ended =
        |p: &&crate::model::snapshot::Pod| matches!(p.phase.as_str(), "Succeeded" | "Failed") && p.meta.owner.as_ref().is_none_or(|o| o.kind.as_str() != "Job");
    for p in view.whole().pods.items.iter().filter(ended).filter(|p| view.age(&p.meta) > YOUNG) {
        old.entry(p.meta.namespace.as_str()).or_default().push(p.meta.name.to_string());
    }
    let group = |(namespace, names): (&str, Vec<String>)| {
        grouped("cost/finished-pods", ObjectRef::new("Namespace", "", namespace), &names, "pod", "ended more than a day ago and still there")
            .next(format!("get pods -n {namespace}"))
            .fix(Some(format!("delete pod {} -n {namespace}", names.join(" "))))
    };
    old.into_iter().map(group).collect()
}

/// Nodes that nothing but daemons run on.
fn nodes(view: &View<'_>) -> Vec<Draft> {
    let s = view.whole();
    if !view.saw_all("Pod") || !s.namespaces.is_empty() || s.nodes.items.len() < 2 {
        return Vec::new();
    }
    let idle = |n: &&crate::model::snapshot::Node| {
        let control = n.meta.label("node-role.kubernetes.io/control-plane").is_some();
        let daemon = |p: &&crate::model::snapshot::Pod| p.meta.owner.as_ref().is_some_and(|o| matches!(o.kind.as_str(), "DaemonSet" | "Node"));
        !control && view.age(&n.meta) > YOUNG && view.on_node(&n.meta.name).iter().all(daemon)
    };
    s.nodes
        .items
        .iter()
        .filter(idle)
        .map(|n| {
            let own = n.meta.reference("Node");
            let pods = count(view.on_node(&n.meta.name).len(), "daemon pod");
            note("cost/idle-node", own.clone(), format!("runs nothing but {pods}"))
                .proof(field(own.clone(), format!("made {} ago", age(view.age(&n.meta)))))
                .next(describe(&own))
        })
        .collect()
}
