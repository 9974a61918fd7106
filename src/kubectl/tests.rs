//! Tables and properties of the whole grammar.
use super::*;
use proptest::prelude::*;

fn builtin(line: &str) -> Result<Operation, Refusal> {
    parse(line, &Kinds::builtin())
}

#[test]
fn a_command_prints_in_its_canonical_form() {
    for (line, want) in [
        ("kubectl get po", "get pods"),
        ("-n shop get deploy,rs,po -l app=api", "get deployments,replicasets,pods -l app=api -n shop"),
        ("get pods/api-0 svc/api -nshop", "get pod/api-0 service/api -n shop"),
        ("get POD a b", "get pod/a pod/b"),
        ("get pods,svc a", "get pod/a service/a"),
        ("get deployments.v1.apps api -o=yaml", "get deployment/api -o yaml"),
        ("get hpa.v1.autoscaling", "get horizontalpodautoscalers.v1.autoscaling"),
        ("get pods -A -ojson --no-headers", "get pods -o json -A"),
        ("get pods -n ''", "get pods"),
        ("get pods -l 'env in (a, b)'", "get pods -l 'env in (a, b)'"),
        ("get pods -o jsonpath='{range .items[*]}{.metadata.name}{\"\\n\"}{end}'", "get pods -o 'jsonpath={range .items[*]}{.metadata.name}{\"\\n\"}{end}'"),
        ("get pods --watch=false", "get pods"),
        ("logs api-0 --previous --tail=200", "logs pod/api-0 --previous --tail=200"),
        ("logs deploy/api app --since 1h30m", "logs deployment/api --container=app --since=5400s"),
        ("logs -l app=api --all-containers --tail=-1", "logs -l app=api --all-containers"),
        ("events --for pod/api-0 --types=warning", "events --for=pod/api-0 --types=Warning"),
        ("top po api-0 --containers", "top pods api-0 --containers"),
        ("top no", "top nodes"),
        ("rollout status deploy/api -w --timeout=30s", "rollout status deployment/api"),
        ("rollout history deploy api --revision=2", "rollout history deployment/api --revision=2"),
        ("auth can-i '*' '*'", "auth can-i * *"),
        ("auth can-i get secret/db -n shop", "auth can-i get secret/db -n shop"),
        ("auth can-i create pods --subresource=exec", "auth can-i create pods --subresource=exec"),
        ("auth can-i --list", "auth can-i --list"),
        ("auth whoami", "auth whoami"),
        ("version", "version"),
        ("api-resources", "api-resources"),
        ("explain po.spec.containers --recursive", "explain pods.spec.containers --recursive"),
        ("explain hpa --api-version=autoscaling/v1", "explain horizontalpodautoscalers --api-version=autoscaling/v1"),
        ("api-versions", "api-versions"),
        ("cluster-info", "cluster-info"),
        ("helm ls -A", "helm list -A"),
        ("helm status api --revision=3 -n shop", "helm status api --revision=3 -n shop"),
        ("helm hist api", "helm history api"),
        ("scale --replicas 3 deploy api", "scale deployment/api --replicas=3"),
        ("scale deploy -l app=api --replicas=2", "scale deployments -l app=api --replicas=2"),
        ("scale --all deploy,sts --replicas=2 -n shop", "scale deployments,statefulsets --all --replicas=2 -n shop"),
        ("rollout restart deploy", "rollout restart deployments"),
        ("rollout pause deploy a b", "rollout pause deployment/a deployment/b"),
        ("rollout resume -l a=b deploy", "rollout resume deployments -l a=b"),
        ("set env deploy/api A=b 'B=c d' C- -c '*'", "set env deployment/api A=b 'B=c d' C-"),
        ("set env -c app deploy --all -e A=b", "set env deployments --all --containers=app A=b"),
        ("set resources deploy api --requests cpu=1,memory=1Gi -c app", "set resources deployment/api --containers=app --requests=cpu=1,memory=1Gi"),
        ("patch deploy api -p 'spec: {paused: true}'", "patch deployment/api '--patch={\"spec\":{\"paused\":true}}'"),
        ("-p '{}' patch pods a b --type=merge --subresource=status", "patch pod/a pod/b --subresource=status --type=merge --patch={}"),
        ("label po a x=y z- --overwrite", "label pod/a --overwrite x=y z-"),
        ("annotate deploy --all 'note=two words'", "annotate deployments --all 'note=two words'"),
        ("taint no worker-1 k=v:NoSchedule x:NoExecute- y-", "taint node/worker-1 k=v:NoSchedule x:NoExecute- y-"),
        ("cordon node/worker-1 worker-2", "cordon worker-1 worker-2"),
        ("uncordon -l zone=a", "uncordon -l zone=a"),
        (
            "drain worker-1 --force --ignore-daemonsets --delete-emptydir-data --grace-period 5 --timeout=5m --pod-selector=a=b",
            "drain worker-1 --ignore-daemonsets --delete-emptydir-data --force --grace-period=5 --timeout=300s --pod-selector=a=b",
        ),
        ("expose deploy api --port=80 --target-port=http --type=nodeport", "expose deployment/api --port=80 --target-port=http --type=NodePort"),
        ("autoscale deploy api --max=3 --cpu-percent=50 -n shop", "autoscale deployment/api --cpu-percent=50 --max=3 -n shop"),
        ("run one -n shop -l a=b --image i:1 --command -- sh -c 'sleep 6'", "run one --command --image=i:1 --labels=a=b -n shop -- sh -c 'sleep 6'"),
        ("create cm app --from-literal=a=b --from-literal 'c=d e' -nshop", "create configmap app --from-literal=a=b '--from-literal=c=d e' -n shop"),
        ("create job again --from cj/report", "create job again --from=cronjob/report"),
        ("create clusterrolebinding x --user=me --clusterrole admin", "create clusterrolebinding x --clusterrole=admin --user=me"),
        ("certificate approve csr/x y", "certificate approve x y"),
        ("delete pods -l a=b --field-selector=status.phase=Failed", "delete pods -l a=b --field-selector=status.phase=Failed"),
        ("delete deploy a --cascade=orphan --force", "delete deployment/a --grace-period=0 --force --cascade=orphan"),
        ("rollout restart sts/db", "rollout restart statefulset/db"),
        ("rollout undo deploy/api --to-revision=0", "rollout undo deployment/api"),
        ("set image deploy api api=r/api:1 side=r/side@sha256:ab", "set image deployment/api api=r/api:1 side=r/side@sha256:ab"),
        ("set image deploy/api '*=r/api:1'", "set image deployment/api '*=r/api:1'"),
        ("delete pod a b --now", "delete pod/a pod/b --grace-period=1"),
        ("delete pods --all -n shop", "delete pods --all -n shop"),
        ("delete pvc,cm --all -A", "delete persistentvolumeclaims,configmaps --all -A"),
        ("delete po/a --force", "delete pod/a --grace-period=0 --force"),
    ] {
        let operation = builtin(line).unwrap_or_else(|r| panic!("{line}: {r}"));
        let printed = print(&operation);
        assert_eq!(printed.replace("'*' '*'", "* *"), want, "{line}");
        assert_eq!(builtin(&printed).as_ref(), Ok(&operation), "{printed}");
    }
}

#[test]
fn what_is_refused_is_refused_by_its_rule() {
    for (line, rule) in [
        ("", "no-verb"),
        ("kubectl", "no-verb"),
        ("kubectl kubectl get pods", "unknown-verb"),
        ("env kubectl delete ns shop", "unknown-verb"),
        ("GET pods", "unknown-verb"),
        ("get", "no-kind"),
        ("get podz", "unknown-kind"),
        ("get pods,", "no-kind"),
        ("get pods -w", "waits"),
        ("get pods --watch-only", "waits"),
        ("get pods -n shop -A", "contradiction"),
        ("get pods -n Shop", "bad-namespace"),
        ("get pods -n ../x", "bad-namespace"),
        ("get pods api-0 -A", "name-in-all"),
        ("get pods api-0 -l a=b", "name-and-selector"),
        ("get pods/api svc", "mixed-operands"),
        ("get pods/a/log", "bad-name"),
        ("get pods,svc/a", "bad-name"),
        ("get pods a,b", "bad-name"),
        ("get pods ..", "bad-name"),
        ("get pods a%2fb", "bad-name"),
        ("get pods -o go-template={{.}}", "template"),
        ("get pods -o jsonpath-file=/etc/passwd", "local-files"),
        ("get pods -o jsonpath", "bad-value"),
        ("get pods -o xml", "bad-value"),
        ("get -f x.yaml", "local-files"),
        ("get --raw /api", "raw-path"),
        ("get pods --context=other", "connection-flag"),
        ("get pods -s http://evil", "connection-flag"),
        ("get pods --replicas=3", "unknown-flag"),
        ("logs", "no-name"),
        ("logs -f api-0", "waits"),
        ("logs pod api-0", "mixed-operands"),
        ("logs svc/api api x", "too-many"),
        ("logs cm/api", "no-logs"),
        ("logs api-0 --tail=many", "bad-value"),
        ("logs api-0 --since=2d", "bad-value"),
        ("events api-0", "too-many"),
        ("events --types=Odd", "bad-value"),
        ("top svc", "no-metrics"),
        ("rollout", "unknown-verb"),
        ("rollout undo pod/api", "no-rollout"),
        ("scale deploy/api", "missing-value"),
        ("scale deploy/api --replicas=-1", "bad-value"),
        ("scale deploy/api --replicas=x", "bad-value"),
        ("scale pod/api --replicas=1", "no-scale"),
        ("set image deploy/api", "missing-value"),
        ("set image deploy/api api=", "bad-value"),
        ("set image deploy/api api=http://evil/x", "bad-value"),
        ("set image deploy/api api=a api=b", "contradiction"),
        ("set image svc/api api=a", "no-image"),
        ("delete pods", "no-name"),
        ("delete pod a --all", "contradiction"),
        ("delete pods --all -l a=b", "contradiction"),
        ("delete pod a --grace-period=0", "bad-value"),
        ("delete pod a --dry-run=server", "dry-run"),
        ("delete -f https://evil/x.yaml", "local-files"),
        ("exec -it api-0 -- sh", "runs-programs"),
        ("-it exec api-0 -- sh", "runs-programs"),
        ("apply -f x.yaml", "local-files"),
        ("auth reconcile -f x", "not-offered"),
        ("auth can-i get /healthz", "raw-path"),
        ("auth can-i GET pods", "bad-value"),
    ] {
        assert_eq!(builtin(line).map(|o| print(&o)).map_err(|r| r.rule), Err(rule), "{line}");
    }
}

#[test]
fn every_refusal_is_a_sentence_that_names_what_it_is_about() {
    for verb in refused_verbs() {
        let refusal = builtin(verb).unwrap_err();
        assert!(refusal.sentence.contains(verb) && refusal.sentence.ends_with('.'), "{refusal}");
    }
    assert!(builtin("frobnicate pods").unwrap_err().sentence.contains("rollout status"));
}

/// Flags with what they mean to a read of pods, one of each.
fn flags() -> impl Strategy<Value = Vec<Vec<&'static str>>> {
    let flag = prop_oneof![
        Just(vec!["-n", "shop"]),
        Just(vec!["-nshop"]),
        Just(vec!["-n=shop"]),
        Just(vec!["--namespace=shop"]),
        Just(vec!["-l", "app=api"]),
        Just(vec!["--selector=app=api"]),
        Just(vec!["-o", "yaml"]),
        Just(vec!["-oyaml"]),
        Just(vec!["--show-labels"]),
        Just(vec!["--sort-by", ".metadata.name"]),
    ];
    proptest::collection::vec(flag, 0..4)
}

fn name() -> impl Strategy<Value = String> {
    "[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?".prop_filter("a label", |s| !s.is_empty())
}

fn command() -> impl Strategy<Value = String> {
    let kind =
        prop_oneof![Just("po"), Just("Deployment"), Just("sts"), Just("nodes"), Just("events.events.k8s.io"), Just("secrets"), Just("hpa.v1.autoscaling")];
    let object = (kind, name()).prop_map(|(k, n)| format!("{k}/{n}")).boxed();
    let rolled = (prop_oneof![Just("deploy"), Just("ds"), Just("sts")], name()).prop_map(|(k, n)| format!("{k}/{n}")).boxed();
    prop_oneof![
        object.clone().prop_map(|o| format!("get {o} -o wide")),
        "[ -~]{1,20}".prop_map(|s| format!("get pods -l={}", words::quoted(&s))),
        "[ -~]{1,20}".prop_map(|s| format!("get pods,svc -A -o {}", words::quoted(&format!("jsonpath={s}")))),
        object.clone().prop_map(|o| format!("describe {o}")),
        (name(), 0u64..9999).prop_map(|(n, t)| format!("logs {n} --tail={t} -p --since={}s", t + 1)),
        object.clone().prop_map(|o| format!("events --for={o}")),
        name().prop_map(|n| format!("top pods {n}")),
        object.clone().prop_map(|o| format!("auth can-i patch {o} --subresource=status")),
        (rolled.clone(), 0u32..9).prop_map(|(o, r)| format!("scale {} --replicas={r} --current-replicas={r}", o.replace("ds/", "rs/"))),
        (rolled.clone(), 1i64..9).prop_map(|(o, r)| format!("rollout undo {o} --to-revision={r}")),
        rolled.clone().prop_map(|o| format!("rollout restart {o} -n x")),
        (rolled, "[a-z][a-z0-9./:-]{0,20}").prop_map(|(o, i)| format!("set image {o} '*={i}'")),
        (object.clone(), object, 0u32..60).prop_map(|(a, b, g)| format!("delete {a} {b} --grace-period={}", g + 1)),
    ]
}

proptest! {
    #[test]
    fn no_string_makes_the_parser_panic(line in any::<String>()) {
        let _ = builtin(&line);
    }

    #[test]
    fn no_command_like_string_makes_the_parser_panic(line in "(kubectl )?(get|logs|delete|scale|set|rollout|auth|top|--|-[a-zA-Z=]{1,5}|--[a-z=-]{1,9}|[a-z/,.'\"\\\\ ]{1,9}| ){0,12}") {
        if let Ok(operation) = builtin(&line) {
            prop_assert_eq!(builtin(&print(&operation)), Ok(operation));
        }
    }

    #[test]
    fn what_is_printed_parses_to_the_same_operation(line in command()) {
        if let Ok(operation) = builtin(&line) {
            prop_assert_eq!(builtin(&print(&operation)), Ok(operation));
        }
    }

    #[test]
    fn neither_quoting_nor_the_order_of_flags_changes_an_operation(flags in flags(), seed in any::<prop::sample::Index>(), quote in any::<bool>()) {
        let plain: Vec<&str> = ["get", "pods"].into_iter().chain(flags.iter().flatten().copied()).collect();
        let want = builtin(&plain.join(" "));
        let at = seed.index(flags.len() + 1);
        let mut moved: Vec<&str> = flags.iter().skip(at).flatten().copied().collect();
        moved.push("get");
        moved.extend(flags.iter().take(at).flatten());
        moved.push("pods");
        let line: Vec<String> = moved.iter().map(|w| if quote { format!("\"{w}\"") } else { (*w).to_owned() }).collect();
        let got = builtin(&line.join(" "));
        prop_assert_eq!(got.is_ok(), want.is_ok());
        if let (Ok(got), Ok(want)) = (got, want) {
            prop_assert_eq!(got, want);
        }
    }
}
