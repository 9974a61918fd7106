//! `describe`: what a person needs of one object to see what is wrong with it, and its events, matched by uid.
//!
//! The words and the order are close to kubectl's, so that people and models find their way; what helps no diagnosis
//! is left out. A kind without a description of its own is shown as its YAML.
use super::objects::{self, array, pairs, scalar, text};
use super::{Origin, Reader};
use crate::model::operation::{Selectors, Target};
use crate::model::{Reading, Source};
use serde_json::Value;
use std::fmt::Write as _;

mod network;
mod node;
mod pod;
mod storage;
mod workload;

/// Objects that one `describe` without a name shows at most.
const MOST: u32 = 5;

impl Reader<'_> {
    /// One reading an object.
    pub(super) async fn describe(&self, targets: &[Target], selectors: &Selectors) -> Vec<Reading> {
        let mut out = Vec::new();
        for target in targets {
            let mut origin = Origin::new(Source::Describe);
            origin.object = self.named(target);
            let objects = match &target.name {
                Some(name) => self.cluster.object(&target.kind, self.place(&target.kind), name).await.map(|o| (vec![o], None)),
                None => self.cluster.list(&target.kind, self.place(&target.kind), selectors, MOST).await.map(|l| (l.items, l.more)),
            };
            match objects {
                Ok((items, _)) if items.is_empty() => {
                    out.push(self.nothing(origin, &format!("There are no {}{}.", target.kind.resource, self.place_words(&target.kind))));
                }
                Ok((items, more)) => {
                    for item in items {
                        out.push(self.describe_one(target, item).await);
                    }
                    if more.is_some() {
                        let sentence = format!("More {} are there than the {MOST} described: name the one you mean.", target.kind.resource);
                        out.push(self.nothing(Origin::new(Source::Describe), &sentence));
                    }
                }
                Err(trouble) => out.push(self.failed(origin, trouble)),
            }
        }
        out
    }

    async fn describe_one(&self, target: &Target, mut object: Value) -> Reading {
        if let Some(map) = object.as_object_mut() {
            map.entry("kind").or_insert_with(|| target.kind.kind.clone().into());
        }
        let mut page = Page::default();
        page.identity(&object, (self.cluster.now)());
        match (target.kind.group.as_str(), target.kind.resource.as_str()) {
            ("", "pods") => pod::describe(&mut page, &object),
            ("", "nodes") => self.node(&mut page, &object).await,
            ("", "services") => self.service(&mut page, &object).await,
            ("", "persistentvolumeclaims") => self.claim(&mut page, &object).await,
            ("apps", "deployments" | "replicasets" | "statefulsets" | "daemonsets") | ("batch", "jobs") => self.workload(&mut page, &object).await,
            ("networking.k8s.io", "ingresses") => network::ingress(&mut page, &object),
            ("autoscaling", "horizontalpodautoscalers") => workload::autoscaler(&mut page, &object),
            _ => generic(&mut page, &object),
        }
        let namespace = text(&object, "/metadata/namespace");
        // the kubelet writes a node's name where its uid belongs
        let uid = if target.kind.resource == "nodes" { "" } else { text(&object, "/metadata/uid") };
        let events = self.events_of(uid, text(&object, "/metadata/name"), namespace).await;
        page.0.push_str(&events);
        self.found(Origin::of(Source::Describe, &target.kind.kind, &object), &page.0)
    }
}

/// The text as it grows.
#[derive(Default)]
pub(super) struct Page(String);

impl Page {
    /// `Key:   value`, left out when the value is empty.
    pub fn line(&mut self, key: &str, value: &str) {
        self.indented(0, key, value);
    }
    /// The same, so many steps to the right.
    pub fn indented(&mut self, depth: usize, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let pad = "  ".repeat(depth);
        let gap = " ".repeat(18_usize.saturating_sub(key.chars().count() + 1).max(1));
        let _ = writeln!(self.0, "{pad}{key}:{gap}{value}");
    }
    /// `Key:` alone.
    pub fn head(&mut self, depth: usize, key: &str) {
        let _ = writeln!(self.0, "{}{key}:", "  ".repeat(depth));
    }
    /// A line as it is.
    pub fn raw(&mut self, depth: usize, text: &str) {
        let _ = writeln!(self.0, "{}{text}", "  ".repeat(depth));
    }
    /// A table under the line before.
    pub fn grid(&mut self, depth: usize, grid: &[Vec<String>]) {
        super::table::align(grid).lines().for_each(|l| self.raw(depth, l));
    }

    /// Name, namespace, labels, owner, age, deletion: what every object has.
    fn identity(&mut self, object: &Value, now: crate::model::Timestamp) {
        self.line("Name", text(object, "/metadata/name"));
        self.line("Namespace", text(object, "/metadata/namespace"));
        self.line("Kind", text(object, "/kind"));
        self.line("Labels", &pairs(object.pointer("/metadata/labels")));
        let annotations: Vec<String> = object
            .pointer("/metadata/annotations")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .filter(|(k, _)| !k.ends_with("last-applied-configuration"))
            .map(|(k, v)| format!("{k}={}", scalar(v)))
            .collect();
        self.line("Annotations", &annotations.join(","));
        let created = objects::time(object, "/metadata/creationTimestamp");
        self.line("Age", &format!("{} (since {})", objects::age(created, now), text(object, "/metadata/creationTimestamp")));
        for owner in array(object, "/metadata/ownerReferences").iter().filter(|o| o.get("controller") == Some(&Value::Bool(true))) {
            self.line("Controlled By", &format!("{}/{}", text(owner, "/kind"), text(owner, "/name")));
        }
        if !text(object, "/metadata/deletionTimestamp").is_empty() {
            self.line("Deleted At", text(object, "/metadata/deletionTimestamp"));
            let finalizers: Vec<String> = array(object, "/metadata/finalizers").iter().map(scalar).collect();
            self.line("Finalizers", &finalizers.join(", "));
        }
    }

    /// `status.conditions`.
    pub fn conditions(&mut self, object: &Value) {
        let conditions = array(object, "/status/conditions");
        if conditions.is_empty() {
            return;
        }
        self.head(0, "Conditions");
        let mut grid = vec![["Type", "Status", "Reason", "Message"].map(str::to_owned).to_vec()];
        for c in conditions {
            grid.push(["/type", "/status", "/reason", "/message"].iter().map(|p| text(c, p).to_owned()).collect());
        }
        self.grid(1, &grid);
    }

    /// A pod template.
    pub fn template(&mut self, template: &Value) {
        self.head(0, "Pod Template");
        self.indented(1, "Labels", &pairs(template.pointer("/metadata/labels")));
        pod::spec(self, 1, template.get("spec").unwrap_or(&Value::Null), None);
    }
}

/// Kinds without a description of their own.
fn generic(page: &mut Page, object: &Value) {
    let mut rest = object.clone();
    if let Some(map) = rest.as_object_mut() {
        map.retain(|k, _| !["metadata", "apiVersion", "kind"].contains(&k.as_str()));
    }
    match super::get::yaml(&rest) {
        Ok(yaml) => page.0.push_str(&yaml),
        Err(why) => page.raw(0, &format!("<can not be shown: {why}>")),
    }
}
