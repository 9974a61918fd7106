//! `top`: usage from metrics.k8s.io. That the cluster serves none is an answer of its own.
use super::objects::{array, text};
use super::{Origin, Reader, table};
use crate::cluster::http::{accept, encode, with_query};
use crate::model::operation::{Selectors, Target};
use crate::model::{KindRef, Reading, Source, Trouble, TroubleClass};
use serde_json::Value;

impl Reader<'_> {
    /// Usage of pods or nodes, the greediest first.
    pub(super) async fn top(&self, target: &Target, selectors: &Selectors, containers: bool, by_memory: bool) -> Reading {
        let nodes = target.kind.resource == "nodes";
        let mut origin = Origin::new(Source::Metrics);
        origin.object = self.named(target);
        let kind = KindRef::new("metrics.k8s.io", "v1beta1", if nodes { "nodes" } else { "pods" }, if nodes { "NodeMetrics" } else { "PodMetrics" }, !nodes);
        let operation = format!("read metrics of {}{}", kind.resource, self.place_words(&kind));
        let collection = kind.path(self.place(&kind).map(encode).as_deref());
        let path = match &target.name {
            Some(name) => format!("{collection}/{}", encode(name)),
            None => with_query(&collection, &[("labelSelector", selectors.labels.as_deref().unwrap_or_default())]),
        };
        let answer: Value = match self.cluster.fetch_as(&operation, &path, accept::JSON).await {
            Ok(answer) => answer,
            Err(trouble) if trouble.class == TroubleClass::NotFound && (target.name.is_none() || trouble.cause.contains("find the requested resource")) => {
                let absent = Trouble::new(TroubleClass::Other, &operation, "this cluster serves no metrics (metrics.k8s.io is absent)")
                    .hint("Install metrics-server to see usage; limits and OOM kills are seen without it.");
                return self.failed(origin, absent);
            }
            Err(trouble) => return self.failed(origin, trouble),
        };
        let items = if target.name.is_some() { std::slice::from_ref(&answer) } else { array(&answer, "/items") };
        if items.is_empty() {
            return self.nothing(origin, &format!("There are no metrics of {}{} (yet).", kind.resource, self.place_words(&kind)));
        }
        let grid = if nodes { self.node_grid(items, by_memory).await } else { pod_grid(items, containers, self.namespace.is_none(), by_memory) };
        self.found(origin, &table::align(&grid))
    }

    async fn node_grid(&self, items: &[Value], by_memory: bool) -> Vec<Vec<String>> {
        let kind = KindRef::new("", "v1", "nodes", "Node", false);
        let nodes = self.cluster.list(&kind, None, &Selectors::default(), self.limits.objects).await.map(|l| l.items).unwrap_or_default();
        let mut rows: Vec<(u64, Vec<String>)> = items
            .iter()
            .map(|item| {
                let name = text(item, "/metadata/name");
                let (cpu, memory) = (milli(text(item, "/usage/cpu")), bytes(text(item, "/usage/memory")));
                let of = nodes.iter().find(|n| text(n, "/metadata/name") == name);
                let share = |used: u64, pointer: &str, read: fn(&str) -> u64| match of.map(|n| read(text(n, pointer))) {
                    Some(all) if all > 0 => format!("{}%", used * 100 / all),
                    _ => "<unknown>".to_owned(),
                };
                (
                    if by_memory { memory } else { cpu },
                    vec![
                        name.to_owned(),
                        format!("{cpu}m"),
                        share(cpu, "/status/allocatable/cpu", milli),
                        format!("{}Mi", memory >> 20),
                        share(memory, "/status/allocatable/memory", bytes),
                    ],
                )
            })
            .collect();
        rows.sort_by_key(|(used, _)| std::cmp::Reverse(*used));
        let head = ["NAME", "CPU(cores)", "CPU%", "MEMORY(bytes)", "MEMORY%"].map(str::to_owned).to_vec();
        std::iter::once(head).chain(rows.into_iter().map(|(_, r)| r)).collect()
    }
}

fn pod_grid(items: &[Value], containers: bool, namespaces: bool, by_memory: bool) -> Vec<Vec<String>> {
    let mut head = vec!["NAME", "CPU(cores)", "MEMORY(bytes)"];
    if containers {
        head.insert(0, "POD");
    }
    if namespaces {
        head.insert(0, "NAMESPACE");
    }
    let mut rows: Vec<(u64, Vec<String>)> = Vec::new();
    for item in items {
        let (namespace, name) = (text(item, "/metadata/namespace").to_owned(), text(item, "/metadata/name").to_owned());
        let usage: Vec<(String, u64, u64)> =
            array(item, "/containers").iter().map(|c| (text(c, "/name").to_owned(), milli(text(c, "/usage/cpu")), bytes(text(c, "/usage/memory")))).collect();
        let lines: Vec<(Vec<String>, u64, u64)> = if containers {
            usage.into_iter().map(|(c, cpu, memory)| (vec![name.clone(), c], cpu, memory)).collect()
        } else {
            vec![(vec![name], usage.iter().map(|u| u.1).sum(), usage.iter().map(|u| u.2).sum())]
        };
        for (mut row, cpu, memory) in lines {
            if namespaces {
                row.insert(0, namespace.clone());
            }
            row.extend([format!("{cpu}m"), format!("{}Mi", memory >> 20)]);
            rows.push((if by_memory { memory } else { cpu }, row));
        }
    }
    rows.sort_by_key(|(used, _)| std::cmp::Reverse(*used));
    std::iter::once(head.into_iter().map(str::to_owned).collect()).chain(rows.into_iter().map(|(_, r)| r)).collect()
}

/// Thousandths of a core, rounded up: `12m`, `1`, `3456789n`.
fn milli(quantity: &str) -> u64 {
    let (number, scale) = split(quantity);
    let value = match scale {
        "n" => number / 1e6,
        "u" => number / 1e3,
        "m" => number,
        _ => number * 1e3,
    };
    whole(value)
}

/// Bytes: `64Mi`, `1G`, `1024`.
fn bytes(quantity: &str) -> u64 {
    let (number, scale) = split(quantity);
    let unit: f64 = match scale {
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "m" => 1e-3,
        _ => 1.0,
    };
    whole(number * unit)
}

fn split(quantity: &str) -> (f64, &str) {
    let at = quantity.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(quantity.len());
    let (number, scale) = quantity.split_at(at);
    (number.parse().unwrap_or(0.0), scale)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a usage is no negative number, and far below 2^53")]
fn whole(value: f64) -> u64 {
    value.ceil().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_become_millicores_and_bytes() {
        for (text, want) in [("12m", 12), ("1", 1000), ("3456789n", 4), ("1500u", 2), ("0.5", 500), ("", 0)] {
            assert_eq!(milli(text), want, "{text}");
        }
        for (text, want) in [("64Mi", 64 << 20), ("1k", 1000), ("2048", 2048), ("1.5Gi", 3 << 29)] {
            assert_eq!(bytes(text), want, "{text}");
        }
    }

    #[test]
    fn the_greediest_pod_stands_first() {
        let items = [
            json!({"metadata": {"namespace": "a", "name": "small"}, "containers": [{"name": "c", "usage": {"cpu": "1m", "memory": "1Mi"}}]}),
            json!({"metadata": {"namespace": "a", "name": "big"}, "containers": [{"name": "c", "usage": {"cpu": "9m", "memory": "1Mi"}}, {"name": "d", "usage": {"cpu": "1m", "memory": "2Mi"}}]}),
        ];
        assert_eq!(pod_grid(&items, false, false, false)[1], ["big", "10m", "3Mi"]);
        assert_eq!(pod_grid(&items, true, true, false)[1], ["a", "big", "c", "9m", "1Mi"]);
        assert_eq!(pod_grid(&items, true, true, true)[1], ["a", "big", "d", "1m", "2Mi"]);
    }
}
