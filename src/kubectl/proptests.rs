//! Properties of the whole grammar over generated operations and generated lines: what is printed parses to the same, and
//! neither quoting nor the order of flags changes anything.
use super::{kinds::Kinds, *};
use crate::model::operation::{Cascade, DrainHow, ExposedAs, KeyChange, Objects, Output, PatchType, Selectors, TaintChange, TaintEffect, Target, Write};
use crate::model::{KindRef, Read};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

fn of(word: &str) -> KindRef {
    Kinds::builtin().resolve(word).unwrap()
}
fn name() -> impl Strategy<Value = String> + Clone {
    "[a-z0-9]([a-z0-9.-]{0,12}[a-z0-9])?"
}
fn label() -> impl Strategy<Value = String> + Clone {
    "[a-z]([a-z0-9-]{0,8}[a-z0-9])?"
}
/// Any text that a value may hold: spaces, quotes, shell signs.
fn text() -> impl Strategy<Value = String> {
    "[ -~äß表]{0,16}"
}
fn kind() -> impl Strategy<Value = KindRef> + Clone {
    select(vec![
        "po",
        "deploy",
        "sts",
        "ds",
        "rs",
        "svc",
        "cm",
        "pvc",
        "no",
        "ns",
        "hpa.v1.autoscaling",
        "events.events.k8s.io",
        "roles",
        "pods.metrics.k8s.io",
    ])
    .prop_map(of)
}
fn workload() -> impl Strategy<Value = KindRef> + Clone {
    select(vec!["deploy", "sts", "ds"]).prop_map(of)
}
fn target(kind: impl Strategy<Value = KindRef>) -> impl Strategy<Value = Target> {
    (kind, name()).prop_map(|(kind, name)| Target { kind, name: Some(name) })
}
fn selectors(fields: bool) -> impl Strategy<Value = Selectors> {
    let word = "[a-z!-][a-zA-Z0-9=!(), -]{0,12}[a-z)]";
    (option::of(word), option::of(word)).prop_map(move |(labels, f)| Selectors { labels, fields: f.filter(|_| fields) })
}
fn unlike(targets: &[Target]) -> bool {
    targets.iter().enumerate().all(|(at, one)| targets.iter().skip(at + 1).all(|other| other != one))
}
fn named(kind: impl Strategy<Value = KindRef> + Clone + 'static) -> BoxedStrategy<Objects> {
    vec(target(kind), 1..4).prop_filter("each once", |t| unlike(t)).prop_map(Objects::named).boxed()
}
/// Named, selected, or all.
fn objects(kind: impl Strategy<Value = KindRef> + Clone + 'static, fields: bool) -> BoxedStrategy<Objects> {
    let unnamed = vec(kind.clone().prop_map(|kind| Target { kind, name: None }), 1..3).prop_filter("each once", |t| unlike(t));
    prop_oneof![named(kind), (unnamed, selectors(fields)).prop_map(|(targets, selectors)| Objects { targets, selectors })].boxed()
}
fn nodes() -> BoxedStrategy<Objects> {
    let selected =
        "[a-z]{1,8}".prop_map(|l| Objects { targets: vec![Target { kind: of("no"), name: None }], selectors: Selectors { labels: Some(l), fields: None } });
    // a node called `node` would be read as the kind
    let plain = named(Just(of("no")))
        .prop_filter("no kind's word", |o| o.targets.iter().all(|t| t.name.as_deref().and_then(|n| Kinds::builtin().resolve(n)).is_none()));
    prop_oneof![plain, selected].boxed()
}
fn changes(values: BoxedStrategy<String>) -> impl Strategy<Value = Vec<KeyChange>> {
    vec((label(), option::of(values)), 1..4)
        .prop_map(|list| list.into_iter().map(|(key, value)| KeyChange { key, value }).collect::<Vec<_>>())
        .prop_filter("each once", |list: &Vec<KeyChange>| values::once(list).is_ok())
}
fn taints() -> impl Strategy<Value = Vec<TaintChange>> {
    let effect = || select(vec![TaintEffect::NoSchedule, TaintEffect::PreferNoSchedule, TaintEffect::NoExecute]);
    let one = prop_oneof![
        (label(), "[a-z]{0,5}", effect()).prop_map(|(key, value, effect)| TaintChange::Add { key, value, effect }),
        (label(), option::of(effect())).prop_map(|(key, effect)| TaintChange::Remove { key, effect }),
    ];
    vec(one, 1..2)
}
fn quantities(least: usize) -> impl Strategy<Value = Vec<(String, String)>> {
    vec((select(vec!["cpu", "memory", "nvidia.com/gpu"]), "[1-9][0-9]{0,2}(m|Mi|Gi|)"), least..2)
        .prop_map(|l| l.into_iter().map(|(k, v)| (k.to_owned(), v)).collect())
}
/// JSON of any shape.
fn body() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![Just(Value::Null), any::<bool>().prop_map(Value::from), any::<i64>().prop_map(Value::from), text().prop_map(Value::from)];
    let inner = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map("[a-zA-Z$/~ ]{1,6}", inner, 0..3).prop_map(|m| Value::Object(m.into_iter().collect()))
        ]
    });
    proptest::collection::btree_map("[a-zA-Z$]{1,8}", inner, 0..3).prop_map(|m| Value::Object(m.into_iter().collect()))
}
fn steps() -> impl Strategy<Value = Value> {
    vec((select(vec!["add", "replace", "test"]), "/[a-z/~01-9]{1,9}", body()), 0..3)
        .prop_map(|l| Value::Array(l.into_iter().map(|(op, path, value)| json!({"op": op, "path": path, "value": value})).collect()))
}
fn manifests() -> impl Strategy<Value = Vec<Manifest>> {
    let one = (
        select(vec![("v1", "ConfigMap"), ("apps/v1", "Deployment"), ("v1", "Namespace"), ("autoscaling/v1", "HorizontalPodAutoscaler")]),
        name(),
        option::of("[a-z]{1,5}"),
        body(),
    );
    vec(one, 1..4)
        .prop_map(|list| {
            let made = list.into_iter().map(|((api, kind), name, namespace, body)| {
                let mut object = json!({"apiVersion": api, "kind": kind, "metadata": {"name": name}, "spec": body});
                if let (Some(namespace), false) = (namespace, kind == "Namespace") {
                    object["metadata"]["namespace"] = namespace.into();
                }
                manifest::one(object, &Kinds::builtin(), false).unwrap()
            });
            made.collect::<Vec<_>>()
        })
        .prop_filter("each once", |list: &Vec<Manifest>| {
            let key = |m: &Manifest| (m.kind.clone(), m.name.clone(), m.namespace.clone());
            list.iter().enumerate().all(|(at, one)| list.iter().skip(at + 1).all(|other| key(other) != key(one)))
        })
}

fn write() -> BoxedStrategy<Write> {
    let scaled = || select(vec!["deploy", "sts", "rs"]).prop_map(of);
    let rolled = || {
        let every = workload().prop_map(|kind| Objects::named(vec![Target { kind, name: None }]));
        prop_oneof![named(workload()), every, objects(workload(), false)].boxed()
    };
    let deployments = || prop_oneof![named(Just(of("deploy"))), objects(Just(of("deploy")), false)].boxed();
    let containers = || option::of("[a-z]{1,5}\\*?");
    let keys = || (objects(kind(), true), changes("[a-zA-Z]([a-zA-Z0-9._-]{0,6}[a-z])?".boxed()), any::<bool>());
    let drained = (any::<bool>(), any::<bool>(), any::<bool>(), option::of(0u32..99), option::of(1u64..999), option::of("[a-z]=[a-z]"));
    let exposed = (
        option::of(name()),
        option::of(1u16..),
        option::of("[a-z]{1,5}"),
        option::of(select(vec!["TCP", "UDP"])),
        option::of(select(vec!["NodePort", "ClusterIP"])),
        option::of("[a-z]{1,4}=[a-z]{0,4}"),
        option::of(select(vec!["None", "10.0.0.1"])),
    );
    prop_oneof![
        (objects(scaled(), false), any::<u32>().prop_map(|n| n >> 1), option::of(0u32..9)).prop_map(|(objects, replicas, current)| Write::Scale {
            objects,
            replicas,
            current
        }),
        rolled().prop_map(|objects| Write::RolloutRestart { objects }),
        (rolled(), option::of(1i64..)).prop_map(|(objects, to_revision)| Write::RolloutUndo { objects, to_revision }),
        deployments().prop_map(|objects| Write::RolloutPause { objects }),
        deployments().prop_map(|objects| Write::RolloutResume { objects }),
        (objects(workload(), false), label(), "[a-z][a-z0-9./:@-]{0,12}[a-z]")
            .prop_filter("an image", |(_, _, i)| values::is_image(i))
            .prop_map(|(objects, c, image)| Write::SetImage { objects, images: vec![(c, image)] }),
        (objects(workload(), false), containers(), changes(text().boxed())).prop_map(|(objects, containers, changes)| Write::SetEnv {
            objects,
            containers,
            changes
        }),
        (objects(workload(), false), containers(), quantities(1), quantities(0)).prop_map(|(objects, containers, limits, requests)| Write::SetResources {
            objects,
            containers,
            limits,
            requests
        }),
        (named(kind()), select(vec![PatchType::Merge, PatchType::Strategic]), body(), option::of(select(vec!["status", "scale"])))
            .prop_map(|(objects, patch_type, body, s)| Write::Patch { objects, patch_type, body, subresource: s.map(str::to_owned) }),
        (named(kind()), steps()).prop_map(|(objects, body)| Write::Patch { objects, patch_type: PatchType::Json, body, subresource: None }),
        (manifests(), any::<bool>()).prop_map(|(manifests, force_conflicts)| Write::Apply { manifests, force_conflicts }),
        manifests().prop_map(|manifests| Write::Create { manifests, line: None }),
        manifests().prop_map(|manifests| Write::Replace { manifests }),
        (name(), target(Just(of("cj")))).prop_map(|(name, cron_job)| Write::CreateJobFrom { name, cron_job }),
        keys().prop_map(|(objects, changes, overwrite)| Write::Label { objects, changes, overwrite }),
        keys().prop_map(|(objects, changes, overwrite)| Write::Annotate { objects, changes, overwrite }),
        (objects(Just(of("no")), false), taints(), any::<bool>()).prop_map(|(objects, changes, overwrite)| Write::Taint { objects, changes, overwrite }),
        nodes().prop_map(|objects| Write::Cordon { objects }),
        nodes().prop_map(|objects| Write::Uncordon { objects }),
        (nodes(), drained).prop_map(|(objects, (a, b, c, grace_period, timeout_seconds, pod_selector))| Write::Drain {
            objects,
            how: DrainHow { ignore_daemonsets: a, delete_emptydir_data: b, force: c, grace_period, timeout_seconds, pod_selector }
        }),
        (target(select(vec!["po", "svc", "deploy"]).prop_map(of)), exposed).prop_map(|(target, (name, port, target_port, protocol, kind, selector, ip))| {
            Write::Expose {
                target,
                service: ExposedAs {
                    name,
                    port,
                    target_port,
                    protocol: protocol.map(str::to_owned),
                    service_type: kind.map(str::to_owned),
                    selector,
                    cluster_ip: ip.map(str::to_owned),
                    ..ExposedAs::default()
                },
            }
        }),
        (objects(kind(), true), option::of(0u32..99), select(vec![Cascade::Background, Cascade::Foreground, Cascade::Orphan]))
            .prop_map(|(objects, grace_period, cascade)| Write::Delete { objects, grace_period, cascade }),
    ]
    .boxed()
}

fn read() -> BoxedStrategy<Read> {
    let output = prop_oneof![
        select(vec![Output::Table, Output::Wide, Output::Yaml, Output::Json, Output::Name]),
        "[ -~]{1,12}".prop_map(Output::JsonPath),
        "[ -~]{1,12}".prop_map(Output::CustomColumns),
    ];
    let explained = (select(vec!["po", "deploy", "hpa.v1.autoscaling", "secrets"]).prop_map(of), vec("[a-z][a-zA-Z]{0,6}", 0..3), any::<bool>());
    prop_oneof![
        (objects(kind(), true), output, option::of("[.a-z]{1,9}"), any::<bool>()).prop_map(|(o, output, sort_by, show_labels)| Read::Get {
            targets: o.targets,
            selectors: o.selectors,
            output,
            sort_by,
            show_labels
        }),
        objects(kind(), false).prop_map(|o| Read::Describe { targets: o.targets, selectors: o.selectors }),
        explained.prop_map(|(kind, fields, recursive)| Read::Explain { kind, fields, recursive }),
        manifests().prop_map(|manifests| Read::Diff { manifests }),
        select(vec![Read::HelmList, Read::ApiVersions, Read::ClusterInfo, Read::Version, Read::WhoAmI, Read::CanIList]),
        (option::of(any::<bool>()), option::of(select(vec!["", "apps", "example.com"])))
            .prop_map(|(namespaced, group)| Read::ApiResources { namespaced, group: group.map(str::to_owned) }),
        (objects(select(vec![of("po"), of("no")]).boxed(), false), any::<bool>(), any::<bool>()).prop_filter_map("one target", |(o, containers, by_memory)| {
            let target = o.targets.into_iter().next().filter(|t| t.name.is_none() || o.selectors == Selectors::default())?;
            let containers = containers && target.kind.resource == "pods";
            Some(Read::Top { target, selectors: o.selectors, containers, by_memory })
        }),
        (name(), option::of(1u32..)).prop_map(|(release, revision)| Read::HelmStatus { release, revision }),
        name().prop_map(|release| Read::HelmHistory { release }),
    ]
    .boxed()
}

fn operation() -> impl Strategy<Value = Operation> {
    let action = prop_oneof![read().prop_map(Action::Read), write().prop_map(Action::Write)];
    (action, option::of("[a-z]([a-z0-9-]{0,6}[a-z])?"))
        .prop_map(|(action, namespace)| Operation { action, scope: namespace.map_or(Scope::Context, Scope::Named) })
        .prop_filter("a manifest's own namespace and the command's are one", |o| match &o.scope {
            Scope::Named(ns) => o.manifests().is_empty() || (o.is_scoped() && o.manifests().iter().all(|m| m.namespace.as_ref().is_none_or(|own| own == ns))),
            _ => true,
        })
}

/// Lines that generate their manifest, by their flags.
fn generating() -> impl Strategy<Value = (&'static str, Vec<String>, &'static str)> {
    let flag = |words: &'static [&'static str]| select(words).prop_map(str::to_owned);
    let run = vec(flag(&["--image=r/a:1", "--env=A=b", "--restart=Never", "-la=b", "--port=80", "--privileged", "-n shop"]), 0..6);
    let deployment = vec(flag(&["--image=r/a:1", "--replicas=2", "-r 3", "--port 80", "-n=shop"]), 0..4);
    let binding = vec(flag(&["--clusterrole=view", "--user=me", "--group g", "--serviceaccount=a:b", "--user you"]), 0..5);
    let map = vec(flag(&["--from-literal=a=b", "--from-literal 'c=d e'", "--from-literal=\"f=$\"", "-nshop"]), 0..4);
    prop_oneof![
        run.prop_map(|f| ("run one", f, " -- sleep '6 0'")),
        deployment.prop_map(|f| ("create deploy api", f, "")),
        binding.prop_map(|f| ("create clusterrolebinding x", f, "")),
        map.prop_map(|f| ("create cm app", f, "")),
        vec(flag(&["--max=3", "--min 2", "--cpu=50%", "--name=x"]), 0..4).prop_map(|f| ("autoscale deploy/api", f, "")),
    ]
}

fn again(operation: &Operation) -> Result<Operation, Refusal> {
    // a line that generates its manifest takes none
    let generated = matches!(&operation.action, Action::Write(Write::Create { line: Some(_), .. }));
    let text = (!operation.manifests().is_empty() && !generated).then(|| print_manifests(operation.manifests()));
    parse_with(&print(operation), text.as_deref(), &Kinds::builtin())
}

proptest! {
    #[test]
    fn an_operation_prints_as_what_parses_to_it(operation in operation()) {
        prop_assert_eq!(again(&operation), Ok(operation.clone()), "{}", print(&operation));
    }

    #[test]
    fn quoting_every_word_and_moving_the_verb_behind_the_flags_changes_nothing(operation in operation(), double in any::<bool>()) {
        let words = words::split(&print(&operation)).unwrap();
        let text = (!operation.manifests().is_empty()).then(|| print_manifests(operation.manifests()));
        let parse = |words: &[String]| {
            let line: Vec<String> = words
                .iter()
                .map(|w| if double && !w.contains(['$', '`', '\\', '"']) { format!("\"{w}\"") } else { format!("'{}'", w.replace('\'', r"'\''")) })
                .collect();
            parse_with(&line.join(" "), text.as_deref(), &Kinds::builtin())
        };
        prop_assert_eq!(parse(&words), Ok(operation.clone()));
        prop_assert_eq!(parse_words(&words, text.as_deref(), &Kinds::builtin()), Ok(operation.clone()));
        // flags that carry their value in the same word may stand before everything else
        let (flags, rest): (Vec<String>, Vec<String>) = words.iter().cloned().partition(|w| w.starts_with("--") && w.len() > 2);
        prop_assert_eq!(parse(&[flags, rest].concat()), Ok(operation));
    }

    #[test]
    fn a_line_that_generates_a_manifest_means_the_same_in_every_order((verb, flags, command) in generating(), at in any::<prop::sample::Index>()) {
        let plain = builtin(&format!("{verb} {}{command}", flags.join(" ")));
        let cut = at.index(flags.len() + 1);
        let moved = builtin(&format!("{} {verb} {}{command}", flags[..cut].join(" "), flags[cut..].join(" ")));
        prop_assert_eq!(&moved, &plain);
        if let Ok(operation) = plain {
            prop_assert_eq!(again(&operation), Ok(operation));
        }
    }

    #[test]
    fn no_manifest_makes_the_parser_panic(manifest in any::<String>(), yaml in "(apiVersion|kind|metadata|name|items|v1|List|Pod|[-:{}\\[\\]&*!|>'\",#\n ]){0,30}") {
        for text in [manifest, yaml] {
            for line in ["apply -f -", "create -f -", "delete -f -"] {
                if let Ok(operation) = parse_with(line, Some(&text), &Kinds::builtin()) {
                    prop_assert_eq!(again(&operation), Ok(operation));
                }
            }
        }
    }

    #[test]
    fn no_line_of_the_grammars_words_makes_the_parser_panic(words in vec(select(vec![
        "kubectl", "get", "apply", "patch", "run", "create", "set", "env", "image", "label", "taint", "drain", "helm", "list", "explain", "rollout", "pause", "job",
        "deploy", "pods", "deploy/a", "a", "a=b", "a-", "a:NoSchedule", "-p", "{}", "[]", "-f", "-", "-n", "shop", "-A", "-l", "--all", "--image=b", "--", "--max=2",
        "-c", "--from=cronjob/x", "--replicas", "0", "-o", "yaml", "''", "--type=json", "--user=x", "--list", "--verb=get", "--resource=pods", "--rule=a/b=c:80",
    ]), 0..9), manifest in option::of("apiVersion: v1\nkind: ConfigMap\nmetadata: \\{name: [a-z]\\}\n")) {
        let line = words.join(" ");
        if let Ok(operation) = parse_with(&line, manifest.as_deref(), &Kinds::builtin()) {
            prop_assert_eq!(again(&operation), Ok(operation), "{}", line);
        }
    }
}

fn builtin(line: &str) -> Result<Operation, Refusal> {
    parse(line, &Kinds::builtin())
}
