//! Tables of verdicts: what the corpus in `tests/cases` can not say, namely lists of the configuration and roles.
use super::*;
use crate::kubectl::{kinds::Kinds, parse};
use crate::model::Role;

fn verdict(line: &str, rules: &Rules) -> (Decision, &'static str) {
    let v = judge(&parse(line, &Kinds::builtin()), rules);
    (v.decision, v.rule)
}

#[test]
fn roles_bound_what_may_be_asked() {
    for (line, operator, rule) in [
        ("scale deploy/api --replicas=3", Decision::Approve, "scale"),
        ("rollout undo deploy/api", Decision::Approve, "rollout-undo"),
        ("scale deploy/api --replicas=0", Decision::Block, "role-operator"),
        ("delete pod a", Decision::Block, "role-operator"),
        ("delete ns shop", Decision::Block, "role-operator"),
    ] {
        assert_eq!(verdict(line, &Rules::new(Role::Readonly, "")), (Decision::Block, "role-readonly"), "{line}");
        assert_eq!(verdict(line, &Rules::new(Role::Operator, "")), (operator, rule), "{line}");
        assert_eq!(verdict(line, &Rules::new(Role::Admin, "")).0, Decision::Approve, "{line}");
    }
    assert_eq!(verdict("get pods", &Rules::new(Role::Readonly, "")).0, Decision::Read);
}

#[test]
fn the_users_lists_add_to_the_built_in_ones() {
    let rules = Rules::new(Role::Admin, "shop").protect(["Prod", " bank "]).hide(["vault"]).block(["ing", "Widget", "configmaps"]);
    for (line, want) in [
        ("delete pod a -n prod", (Decision::Block, "protected-namespace")),
        ("delete pod a -n bank", (Decision::Block, "protected-namespace")),
        ("delete pod a -n kube-public", (Decision::Block, "protected-namespace")),
        ("delete ns prod", (Decision::Block, "protected-namespace")),
        ("delete ns prod-2", (Decision::Approve, "delete-cluster-scoped")),
        ("delete node prod", (Decision::Approve, "delete-cluster-scoped")),
        ("delete node a -n kube-system", (Decision::Approve, "delete-cluster-scoped")),
        ("get pods -n prod", (Decision::Read, "read")),
        ("get pods -n vault", (Decision::Block, "hidden-namespace")),
        ("logs a -n vault", (Decision::Block, "hidden-namespace")),
        ("events -n vault", (Decision::Block, "hidden-namespace")),
        ("get pods -A", (Decision::Block, "hidden-namespace")),
        ("get nodes -A", (Decision::Read, "read")),
        ("get ns vault", (Decision::Block, "hidden-namespace")),
        ("get ns", (Decision::Block, "hidden-namespace")),
        ("get ns shop", (Decision::Read, "read")),
        ("describe node a", (Decision::Block, "hidden-namespace")),
        ("get node a", (Decision::Read, "read")),
        ("drain a", (Decision::Block, "hidden-namespace")),
        ("cordon a", (Decision::Approve, "cordon")),
        ("cluster-info", (Decision::Read, "read")),
        ("helm list -n vault", (Decision::Block, "hidden-namespace")),
        ("helm list -A", (Decision::Block, "hidden-namespace")),
        ("helm status api", (Decision::Read, "read")),
        ("explain secrets", (Decision::Read, "read")),
        ("create ns vault", (Decision::Block, "hidden-namespace")),
        ("create cm app -n shop", (Decision::Block, "blocked-resource")),
        ("create ingress i --rule=a/b=c:80", (Decision::Block, "blocked-resource")),
        ("auth can-i --list -n vault", (Decision::Block, "hidden-namespace")),
        ("get ingresses", (Decision::Block, "blocked-resource")),
        ("get cm,pods", (Decision::Block, "blocked-resource")),
        ("get secrets", (Decision::Block, "blocked-resource")),
        ("auth can-i get secrets", (Decision::Read, "read")),
    ] {
        assert_eq!(verdict(line, &rules), want, "{line}");
    }
}

#[test]
fn a_blocked_kind_is_not_reached_by_way_of_another() {
    let blocked = |kind: &str| Rules::new(Role::Admin, "").block([kind]);
    for (kind, line) in [
        ("pods", "logs deploy/api"),
        ("Pod", "logs -l app=api"),
        ("po", "describe node worker-1"),
        ("pods", "drain worker-1"),
        ("Deployment", "autoscale deploy api --max=3"),
        ("services", "cluster-info"),
    ] {
        assert_eq!(verdict(line, &blocked(kind)), (Decision::Block, "blocked-resource"), "{line}");
    }
    for (kind, line) in
        [("services", "logs deploy/api"), ("pods", "describe deploy api"), ("pods", "get nodes"), ("statefulsets", "autoscale deploy api --max=3")]
    {
        assert_ne!(verdict(line, &blocked(kind)).0, Decision::Block, "{line}");
    }
}

#[test]
fn an_empty_namespace_means_the_contexts() {
    let rules = Rules::new(Role::Admin, "Kube-System");
    for line in ["delete pod a", "delete pod a -n ''", "delete pod a --namespace="] {
        assert_eq!(verdict(line, &rules), (Decision::Block, "protected-namespace"), "{line}");
    }
    assert_eq!(verdict("delete pod a -n shop", &rules).0, Decision::Approve);
    assert_eq!(verdict("delete ns shop", &rules).0, Decision::Approve, "a cluster-scoped object has no namespace to protect");
    let none = Rules::new(Role::Admin, "").protect(["default"]);
    assert_eq!(verdict("delete pod a", &none), (Decision::Block, "protected-namespace"));
}

#[test]
fn a_manifest_is_denied_by_its_own_namespace_and_kind() {
    let rules = Rules::new(Role::Admin, "shop").protect(["bank"]).hide(["vault"]).block(["ing"]);
    let map = |meta: &str| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{{meta}}}\n");
    for (manifest, want) in [
        (map("name: a"), (Decision::Approve, "apply")),
        (map("name: a, namespace: bank"), (Decision::Block, "protected-namespace")),
        (map("name: a, namespace: vault"), (Decision::Block, "hidden-namespace")),
        (map("name: a") + "---\n" + &map("name: b, namespace: bank"), (Decision::Block, "protected-namespace")),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: BANK}\n".to_owned(), (Decision::Block, "protected-namespace")),
        ("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n".to_owned(), (Decision::Block, "blocked-resource")),
    ] {
        let v = judge(&crate::kubectl::parse_with("apply -f -", Some(&manifest), &Kinds::builtin()), &rules);
        assert_eq!((v.decision, v.rule), want, "{manifest}");
    }
}

#[test]
fn a_custom_kind_called_secret_is_one() {
    let kinds = Kinds::discovered(vec![(crate::model::KindRef::new("x.io", "v1", "secrets", "Secret", true), vec![])]);
    let v = judge(&parse("get secrets.x.io", &kinds), &Rules::new(Role::Admin, ""));
    assert_eq!((v.decision, v.rule), (Decision::Block, "blocked-resource"));
}

#[test]
fn every_object_that_a_risk_holds_for_is_named() {
    let reason = |line: &str| judge(&parse(line, &Kinds::builtin()), &Rules::new(Role::Admin, "")).reason;
    let said = reason("delete pod a b c d e f g");
    assert!(said.starts_with("pod/a goes;") && said.contains("So for pod/b, pod/c, pod/d, pod/e and 2 more."), "{said}");
    let said = reason("delete deploy,svc -l app=x");
    assert!(said.contains("every deployment goes") && said.contains("So for every service. Only what the selector finds"), "{said}");
    let said = reason("delete ns/shop pod/x");
    assert!(said.starts_with("namespace/shop") && !said.contains("pod/x"), "{said}");
}
