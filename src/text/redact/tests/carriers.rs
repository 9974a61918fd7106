//! Secrets in many carriers: a corpus in a file, and templates that random secrets are put into, inside of other texts.
use super::*;

/// Texts parted by `%%`; what has `anary` in it must go.
const PLANTED: &str = include_str!("planted.txt");

#[test]
fn every_planted_text_loses_its_canary_and_keeps_the_rest_of_its_shape() {
    let texts: Vec<&str> = PLANTED.split("\n%%\n").collect();
    assert!(texts.len() >= 150, "{}", texts.len());
    for text in texts {
        assert!(text.contains("anary"), "nothing is planted in:\n{text}");
        let out = redacted(text);
        assert!(!out.contains("anary"), "{text}\n==>\n{out}");
        assert_eq!(redacted(&out), out, "redacting twice changes it");
    }
}

/// `@` is the secret: whatever it is and whatever stands around, it must go.
const CARRIERS: &[&str] = &[
    "DB_PASSWORD=@",
    "export API_TOKEN=@",
    "password: @",
    "  dbPassword: \"@\"",
    "{\"user\":\"x\",\"apiKey\":\"@\"}",
    "- name: API_TOKEN\n  value: @",
    "- name: API_TOKEN\n  value: \"@ and\n    more of @\"",
    "- value: @\n  name: DB_PASSWORD",
    "{\"name\":\"DB_PASSWORD\",\"value\":\"@\"}",
    "kind: Secret\ndata:\n  any: @\n  other: @",
    "stringData:\n  a: |\n    @\n    @\nkind: Secret",
    "{\"data\":{\"any\":\"@\"},\"kind\":\"Secret\"}",
    "{\"kind\":\"List\",\"items\":[{\"data\":{\"any\":\"@\"},\"type\":\"Opaque\"},{\"kind\":\"ConfigMap\",\"data\":{\"a\":\"b\"}}]}",
    "metadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"kind\":\"Secret\",\"data\":{\"a\":\"@\"}}",
    "dial postgres://ada:@@db:5432/shop failed",
    "dial mongodb+srv://ada:@@cluster.example/shop failed",
    "dial amqp://:@@mq:5672/v failed",
    "jdbc:postgresql://db/shop?user=ada&password=@&ssl=true",
    "Server=db;User Id=sa;Password=@;Encrypt=true",
    "cache:6379,password=@,ssl=True",
    "Authorization: Bearer @",
    "curl -H 'X-Api-Key: @' http://api",
    "curl -u ada:@ http://api",
    "run --token @ -v",
    "run --db-password=@ -v",
    "- --client-secret=@",
    "[\"--client-secret\",\"@\"]",
    "sshpass -p @ ssh x",
    "mysql -uroot -p@ -h db",
    "x password=@ y",
    "client_secret = \"@\"",
    "<password>@</password>",
    "<property name=\"password\" value=\"@\"/>",
    "ada:@@tcp(db:3306)/shop",
    "map[name:DB_PASSWORD value:@]",
    "CREATE USER ada IDENTIFIED BY '@'",
    "kubectl create secret generic x --from-literal=any=@",
    "users:\n- name: admin\n  user:\n    token: @",
    "2026-11-21T11:00:00Z -----BEGIN PRIVATE KEY-----\n2026-11-21T11:00:00Z @@@@@@@@\n2026-11-21T11:00:00Z -----END PRIVATE KEY-----",
];

/// Texts that hold another: a file in a ConfigMap as YAML and as JSON, a log line, a string in a string.
fn wrapped(text: &str, form: usize) -> String {
    let string = |text: &str| serde_json::Value::from(text).to_string();
    match form {
        0 => text.to_owned(),
        1 => format!("apiVersion: v1\ndata:\n  file: |\n{}kind: ConfigMap", indented(text, "    ")),
        2 => format!("{{\"kind\":\"ConfigMap\",\"data\":{{\"file\":{}}}}}", string(&format!("{text}\n# end"))),
        3 => format!("{{\"msg\":{}}}", string(&format!("{{\"body\":{}}}", string(&format!("{text}\n# end"))))),
        _ => format!("- item: 1\n- file: |\n{}- item: 2", indented(text, "      ")),
    }
}

proptest! {
    #[test]
    fn a_secret_in_any_carrier_in_any_text_is_gone(c in canary(), before in around(), after in around(), which in 0..CARRIERS.len(), form in 0usize..5) {
        let planted = CARRIERS[which];
        // `@@` is the secret and the sign behind it; a row of them is a line of a key.
        let planted = if planted.contains("@@@") { planted.replace('@', &c) } else { planted.replace("@@", "\u{1}@").replace('@', &c).replace(&format!("\u{1}{c}"), &format!("{c}@")) };
        let out = redacted(&format!("{before}{}\n{after}", wrapped(&planted, form)));
        prop_assert!(!out.contains(&c), "{}", out);
        prop_assert!(out.starts_with(&before), "{}", out);
        prop_assert_eq!(redacted(&out), out);
    }

    #[test]
    fn a_secret_object_is_gone_wherever_it_was_cut(c in "[A-Za-z0-9]{22}[A-P]=", at in 0usize..240, from_the_end in any::<bool>()) {
        // The strict form that a Secret's data have: base64.
        let json = format!("{{\"apiVersion\":\"v1\",\"data\":{{\"one\":\"{c}\",\"two\":\"{c}\"}},\"kind\":\"Secret\",\"metadata\":{{\"name\":\"db\",\"namespace\":\"shop\"}},\"type\":\"Opaque\"}}");
        let yaml = format!("apiVersion: v1\ndata:\n  one: {c}\n  two: {c}\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\ntype: Opaque\n");
        for text in [json, yaml] {
            let at = at.min(text.len());
            let part = if from_the_end { &text[at..] } else { &text[..at] };
            // Once the mark of a Secret is cut off, too, nothing says that it was one.
            let told = !from_the_end || part.contains("Secret");
            let out = redacted(part);
            prop_assert!(!told || !out.contains(&c), "{}\n==>\n{}", part, out);
        }
    }
}
