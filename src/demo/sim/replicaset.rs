//! The replica set controller: as many pods of a template as asked for, and a status that says how many there are.
use super::json::{View, compact, condition, controller_of, count, later, seconds};
use super::pods::{Maker, Wanted, active, available};
use super::world::{Due, World};
use crate::demo::store::Key;
use serde_json::{Value, json};
use std::sync::Arc;

/// How often one that was refused before has asked, and how long it still waits (in seconds).
const LEARNED_TRIES: u32 = 6;
const LEARNED_WAIT: i64 = 120;
const COMPONENT: &str = "replicaset-controller";

/// Makes or removes pods, then writes the status.
pub fn reconcile(w: &mut World, key: &Key, rs: &Value) -> Option<Due> {
    let uid = rs.text("/metadata/uid").to_owned();
    let wanted = usize::try_from(rs.int_or("/spec/replicas", 1)).unwrap_or_default();
    let by = Maker { component: COMPONENT, key, object: rs };
    let mine: Vec<(Key, Arc<Value>)> = controlled(w, &uid);
    let alive: Vec<&(Key, Arc<Value>)> = mine.iter().filter(|(_, p)| active(p)).collect();
    let mut failure = condition(rs, "ReplicaFailure").map(|c| c.text("/message").to_owned());
    if alive.len() < wanted {
        if w.waits(key).is_none() {
            failure = None;
            for _ in alive.len()..wanted {
                if let Err(refusal) = w.make_pod(by, &Wanted::default()) {
                    failure = Some(refusal);
                    break;
                }
            }
        }
    } else {
        w.refused.remove(key);
        failure = None;
        for (pod, _) in victims(&alive, alive.len() - wanted) {
            w.unmake_pod(by, &pod);
        }
    }
    let due = status(w, key, rs, &uid, failure.as_deref());
    Due::sooner(due, w.waits(key))
}

/// Learns that a quota refused it pods before this simulation began: it has asked often, and asks again in a while.
pub fn learn(w: &mut World, key: &Key, rs: &Value) {
    if condition(rs, "ReplicaFailure").is_some() {
        w.refused.insert(key.clone(), (LEARNED_TRIES, later(w.clock, LEARNED_WAIT)));
    }
}

/// The pods that the object with this uid controls.
pub fn controlled(w: &mut World, uid: &str) -> Vec<(Key, Arc<Value>)> {
    w.owned(uid, "pods").into_iter().filter(|(_, p)| controller_of(p).is_some_and(|o| o.text("/uid") == uid)).collect()
}

/// Whom to remove first: without a node, not running, not ready, restarted more, younger.
fn victims(alive: &[&(Key, Arc<Value>)], surplus: usize) -> Vec<(Key, Arc<Value>)> {
    let mut ranked: Vec<(Key, Arc<Value>)> = alive.iter().map(|p| (*p).clone()).collect();
    ranked.sort_by_key(|(key, p)| {
        let restarts: i64 = p.list("/status/containerStatuses").iter().map(|c| c.int("/restartCount")).sum();
        let born = p.time("/metadata/creationTimestamp");
        let ready = super::json::is_true(p, "Ready");
        let running = p.text("/status/phase") == "Running";
        (!p.text("/spec/nodeName").is_empty(), running, ready, -restarts, std::cmp::Reverse(born), key.clone())
    });
    ranked.truncate(surplus);
    ranked
}

fn status(w: &mut World, key: &Key, rs: &Value, uid: &str, failure: Option<&str>) -> Option<Due> {
    let pods = controlled(w, uid);
    let min_ready = rs.int("/spec/minReadySeconds");
    let labels = rs.at("/spec/template/metadata/labels");
    let (mut all, mut labelled, mut ready, mut usable, mut leaving) = (0, 0, 0, 0, 0);
    let mut due = None;
    for (_, pod) in &pods {
        if !active(pod) {
            leaving += i64::from(pod.has("/metadata/deletionTimestamp"));
            continue;
        }
        all += 1;
        labelled += i64::from(super::selector::plain(labels, pod.at("/metadata/labels")));
        ready += i64::from(super::json::is_true(pod, "Ready"));
        match available(w, pod, min_ready) {
            Ok(()) => usable += 1,
            Err(later) => due = Due::sooner(due, later),
        }
    }
    let conditions = match failure {
        Some(message) => {
            let since = condition(rs, "ReplicaFailure").map_or_else(|| seconds(w.stamp), |c| c.at("/lastTransitionTime").clone());
            json!([{"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": message, "lastTransitionTime": since}])
        }
        None => Value::Null,
    };
    let now = compact(json!({
        "replicas": all, "fullyLabeledReplicas": count(labelled), "readyReplicas": count(ready), "availableReplicas": count(usable),
        "terminatingReplicas": leaving, "observedGeneration": rs.int_or("/metadata/generation", 1), "conditions": conditions
    }));
    if now != *rs.at("/status") {
        w.set_status(key, now);
    }
    due
}
