//! What is asked for and not used, measured: requests against what metrics.k8s.io saw at the instant of the look. Without
//! metrics nothing is said.
use super::note;
use crate::diagnose::draft::{Draft, field};
use crate::diagnose::view::View;
use crate::diagnose::words::count;
use crate::model::ObjectRef;
use crate::model::snapshot::Coverage;
use std::collections::{BTreeMap, HashMap};

/// Below this share of its requests a workload is asked for too much, in percent.
const SHARE: i128 = 30;
/// Below this a workload does nothing, in thousandths of a CPU for each pod.
const IDLE: i128 = 2;
/// A workload younger than this has no habit yet, in seconds.
const YOUNG: i64 = 3600;
/// What is asked for above what is used before it is worth a word: 100m of CPU, 128 MiB of memory, in thousandths.
const WORTH: [i128; 2] = [100, 128 * 1024 * 1024 * 1000];

/// What the pods of a workload ask for and use, in thousandths of the unit.
#[derive(Default)]
struct Sum {
    pods: usize,
    young: bool,
    asked: [i128; 2],
    used: [i128; 2],
}

/// Everything that is asked for and not used.
pub fn drafts(view: &View<'_>) -> Vec<Draft> {
    if view.whole().usage.coverage != Coverage::Whole {
        return Vec::new();
    }
    let used: HashMap<(&str, &str), &crate::model::snapshot::Usage> =
        view.whole().usage.items.iter().map(|u| ((u.meta.namespace.as_str(), u.meta.name.as_str()), u)).collect();
    let mut sums: BTreeMap<ObjectRef, Sum> = BTreeMap::new();
    for pod in view.whole().pods.items.iter().filter(|p| p.phase.as_str() == "Running" && !super::is_system(&p.meta.namespace)) {
        let Some(usage) = used.get(&(pod.meta.namespace.as_str(), pod.meta.name.as_str())) else { continue };
        let sum = sums.entry(view.owner(pod).top).or_default();
        sum.pods += 1;
        sum.young |= view.age(&pod.meta) < YOUNG;
        for (i, resource) in ["cpu", "memory"].into_iter().enumerate() {
            let asked: i128 = pod.template.containers.iter().filter_map(|c| c.resources.requests.get(resource)?.milli()).sum();
            let seen: i128 = usage.containers.iter().filter_map(|c| fine(c.usage.get(resource)?)).sum();
            if let (Some(a), Some(u)) = (sum.asked.get_mut(i), sum.used.get_mut(i)) {
                *a += asked;
                *u += seen;
            }
        }
    }
    sums.into_iter().filter(|(_, sum)| !sum.young).flat_map(|(object, sum)| judged(&object, &sum)).collect()
}

/// Metrics are written in billionths of a CPU (`1234567n`), which [`Quantity::milli`](crate::model::snapshot::read::Quantity::milli) rounds to nothing.
fn fine(quantity: &crate::model::snapshot::read::Quantity) -> Option<i128> {
    match quantity.0.strip_suffix('n') {
        Some(nano) => nano.parse::<i128>().ok().map(|n| n / 1_000_000),
        None => match quantity.0.strip_suffix('u') {
            Some(micro) => micro.parse::<i128>().ok().map(|n| n / 1000),
            None => quantity.milli(),
        },
    }
}

fn judged(object: &ObjectRef, sum: &Sum) -> Vec<Draft> {
    let words = |i: usize, milli: i128| if i == 0 { format!("{milli}m CPU") } else { format!("{} MiB of memory", milli / 1000 / 1024 / 1024) };
    let pods = count(sum.pods, "pod");
    let each = i128::try_from(sum.pods).unwrap_or(1).max(1);
    let mut out = Vec::new();
    let [cpu_asked, _] = sum.asked;
    let [cpu_used, _] = sum.used;
    if cpu_asked > 0 && cpu_used < IDLE * each {
        let says = format!("does nothing now: its {pods} use {} of {} asked for", words(0, cpu_used), words(0, cpu_asked));
        let scales = matches!(object.kind.as_str(), "Deployment" | "StatefulSet");
        let fix = scales.then(|| format!("scale {object} --replicas=0 -n {}", object.namespace));
        out.push(
            note("cost/idle", object.clone(), says)
                .proof(field(object.clone(), "metrics.k8s.io, one instant"))
                .next(format!("top pods -n {}", object.namespace))
                .fix(fix),
        );
        return out;
    }
    for (i, ((asked, used), worth)) in sum.asked.iter().zip(sum.used).zip(WORTH).enumerate() {
        if *asked > 0 && used * 100 < asked * SHARE && asked - used >= worth {
            let says = format!("asks for {} and uses {} ({} %) over {pods}", words(i, *asked), words(i, used), used * 100 / asked);
            let resource = if i == 0 { "cpu" } else { "memory" };
            // Half as much again as is used, by pod: room for a peak that one instant does not show.
            let enough = used * 3 / 2 / each;
            let amount = if i == 0 { format!("{}m", enough.max(10)) } else { format!("{}Mi", (enough / 1000 / 1024 / 1024).max(16)) };
            let plan = format!("watch it over a day first; then set resources {object} --requests={resource}={amount} -n {}", object.namespace);
            out.push(note("cost/over-provisioned", object.clone(), says).proof(field(object.clone(), plan)).next(format!("top pods -n {}", object.namespace)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::fine;
    use crate::model::snapshot::read::Quantity;
    use crate::text::Clean;

    #[test]
    fn metrics_are_read_to_the_thousandth() {
        for (text, want) in [("1500000n", Some(1)), ("250000000n", Some(250)), ("12000u", Some(12)), ("3m", Some(3)), ("2", Some(2000))] {
            assert_eq!(fine(&Quantity(Clean::line(text))), want, "{text}");
        }
    }
}
