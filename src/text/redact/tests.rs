//! The redactor in both directions: what must go, whatever notation it stands in, and what must stay.
use super::*;
use proptest::prelude::*;

mod alike;
mod carriers;

fn redactor() -> Redactor {
    Redactor::new([7; 32])
}

fn redacted(text: &str) -> String {
    redactor().redact(text).0
}

fn indented(text: &str, by: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        out.extend([by, line, "\n"]);
    }
    out
}

/// Each canary in its text must go; what is around it must stay.
fn gone(text: &str, canaries: &[&str], kept: &[&str]) {
    let out = redacted(text);
    for canary in canaries {
        assert!(text.contains(canary), "no canary {canary} in {text}");
        assert!(!out.contains(canary), "{canary} survives:\n{out}");
    }
    for keep in kept {
        assert!(out.contains(keep), "{keep} is lost:\n{out}");
    }
    assert!(out.contains(MARK), "no mark in:\n{out}");
    assert_eq!(redacted(&out), out, "redacting twice changes it");
}

const SECRET_YAML: &str = "apiVersion: v1
data:
  password: Y2FuYXJ5LTEtYmFzZTY0
  user: Y2FuYXJ5LTItYmFzZTY0
  big: |
    Y2FuYXJ5LTMtYmFzZTY0
    Y2FuYXJ5LTQtYmFzZTY0
kind: Secret
metadata:
  name: db
  namespace: shop
stringData:
  plain: canary-five
type: Opaque
";

#[test]
fn the_data_of_secrets_go_in_yaml() {
    let canaries = ["Y2FuYXJ5LTEt", "Y2FuYXJ5LTIt", "Y2FuYXJ5LTMt", "Y2FuYXJ5LTQt", "canary-five"];
    gone(SECRET_YAML, &canaries, &["kind: Secret", "name: db", "user: ⟦", "password: ⟦", "type: Opaque", "namespace: shop"]);
    // In a list, behind another object whose data stay.
    let deeper = indented(SECRET_YAML, "  ");
    let list = format!(
        "apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  data:\n    keep: ordinary\n-{}kind: List\n",
        deeper.trim_start_matches(' ').replacen("apiVersion", " apiVersion", 1)
    );
    gone(&list, &canaries, &["keep: ordinary", "kind: List"]);
    // Without a kind, by its type; items of a list that alone names the kind.
    gone(&SECRET_YAML.replace("kind: Secret\n", ""), &canaries, &["name: db"]);
    gone(
        "items:\n- data:\n    k: canary-one-a\n  metadata:\n    name: x\n- data:\n    k: canary-two-b\nkind: SecretList\n",
        &["canary-one-a", "canary-two-b"],
        &["name: x"],
    );
    // Inside a block scalar, and in several documents.
    gone(&format!("data:\n  manifest: |\n{}kind: ConfigMap\n", indented(SECRET_YAML, "    ")), &canaries, &["kind: ConfigMap"]);
    gone(&format!("a: b\n---\n{SECRET_YAML}---\ndata:\n  keep: this\nkind: ConfigMap\n"), &canaries, &["keep: this", "a: b"]);
    gone("{kind: Secret, data: {k: canary-six}}", &["canary-six"], &["kind: Secret"]);
    gone("kind: Secret\ndata: {k: canary-seven}\n", &["canary-seven"], &[]);
    gone("map[apiVersion:v1 data:map[k:canary-eight] kind:Secret]", &["canary-eight"], &["apiVersion:v1"]);
}

#[test]
fn the_data_of_secrets_go_in_json() {
    let object = r#"{"apiVersion":"v1","data":{"a":"canary-one-x","b":"canary-two-x"},"kind":"Secret","metadata":{"name":"db"}}"#;
    let canaries = ["canary-one-x", "canary-two-x"];
    gone(object, &canaries, &[r#""kind":"Secret""#, r#""name":"db""#]);
    gone(&format!(r#"{{"kind":"List","items":[{object},{{"kind":"ConfigMap","data":{{"k":"ordinary"}}}}]}}"#), &canaries, &["ordinary"]);
    gone(r#"{"items":[{"data":{"a":"canary-one-x"}},{"data":{"b":"canary-two-x"}}],"kind":"SecretList"}"#, &canaries, &[]);
    let pretty = "{\n  \"kind\": \"Secret\",\n  \"data\": {\n    \"a\": \"canary-one-x\",\n    \"b\": \"canary-two-x\"\n  }\n}\n";
    gone(pretty, &canaries, &["\"a\": \"⟦"]);
    gone(&object.replace('"', "'"), &canaries, &[]);
    // The beginning or the end is cut off.
    gone(&pretty.replacen("{\n", "", 1), &canaries, &[]);
    gone(&object.replace(r#""metadata":{"name":"db"}}"#, ""), &canaries, &[]);
    // As an annotation: in a string, in a string in a string, and in a block of YAML.
    let once = serde_json::Value::from(object).to_string();
    let twice = serde_json::Value::from(format!("{{\"x\":{once}}}")).to_string();
    let last = "kubectl.kubernetes.io/last-applied-configuration";
    gone(&format!(r#"{{"metadata":{{"annotations":{{"{last}":{once}}}}},"kind":"ConfigMap","data":{{"k":"ordinary"}}}}"#), &canaries, &["ordinary", last]);
    gone(&format!(r#"{{"y":{twice}}}"#), &canaries, &[]);
    gone(&format!("metadata:\n  annotations:\n    {last}: |\n      {object}\n"), &canaries, &[last]);
}

#[test]
fn helm_releases_and_encoded_keys_go() {
    let data = "SDRzSUFBQUFBQUFDLzcxV2UyL2JPQkQvS2dRTDlCKzE3ZGh4czJjQ0Jiek5iYnQ3OGNWTjI1OWJ3MkJwYVVYVGxpQlNlYnhkdjk4TUtjbVM3";
    gone(&format!("release: {data}"), &[data], &["release: "]);
    gone(&format!("{{\"release\":\"H4sI{}\"}}", "AAAAb3Jk".repeat(12)), &["AAAAb3JkAAAAb3Jk"], &[]);
    let key = "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlFb3dJQkFBS0NBUUVBdz09";
    gone(&format!("client-key-data: {key}"), &[key], &["client-key-data"]);
    gone(&format!("x {key} y"), &[key], &["x ", " y"]);
}

#[test]
fn environments_and_pairs_go() {
    for (text, canary) in [
        ("DB_PASSWORD=hunter2canary", "hunter2canary"),
        ("export API_KEY='hunter2 canary'", "hunter2 canary"),
        ("- PASSWORD=a,b;canary", "a,b;canary"),
        ("user=x password=canarypw host=y", "canarypw"),
        ("dsn: Server=db;Database=x;User Id=sa;Password=canary!1;Encrypt=true", "canary!1"),
        ("DefaultEndpointsProtocol=https;AccountName=a;AccountKey=Y2FuYXJ5Y2FuYXJ5==;EndpointSuffix=x", "Y2FuYXJ5Y2FuYXJ5"),
        ("db_password: canary pass phrase", "canary pass phrase"),
        ("  dbPassword: \"canary\"", "canary"),
        ("{\"password\":\"canary\\\"more\",\"user\":\"x\"}", "canary"),
        ("{\\\"password\\\":\\\"canarypw\\\",\\\"user\\\":\\\"x\\\"}", "canarypw"),
        ("{\"apiKey\": 918273645546}", "918273645546"),
        ("password: |\n  canary line one\n  canary line two\nuser: x", "canary line two"),
        ("- name: DB_PASSWORD\n  value: canaryval\n- name: LEVEL\n  value: info", "canaryval"),
        ("- value: canaryval\n  name: DB_PASSWORD", "canaryval"),
        ("  - name: \"DB_PASSWORD\"\n    value: \"canaryval\"", "canaryval"),
        ("- name: TLS_PRIVATE_KEY\n  value: |-\n    canary one\n    canary two\n", "canary two"),
        ("{\"name\":\"DB_PASSWORD\",\"value\":\"canaryval\"}", "canaryval"),
        ("{\"value\":\"canaryval\",\"name\":\"DB_PASSWORD\"}", "canaryval"),
        ("{\n  \"value\": \"canaryval\",\n  \"name\": \"API_TOKEN\"\n}", "canaryval"),
        ("\"{\\\"env\\\":[{\\\"name\\\":\\\"DB_PASSWORD\\\",\\\"value\\\":\\\"canaryval\\\"}]}\"", "canaryval"),
        ("      DB_PASSWORD:  canaryval", "canaryval"),
        ("password:\n----\ncanary line\n\nuser:\n----\nx\n", "canary line"),
        ("time=1 level=info msg=\"login\" token=canary7x", "canary7x"),
        ("GET /x?access_token=canary7x&user=y HTTP/1.1", "canary7x"),
        ("https://x.blob.core/a?sv=2020&sig=canary%2Bx&se=1", "canary%2Bx"),
        ("config map[password:canary7x user:y]", "canary7x"),
        ("invalid login: password: canary7x for user y", "canary7x"),
        ("mounted with secret = 'canary 7x'", "canary 7x"),
        ("{:password=>\"canary\"}", "canary"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYcanaryKEY", "wJalrXUtnFEMI"),
        ("\"auths\":{\"https://index.docker.io/v1/\":{\"auth\":\"dXNlcjpjYW5hcnk=\"}}", "dXNlcjpjYW5hcnk="),
        (".dockerconfigjson: eyJhdXRocyI6e319Y2FuYXJ5", "eyJhdXRocyI6e319Y2FuYXJ5"),
        ("//registry.npmjs.org/:_authToken=canary7x", "canary7x"),
    ] {
        gone(text, &[canary], &[]);
    }
}

#[test]
fn flags_go() {
    for (text, canary) in [
        ("run --password=canary7x --host db", "canary7x"),
        ("run --password canary7x --host db", "canary7x"),
        ("run --db-password \"canary 7x\" --host db", "canary 7x"),
        ("args: [\"--token\", \"canary7x\"]", "canary7x"),
        ("args: [\"--token=canary7x\",\"-v\"]", "canary7x"),
        ("args:\n- --api-key\n- canary7x\n- -v", "canary7x"),
        ("args:\n- \"--client-secret=canary7x\"\n", "canary7x"),
        ("mysql -uroot -pcanary7x -h db", "canary7x"),
        ("[\"mysqladmin\",\"ping\",\"-pcanary7x\"]", "canary7x"),
        ("command:\n- mysqldump\n- -pcanary7x", "canary7x"),
        ("sshpass -p canary7x ssh x", "canary7x"),
        ("redis-cli -h db -a canary7x ping", "canary7x"),
        ("mongosh -u x -p canary7x", "canary7x"),
        ("docker login -u x -p canary7x registry", "canary7x"),
        ("curl -s -u ada:canary7x https://x", "canary7x"),
    ] {
        gone(text, &[canary], &[]);
    }
}

#[test]
fn urls_headers_and_tokens_go() {
    let jwt = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjYW5hcnkifQ.c2lnbmF0dXJlLWNhbmFyeQ";
    for (text, canary, kept) in [
        ("postgres://ada:canary@db:5432/shop", "canary", "postgres://ada:⟦"),
        ("redis://:canary7x@cache:6379/0", "canary7x", "@cache:6379/0"),
        ("amqp://a:can/ary@mq/", "can/ary", "@mq/"),
        ("mongodb://a:canary@h1:1,h2:2/x", "canary", "@h1:1,h2:2/x"),
        ("https://canarycanarycanary123@git.example/x", "canarycanarycanary123", "@git.example"),
        ("Authorization: Bearer canary", "canary", "Bearer"),
        ("authorization: Basic Y2FuYXJ5OnB3", "Y2FuYXJ5OnB3", "Basic"),
        ("\"Authorization\":\"Bearer canary7x\",\"x\":1", "canary7x", "\"x\":1"),
        ("Authorization:[Bearer canary7x] Accept:[*/*]", "canary7x", "Accept:[*/*]"),
        ("-H 'Authorization: token canary7x'", "canary7x", "token"),
        ("X-Api-Key: canary7x", "canary7x", "X-Api-Key"),
        ("got Bearer canary7xAbCd now", "canary7xAbCd", " now"),
        ("proxy uses Basic YWRhOmNhbmFyeTd4", "YWRhOmNhbmFyeTd4", "proxy"),
        ("Cookie: session=canary; theme=dark", "canary", "Cookie"),
        (jwt, jwt, ""),
        (&format!("t={jwt}."), jwt, "t="),
        (&jwt[..60], &jwt[..60], ""),
    ] {
        gone(text, &[canary], &[kept]);
    }
}

#[test]
fn private_keys_go_whole_and_cut() {
    let lines = ["MIIEowIBAAKCAQEAcanaryOneCanaryOneCanaryOneCanaryOneCanaryOne", "Q2FuYXJ5VHdvQ2FuYXJ5VHdvQ2FuYXJ5VHdvQ2FuYXJ5VHdv", "Q2FuYXJ5VGhyZWU="];
    for label in ["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        for newline in ["\n", "\\n", "\\\\n", "\n    "] {
            let body = lines.join(newline);
            let pem = format!("-----BEGIN {label}-----{newline}{body}{newline}-----END {label}-----");
            gone(&format!("before {pem} after"), &lines, &["before ", " after"]);
            gone(&format!("key: {pem}\nnext: stays"), &lines, &["next: stays"]);
            let cut = format!("-----BEGIN {label}-----{newline}{}{newline}{}", lines[0], lines[1]);
            gone(&format!("key: {cut}"), &lines[..2], &["key: "]);
            gone(&format!("key: {cut}\nnext: stays"), &lines[..2], &["next: stays"]);
        }
        gone(&format!("{}\n{}\n-----END {label}-----\nafter", &lines[0][10..], lines[1]), &["CanaryOneCanaryOne", lines[1]], &["after"]);
    }
}

#[test]
fn what_stands_beside_a_key_or_a_flag_is_told_apart_from_it() {
    let redact = |text: &str| Redactor::new([7; 32]).redact(text).0;
    let pair = redact("AKIAIOSFODNN7CANARY1 wJalrXUtnFEMI/K7MDENG/bPxRfiCYCANARYKEYx end");
    assert!(!pair.contains("wJalr") && pair.ends_with(" end"), "{pair}");
    let url = redact("https://tok3nCANARY9@git.example/x and https://git@git.example/y");
    assert!(!url.contains("CANARY9") && url.contains("https://git@git.example/y"), "{url}");
    let flags = redact("--password=canary --user bob");
    assert!(!flags.contains("canary") && flags.ends_with(" --user bob"), "{flags}");
}

#[test]
fn keys_of_issuers_go() {
    let letters = "aB3dE5gH7jK9mN1pQ3rS5tU7vW9xY1zA3bC5";
    for key in [
        "AKIAIOSFODNN7CANARY1".to_owned(),
        format!("AIza{}", &letters[..35]),
        format!("ya29.{letters}"),
        format!("ghp_{letters}"),
        format!("github_pat_{letters}"),
        format!("glpat-{}", &letters[..20]),
        format!("xoxb-123456789012-{}", &letters[..24]),
        format!("sk_live_{}", &letters[..24]),
        format!("sk-proj-{letters}"),
        format!("sk-ant-api03-{letters}"),
        format!("npm_{letters}"),
        format!("hf_{}", "aBcDeFgHiJkLmNoPqRsTuVwXyZaBcDeFgH"),
        format!("SG.{}.{letters}", &letters[..22]),
        format!("dop_v1_{}", "0123456789abcdef".repeat(4)),
        format!("hvs.{}", &letters[..24]),
        format!("abc8Q~{}", &letters[..34]),
        format!("123456789:AA{}", &letters[..33]),
    ] {
        gone(&key, &[&key], &[]);
        gone(&format!("found {key} in \"{key}\", ({key})"), &[&key], &["found ", " in \"", "(", ")"]);
    }
}

/// What is no secret, however much it looks like one.
const ORDINARY: &[&str] = &[
    "NAME                     READY   STATUS             RESTARTS      AGE",
    "api-7f9c6b5d4-x2kqp      0/1     CrashLoopBackOff   14 (2m ago)   52m",
    "image: registry.local/shop/api@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "imageID: docker.io/library/busybox@sha256:2919d0172f7524b2d8df9e50066a682669e6d170ac0f6a49676d54358fe970b5",
    "uid: 3f1c9a52-7d0e-4b1a-9c55-0d1f7a3f9b6e",
    "resourceVersion: \"918273\"",
    "pod-template-hash: 7f9c6b5d4",
    "commit 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b",
    "data:\n  config: aGVsbG8gd29ybGQsIHRoaXMgaXMgb3JkaW5hcnkgZGF0YQ==\nkind: ConfigMap",
    "binaryData:\n  logo: iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4\nkind: ConfigMap",
    "ca.crt: |\n  -----BEGIN CERTIFICATE-----\n  MIIDBTCCAe2gAwIBAgIIabc123\n  -----END CERTIFICATE-----",
    "certificate-authority-data: LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSURCVENDQWUyZ0F3",
    "env:\n- name: DB_PASSWORD\n  valueFrom:\n    secretKeyRef:\n      key: password\n      name: db-credentials",
    "      DB_PASSWORD:  <set to the key 'password' in secret 'db'>  Optional: false",
    "secretName: db-credentials",
    "secret:\n  secretName: token-signing-key-7x9k2",
    "automountServiceAccountToken: true",
    "expirationSeconds: 3607\nserviceAccountToken:\n  path: token",
    "/var/run/secrets/kubernetes.io/serviceaccount from kube-api-access-x2kqp (ro)",
    "PASSWORD_FILE=/run/secrets/db-password",
    "MountVolume.SetUp failed for volume \"token\" : secret \"db-creds-7x9\" not found",
    "couldn't find key password in Secret shop/db",
    "Error: secret \"db\" not found",
    "error: failed to get token: unexpected EOF",
    "password authentication failed for user \"ada\"",
    "prompt_tokens=1540 completion_tokens=220 max_tokens: 4096",
    "kind: Secret\nmetadata:\n  name: db\n  namespace: shop",
    "ownerReferences:\n- kind: Secret\n  name: x\ndata:\n  a: b",
    "https://kubernetes.default.svc:443/api/v1/namespaces/shop/pods?limit=500",
    "GET https://host:8443/a/@scope/package",
    "git@github.com:org/repo.git ssh://git@github.com/org/repo",
    "image: registry/auth-token:1.4.2-a1b2c3",
    "kubectl patch deploy mysql -p '{\"spec\":{\"paused\":true}}'",
    "kubectl logs mysql-0 -p",
    "mkdir -p /var/lib/mysql",
    "task-runner-disk-controller-aaaaaaaaaaaaaaaa started",
    "Basic information about the bearer of the cookie",
    "the bearer authentication scheme",
    "PASSWORD=$(DB_PASSWORD) TOKEN=${TOKEN} password={{ .Values.password }}",
    "password: \"\"\ntoken: null",
    "eyJrZXkiOiJvcmRpbmFyeSBqc29uIGluIGJhc2U2NCJ9",
    "use --token to pass one",
    "std::secret::Value token::parse",
    "verbs: [\"get\", \"list\"]\nresources: [\"secrets\", \"pods\"]",
    "passed=12 failed=0 pass: 12",
    "authority: cluster.local auth.example.com author: ada authorized: true",
];

#[test]
fn what_is_no_secret_stays() {
    for text in ORDINARY {
        assert_eq!(&redacted(text), text);
    }
    let all = ORDINARY.join("\n\n---\n");
    assert_eq!(redacted(&all), all);
}

#[test]
fn equal_values_have_equal_tags_within_a_session_and_in_no_other() {
    let text = "A_PASSWORD=canary7x\nB_PASSWORD=canary7x\nC_PASSWORD=other8y\nkind: Secret\ndata:\n  k: Y2FuYXJ5N3g=\n";
    let (out, redactions) = redactor().redact(text);
    let tags: Vec<&str> = redactions.iter().map(|r| r.tag.as_str()).collect();
    assert_eq!((tags[0], tags[0]), (tags[1], tags[3]), "{out}");
    assert_ne!(tags[0], tags[2]);
    assert!(out.starts_with(&format!("A_PASSWORD=⟦redacted password 8 {}⟧", tags[0])), "{out}");
    assert_eq!(redactions[0], Redaction { kind: "password", length: 8, tag: tags[0].to_owned() });
    assert_ne!(Redactor::new([8; 32]).redact(text).1[0].tag, tags[0]);
    assert!(holds_mark(&out) && !holds_mark(text));
}

/// A canary that no ordinary text holds: letters and digits, never a word.
fn canary() -> impl Strategy<Value = String> {
    "[A-Z][a-z]{3}[0-9]{3}[A-Za-z0-9]{9,30}"
}

/// Text around a secret: lines that hold none.
fn around() -> impl Strategy<Value = String> {
    proptest::collection::vec(
        prop_oneof![Just("level=info msg=started\n"), Just("key: value\n"), Just("{\"a\": [1, 2]}\n"), Just("naïve 表\n"), Just("\n"), Just("- x: y\n")],
        0..4,
    )
    .prop_map(|lines| lines.concat())
}

proptest! {
    #[test]
    fn a_planted_canary_never_survives(c in canary(), before in around(), after in around(), form in 0usize..14) {
        let planted = match form {
            0 => format!("DB_PASSWORD={c}"),
            1 => format!("password: {c}"),
            2 => format!("{{\"user\":\"x\",\"apiKey\":\"{c}\"}}"),
            3 => format!("- name: API_TOKEN\n  value: {c}"),
            4 => format!("kind: Secret\ndata:\n  any: {c}\n  other: {c}"),
            5 => format!("{{\"data\":{{\"any\":\"{c}\"}},\"kind\":\"Secret\"}}"),
            6 => serde_json::Value::from(format!("{{\"data\":{{\"any\":\"{c}\"}},\"kind\":\"Secret\"}}")).to_string(),
            7 => format!("postgres://ada:{c}@db/shop"),
            8 => format!("Authorization: Bearer {c}"),
            9 => format!("run --token {c} -v"),
            10 => format!("x password={c} y"),
            11 => format!("- --client-secret={c}"),
            12 => format!("client_secret = \"{c}\""),
            _ => format!("stringData:\n  a: |\n    {c}\nkind: Secret"),
        };
        let out = redacted(&format!("{before}{planted}\n{after}"));
        prop_assert!(!out.contains(&c), "{}", out);
        prop_assert!(out.starts_with(&before), "{}", out);
        prop_assert!(out.ends_with(&after), "{}", out);
    }

    #[test]
    fn no_text_makes_the_redactor_panic_and_twice_is_once(text in any::<String>()) {
        let once = redacted(&text);
        prop_assert_eq!(redacted(&once), once);
    }

    #[test]
    fn nor_does_a_text_made_of_what_it_looks_for(text in proptest::collection::vec(prop_oneof![
        Just("password"), Just("kind"), Just("Secret"), Just("data"), Just("name"), Just("value"), Just(":"), Just(": "), Just("="), Just("\""), Just("\\"), Just("\\\""), Just("'"),
        Just("{"), Just("}"), Just("["), Just("]"), Just(","), Just("\n"), Just("  "), Just("- "), Just("|"), Just("-----BEGIN RSA PRIVATE KEY-----"), Just("-----END RSA PRIVATE KEY-----"),
        Just("eyJ"), Just("."), Just("://"), Just("@"), Just("Bearer "), Just("Authorization"), Just("AKIA"), Just("--token"), Just("mysql -p"), Just("表"), Just("x7Y"), Just("auth"), Just("Q~"), Just("H4sI"), Just("⟦redacted "),
    ], 0..40)) {
        let once = redacted(&text.concat());
        prop_assert_eq!(redacted(&once), once);
    }

    #[test]
    fn names_hashes_and_prose_stay(name in "[a-z]{1,12}(-[a-z0-9]{1,10}){0,6}", hash in "[0-9a-f]{64}", n in 0u64..1_000_000) {
        prop_assume!(super::names::kind_of(&name).is_none());
        for text in [
            format!("pod/{name} image: r/{name}@sha256:{hash} uid {n}"),
            format!("metadata:\n  name: {name}\n  uid: {hash}\n  resourceVersion: \"{n}\""),
            format!("{{\"name\":\"{name}\",\"value\":\"{hash}\",\"n\":{n}}}"),
        ] {
            prop_assert_eq!(redacted(&text), text);
        }
    }
}
