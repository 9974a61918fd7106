//! How the pods of a plan's workloads stand, before and after: better, the same, or worse.
use super::Writer;
use crate::cluster::read::objects::{array, number, text};
use crate::model::Plan;
use serde_json::Value;

/// How many pods are wanted and how many are ready, over all workloads of a plan that were there before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::cluster::execute) struct Health {
    looked: bool,
    ready: i64,
    want: i64,
}

impl Health {
    /// ` Better than before: 0 of 1 pods were ready, now 1 of 1.`; nothing where no pods are concerned.
    pub(super) fn compared(&self, after: &Self) -> String {
        if !self.looked || !after.looked {
            return String::new();
        }
        let (short, still) = ((self.want - self.ready).max(0), (after.want - after.ready).max(0));
        let word = match still.cmp(&short) {
            std::cmp::Ordering::Less => "Better than before",
            std::cmp::Ordering::Equal => "The same as before",
            std::cmp::Ordering::Greater => "Worse than before",
        };
        format!(" {word}: {} of {} pods were ready, now {} of {}.", self.ready, self.want, after.ready, after.want)
    }
}

impl Writer {
    /// How the workloads of a plan stand now. What can not be read is not counted.
    pub(in crate::cluster::execute) async fn stand(&self, plan: &Plan) -> Health {
        let mut all = Health::default();
        let workload = |resource: &str| matches!(resource, "deployments" | "statefulsets" | "daemonsets" | "replicasets" | "replicationcontrollers" | "pods");
        let there = plan.requests.iter().zip(&plan.objects).filter(|(r, o)| !o.uid.is_empty() && r.method != "DELETE" && !r.path.ends_with("/eviction"));
        for (_, reviewed) in there.filter(|(_, o)| workload(&o.kind.resource)) {
            if let Ok(now) = self.cluster.object(&reviewed.kind, Some(&reviewed.object.namespace), &reviewed.object.name).await {
                let (ready, want) = counts(&reviewed.kind.resource, &now);
                all = Health { looked: true, ready: all.ready + ready, want: all.want + want };
            }
        }
        all
    }
}

/// Ready and wanted pods of one object.
fn counts(resource: &str, object: &Value) -> (i64, i64) {
    match resource {
        "pods" => {
            let ready = array(object, "/status/conditions").iter().any(|c| text(c, "/type") == "Ready" && text(c, "/status") == "True");
            (i64::from(ready || text(object, "/status/phase") == "Succeeded"), 1)
        }
        "daemonsets" => (number(object, "/status/numberReady").unwrap_or(0), number(object, "/status/desiredNumberScheduled").unwrap_or(0)),
        _ => (number(object, "/status/readyReplicas").unwrap_or(0), number(object, "/spec/replicas").unwrap_or(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fewer_pods_short_is_better_whatever_the_size() {
        let health = |ready, want| Health { looked: true, ready, want };
        for (before, after, want) in [
            (health(0, 1), health(1, 1), "Better"),
            (health(3, 3), health(1, 1), "The same"),
            (health(3, 3), health(2, 3), "Worse"),
            (health(1, 3), health(1, 2), "Better"),
        ] {
            assert!(before.compared(&after).trim().starts_with(want), "{before:?} {after:?}");
        }
        assert_eq!(Health::default().compared(&health(1, 1)), "");
    }
}
