//! Deployments, replica sets, stateful sets, daemon sets, jobs, autoscalers: what is wanted, what is there, and which
//! revision does what.
use super::Page;
use crate::cluster::read::Reader;
use crate::cluster::read::objects::{array, number, scalar, selector, text};
use crate::cluster::read::rollout;
use serde_json::Value;

impl Reader<'_> {
    /// Everything of a workload but its identity and events.
    pub(super) async fn workload(&self, page: &mut Page, object: &Value) {
        let n = |pointer: &str| number(object, pointer).map(|n| n.to_string());
        page.line("Selector", &selector(object.pointer("/spec/selector")));
        let kind = text(object, "/kind");
        let counts: &[(&str, &str)] = match kind {
            "DaemonSet" => &[
                ("desired", "/status/desiredNumberScheduled"),
                ("current", "/status/currentNumberScheduled"),
                ("updated", "/status/updatedNumberScheduled"),
                ("ready", "/status/numberReady"),
                ("available", "/status/numberAvailable"),
                ("misscheduled", "/status/numberMisscheduled"),
            ],
            "Job" => &[
                ("completions", "/spec/completions"),
                ("parallelism", "/spec/parallelism"),
                ("backoff limit", "/spec/backoffLimit"),
                ("active", "/status/active"),
                ("succeeded", "/status/succeeded"),
                ("failed", "/status/failed"),
            ],
            _ => &[
                ("desired", "/spec/replicas"),
                ("total", "/status/replicas"),
                ("updated", "/status/updatedReplicas"),
                ("ready", "/status/readyReplicas"),
                ("available", "/status/availableReplicas"),
                ("unavailable", "/status/unavailableReplicas"),
            ],
        };
        let counts: Vec<String> = counts.iter().map(|(word, pointer)| format!("{} {word}", n(pointer).unwrap_or_else(|| "0".to_owned()))).collect();
        page.line(if kind == "Job" { "Runs" } else { "Replicas" }, &counts.join(" | "));
        if let Some(strategy) = object.pointer("/spec/strategy").or_else(|| object.pointer("/spec/updateStrategy")) {
            page.line("Strategy", &format!("{} {}", text(strategy, "/type"), strategy.get("rollingUpdate").map(ToString::to_string).unwrap_or_default()));
        }
        if object.pointer("/spec/paused") == Some(&Value::Bool(true)) {
            page.line("Paused", "true");
        }
        if object.pointer("/spec/suspend") == Some(&Value::Bool(true)) {
            page.line("Suspended", "true");
        }
        page.line("Deadline", &number(object, "/spec/activeDeadlineSeconds").map(|s| format!("{s} s")).unwrap_or_default());
        page.line("Service Name", text(object, "/spec/serviceName"));
        for claim in array(object, "/spec/volumeClaimTemplates") {
            page.line(
                "Volume Claim",
                &format!("{} class {}", text(claim, "/metadata/name"), claim.pointer("/spec/storageClassName").map_or("<default>".to_owned(), scalar)),
            );
        }
        if let Ok((_, sentence)) = rollout::status(object) {
            page.line("Rollout", &sentence);
        }
        if let Some(template) = object.pointer("/spec/template") {
            page.template(template);
        }
        page.conditions(object);
        if kind == "Deployment" {
            self.replica_sets(page, object).await;
        }
    }

    async fn replica_sets(&self, page: &mut Page, object: &Value) {
        match self.cluster.revisions(object).await {
            Ok(revisions) => {
                page.head(0, "ReplicaSets");
                for r in revisions.iter().rev() {
                    let n = |pointer: &str| number(&r.object, pointer).unwrap_or(0);
                    let template = r.template();
                    let images: Vec<&str> = array(&template, "/spec/containers").iter().map(|c| text(c, "/image")).collect();
                    page.raw(
                        1,
                        &format!(
                            "revision {}: {} ({}/{} ready) images {}",
                            r.number,
                            text(&r.object, "/metadata/name"),
                            n("/status/readyReplicas"),
                            n("/spec/replicas"),
                            images.join(",")
                        ),
                    );
                }
                if let [.., before, now] = revisions.as_slice() {
                    let (Ok(old), Ok(new)) = (crate::cluster::read::get::yaml(&before.template()), crate::cluster::read::get::yaml(&now.template())) else {
                        return;
                    };
                    let lines = crate::text::diff::lines(&old, &new, 0);
                    page.head(0, &format!("Changed from revision {} to {}", before.number, now.number));
                    for line in lines {
                        match line {
                            crate::text::diff::Line::Removed(l) => page.raw(1, &format!("- {l}")),
                            crate::text::diff::Line::Added(l) => page.raw(1, &format!("+ {l}")),
                            _ => {}
                        }
                    }
                }
            }
            Err(trouble) => page.line("ReplicaSets", &format!("<could not look: {}>", trouble.cause)),
        }
    }
}

/// Everything of an autoscaler but its identity and events.
pub(super) fn autoscaler(page: &mut Page, object: &Value) {
    page.line("Reference", &format!("{}/{}", text(object, "/spec/scaleTargetRef/kind"), text(object, "/spec/scaleTargetRef/name")));
    let n = |pointer: &str| number(object, pointer).map_or("<unset>".to_owned(), |n| n.to_string());
    page.line(
        "Replicas",
        &format!(
            "{} now, {} wanted (min {}, max {})",
            n("/status/currentReplicas"),
            n("/status/desiredReplicas"),
            n("/spec/minReplicas"),
            n("/spec/maxReplicas")
        ),
    );
    page.head(0, "Metrics");
    for metric in array(object, "/spec/metrics") {
        page.raw(1, &metric.to_string());
    }
    for metric in array(object, "/status/currentMetrics") {
        page.raw(1, &format!("now: {metric}"));
    }
    page.conditions(object);
}
