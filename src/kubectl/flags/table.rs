//! Every flag that the grammar knows: which verb it belongs to where that matters, its short name, and what it takes.
//! Whether a verb takes the flag at all is said where the verb is read.

/// What follows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing, or `=true`, `=false`.
    Nothing,
    /// One value, and once.
    One,
    /// A value; may be repeated.
    Many,
    /// A value behind `=` alone; without one it means this.
    Maybe(&'static str),
}

/// One flag.
#[derive(Debug)]
pub struct Row {
    /// The verb whose flag it is; empty for every other verb.
    verb: &'static str,
    /// The long name.
    pub name: &'static str,
    short: Option<char>,
    /// What follows it.
    pub takes: Takes,
}

const fn row(verb: &'static str, name: &'static str, short: Option<char>, takes: Takes) -> Row {
    Row { verb, name, short, takes }
}

/// Flags that mean something else, or take something else, behind one verb.
#[rustfmt::skip]
const OF_VERB: &[Row] = &[
    row("patch", "patch", Some('p'), Takes::One),
    row("run", "labels", Some('l'), Takes::One),
    row("expose", "labels", Some('l'), Takes::One),
    row("set", "containers", Some('c'), Takes::One),
    row("create", "replicas", Some('r'), Takes::One),
    row("helm", "all", Some('a'), Takes::Nothing),
    row("helm", "max", Some('m'), Takes::One),
];

#[rustfmt::skip]
const OF_ALL: &[Row] = &[
    row("", "namespace", Some('n'), Takes::One),
    row("", "all-namespaces", Some('A'), Takes::Nothing),
    row("", "output", Some('o'), Takes::One),
    row("", "selector", Some('l'), Takes::One),
    row("", "field-selector", None, Takes::One),
    row("", "sort-by", None, Takes::One),
    row("", "show-labels", None, Takes::Nothing),
    row("", "container", Some('c'), Takes::One),
    row("", "previous", Some('p'), Takes::Nothing),
    row("", "tail", None, Takes::One),
    row("", "since", None, Takes::One),
    row("", "timestamps", None, Takes::Nothing),
    row("", "all-containers", None, Takes::Nothing),
    row("", "for", None, Takes::One),
    row("", "types", None, Takes::Many),
    row("", "containers", None, Takes::Nothing),
    row("", "revision", None, Takes::One),
    row("", "to-revision", None, Takes::One),
    row("", "subresource", None, Takes::One),
    row("", "list", None, Takes::Nothing),
    row("", "replicas", None, Takes::One),
    row("", "current-replicas", None, Takes::One),
    row("", "grace-period", None, Takes::One),
    row("", "force", None, Takes::Nothing),
    row("", "now", None, Takes::Nothing),
    row("", "cascade", None, Takes::Maybe("background")),
    row("", "all", None, Takes::Nothing),
    row("", "watch", Some('w'), Takes::Nothing),
    row("", "watch-only", None, Takes::Nothing),
    row("", "follow", None, Takes::Nothing),
    row("", "wait", None, Takes::Nothing),
    row("", "timeout", None, Takes::One),
    row("", "request-timeout", None, Takes::One),
    row("", "no-headers", None, Takes::Nothing),
    row("", "show-kind", None, Takes::Nothing),
    row("", "show-events", None, Takes::Nothing),
    row("", "show-managed-fields", None, Takes::Nothing),
    row("", "allow-missing-template-keys", None, Takes::Nothing),
    row("", "ignore-not-found", None, Takes::Nothing),
    row("", "chunk-size", None, Takes::One),
    row("", "label-columns", Some('L'), Takes::Many),
    row("", "prefix", None, Takes::Nothing),
    row("", "ignore-errors", None, Takes::Nothing),
    row("", "max-log-requests", None, Takes::One),
    row("", "limit-bytes", None, Takes::One),
    row("", "quiet", Some('q'), Takes::Nothing),
    row("", "client", None, Takes::Nothing),
    row("", "sum", None, Takes::Nothing),
    row("", "namespaced", None, Takes::Nothing),
    row("", "api-group", None, Takes::One),
    row("", "api-version", None, Takes::One),
    row("", "verbs", None, Takes::Many),
    row("", "categories", None, Takes::Many),
    row("", "cached", None, Takes::Nothing),
    row("", "recursive", None, Takes::Nothing),
    row("", "filename", Some('f'), Takes::Many),
    // changes of what is there
    row("", "overwrite", None, Takes::Nothing),
    row("", "type", None, Takes::One),
    row("", "env", Some('e'), Takes::Many),
    row("", "limits", None, Takes::One),
    row("", "requests", None, Takes::One),
    row("", "server-side", None, Takes::Nothing),
    row("", "force-conflicts", None, Takes::Nothing),
    row("", "validate", None, Takes::Maybe("strict")),
    row("", "ignore-daemonsets", None, Takes::Nothing),
    row("", "delete-emptydir-data", None, Takes::Nothing),
    row("", "pod-selector", None, Takes::One),
    // what is made
    row("", "image", None, Takes::Many),
    row("", "port", None, Takes::One),
    row("", "target-port", None, Takes::One),
    row("", "protocol", None, Takes::One),
    row("", "name", None, Takes::One),
    row("", "labels", None, Takes::One),
    row("", "cluster-ip", None, Takes::One),
    row("", "external-ip", None, Takes::One),
    row("", "session-affinity", None, Takes::One),
    row("", "min", None, Takes::One),
    row("", "max", None, Takes::One),
    row("", "cpu", None, Takes::One),
    row("", "cpu-percent", None, Takes::One),
    row("", "memory", None, Takes::One),
    row("", "annotations", None, Takes::Many),
    row("", "restart", None, Takes::One),
    row("", "image-pull-policy", None, Takes::One),
    row("", "privileged", None, Takes::Nothing),
    row("", "command", None, Takes::Nothing),
    row("", "from", None, Takes::One),
    row("", "from-literal", None, Takes::Many),
    row("", "schedule", None, Takes::One),
    row("", "verb", None, Takes::Many),
    row("", "resource", None, Takes::Many),
    row("", "resource-name", None, Takes::Many),
    row("", "non-resource-url", None, Takes::Many),
    row("", "clusterrole", None, Takes::One),
    row("", "role", None, Takes::One),
    row("", "user", None, Takes::Many),
    row("", "group", None, Takes::Many),
    row("", "serviceaccount", None, Takes::Many),
    row("", "hard", None, Takes::One),
    row("", "scopes", None, Takes::One),
    row("", "min-available", None, Takes::One),
    row("", "max-unavailable", None, Takes::One),
    row("", "value", None, Takes::One),
    row("", "global-default", None, Takes::Nothing),
    row("", "description", None, Takes::One),
    row("", "preemption-policy", None, Takes::One),
    row("", "tcp", None, Takes::Many),
    row("", "node-port", None, Takes::One),
    row("", "clusterip", None, Takes::One),
    row("", "external-name", None, Takes::One),
    row("", "rule", None, Takes::Many),
    row("", "class", None, Takes::One),
    row("", "default-backend", None, Takes::One),
    row("", "annotation", None, Takes::Many),
];

/// The flag that a short name is before the verb is known: verbs that share a letter agree on what it takes, but for `-p`.
pub fn some_short(letter: char) -> Option<&'static Row> {
    OF_ALL.iter().chain(OF_VERB).find(|row| row.short == Some(letter))
}

/// The flag of a long name behind a verb.
pub fn long(name: &str, verb: &str) -> Option<&'static Row> {
    OF_VERB.iter().filter(|row| row.verb == verb).chain(OF_ALL).find(|row| row.name == name)
}

/// The flag of a short name behind a verb.
pub fn short(letter: char, verb: &str) -> Option<&'static Row> {
    OF_VERB.iter().filter(|row| row.verb == verb).chain(OF_ALL).find(|row| row.short == Some(letter))
}
