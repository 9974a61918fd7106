//! Which names belong to secret values: `DB_PASSWORD`, `apiKey`, `client-secret`; and which only speak of them:
//! `secretName`, `PASSWORD_FILE`, `tokenExpirationSeconds`.

/// Words that say nothing about what a value is: dropped from the end of a name.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "value", "val", "b64", "base64", "raw", "plain", "plaintext", "text", "encoded", "enc", "encrypted", "hash", "prod", "dev", "staging", "stage",
    "test", "old", "new", "current", "previous", "default", "primary", "secondary", "main", "env", "string", "str", "base",
];

/// Last words of names that point at a secret, or describe one, without being it.
#[rustfmt::skip]
const ABOUT: &[&str] = &[
    "name", "names", "file", "files", "path", "paths", "dir", "ref", "refs", "reference", "url", "uri", "endpoint", "host", "port", "ttl", "expiry", "expires",
    "expiration", "expired", "seconds", "minutes", "hours", "days", "duration", "timeout", "age", "count", "counts", "len", "length", "size", "limit", "max", "min",
    "policy", "type", "kind", "version", "id", "enabled", "disabled", "required", "mode", "volume", "mount", "mounts", "provider", "store", "manager", "rotation",
    "usage", "header", "prefix", "suffix", "format", "algorithm", "alg", "bucket", "buckets", "issuer", "audience", "audiences", "source", "class", "request",
    "requests", "review", "reviews", "controller", "cleaner", "sync", "reset", "change", "changed", "field", "hint", "prompt", "namespace", "status", "error",
    "failed", "invalid", "created", "updated", "at", "by", "for", "user", "username", "email", "keys", "list", "index", "validator", "validation", "service",
    "server", "verification", "scope", "scopes", "cache", "rate", "per", "used", "total", "label", "selector", "key",
];

/// What a bare `key` may follow to be a secret one.
#[rustfmt::skip]
const OF_KEY: &[&str] = &[
    "api", "secret", "access", "private", "account", "signing", "encryption", "encrypt", "master", "auth", "shared", "storage", "ssh", "crypto", "cipher",
    "jwt", "session", "hmac", "aes", "license", "preshared", "unseal", "stripe", "sendgrid", "openai", "anthropic", "gemini", "datadog", "mailgun",
];

/// Words before `secret` or `token` that make it a reference, or a place in a list.
const REFERRING: &[&str] =
    &["pull", "existing", "tls", "ca", "cert", "certificate", "generated", "named", "from", "next", "continue", "continuation", "page", "sync", "resume"];

/// The kind of secret that a name belongs to, if any.
pub fn kind_of(name: &str) -> Option<&'static str> {
    if name.len() > 96 {
        return None;
    }
    let lower = name.to_ascii_lowercase();
    match lower.as_str() {
        "client-key-data" => return Some("key"),
        "sig" | "x-amz-signature" | "x-goog-signature" => return Some("signature"),
        _ if lower.ends_with("dockerconfigjson") || lower.ends_with("dockercfg") => return Some("docker-config"),
        _ => {}
    }
    let words = words(name);
    let mut words: &[String] = &words;
    while let [rest @ .., last] = words {
        if rest.is_empty() || !(FILLERS.contains(&last.as_str()) || last.bytes().all(|b| b.is_ascii_digit())) {
            break;
        }
        words = rest;
    }
    let [before @ .., last] = words else { return None };
    let last = last.trim_end_matches(|c: char| c.is_ascii_digit());
    let previous = before.last().map_or("", String::as_str);
    if REFERRING.contains(&previous) && ["secret", "token"].contains(&last) {
        return None;
    }
    word_kind(last, previous).or_else(|| {
        // `TOKEN_GITHUB`: in the upper-case names of environments what it is may come first.
        let shouted = name.bytes().all(|b| !b.is_ascii_lowercase());
        let plain = shouted && !ABOUT.contains(&last);
        before.iter().filter(|_| plain).find_map(|word| word_kind(word, ""))
    })
}

/// The same, for a name that stands as `name` beside a `value`: headers with credentials are such, too.
pub fn kind_of_pair(name: &str) -> Option<&'static str> {
    let header = ["authorization", "proxy-authorization", "cookie"].iter().any(|h| name.eq_ignore_ascii_case(h));
    kind_of(name).or_else(|| header.then_some("credentials"))
}

/// The kind of the members of what a name holds several of: `tokens`, `apiKeys`.
pub fn plural(name: &str) -> Option<&'static str> {
    let words = words(name);
    let [before @ .., last] = words.as_slice() else { return None };
    let previous = before.last().map_or("", String::as_str);
    match last.as_str() {
        "tokens" => Some("token"),
        "secrets" if previous != "pull" => Some("secret"),
        "keys" if OF_KEY.contains(&previous) => Some("key"),
        "apikeys" | "secretkeys" | "accesskeys" | "signingkeys" | "encryptionkeys" => Some("key"),
        _ => None,
    }
}

/// Whether a name ends as those do that point at something or describe it: `secretName`, `expires_at_seconds`.
pub fn is_about(name: &str) -> bool {
    words(name).last().is_some_and(|last| last != "key" && ABOUT.contains(&last.as_str()))
}

/// Whether a name is that of some key, which may be a secret or the key of a cache: its value tells.
pub fn is_some_key(name: &str) -> bool {
    if !name.as_bytes().windows(3).any(|w| w.eq_ignore_ascii_case(b"key")) {
        return false;
    }
    let words = words(name);
    let mut words = words.iter().rev().skip_while(|w| FILLERS.contains(&w.as_str()) || w.bytes().all(|b| b.is_ascii_digit()));
    let key = words.next().is_some_and(|w| w == "key");
    key && words.next().is_some_and(|w| !["public", "partition", "primary", "foreign", "cache", "routing", "sort", "row", "idempotency"].contains(&w.as_str()))
}

fn word_kind(word: &str, previous: &str) -> Option<&'static str> {
    let ends = |list: &[&str]| list.iter().any(|end| word.ends_with(end));
    let short = word == "pw" || (word.len() >= 5 && ["bindpw", "rootpw", "adminpw", "userpw", "dbpw"].iter().any(|end| word.ends_with(end)));
    if short
        || ends(&["password", "passwords", "passwd", "passphrase", "passwort", "kennwort", "passcode", "pwd", "pswd", "requirepass", "masterpass"])
        || ends(&["storepass", "keypass"])
        || ["masterauth", "pass", "sshpass", "dbpass", "userpass", "rootpass", "adminpass", "mypass"].contains(&word)
    {
        Some("password")
    } else if ends(&[
        "apikey",
        "secretkey",
        "accesskey",
        "privatekey",
        "accountkey",
        "signingkey",
        "encryptionkey",
        "masterkey",
        "authkey",
        "storagekey",
        "sshkey",
        "hmackey",
        "licensekey",
        "presharedkey",
    ]) || word == "psk"
        || (word == "key" && OF_KEY.contains(&previous))
    {
        Some("key")
    } else if ends(&["token"]) {
        Some("token")
    } else if ends(&["secret"]) {
        Some("secret")
    } else {
        ["credential", "credentials", "creds"].contains(&word).then_some("credentials")
    }
}

/// The words of `dbPassword`, `DB_PASSWORD`, `db-password`, `spring.db.password`, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut was_lower = false;
    for c in name.chars() {
        if !c.is_ascii_alphanumeric() || (was_lower && c.is_ascii_uppercase()) {
            out.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_ascii_alphanumeric() {
            word.push(c.to_ascii_lowercase());
        }
        was_lower = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    out.extend((!word.is_empty()).then_some(word));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_from_names_about_secrets() {
        for name in [
            "password",
            "DB_PASSWORD",
            "dbPassword",
            "db-password",
            "spring.datasource.password",
            "PGPASSWORD",
            "MYSQL_PWD",
            "DB_PASS",
            "passphrase",
            "apiKey",
            "API_KEY",
            "x-api-key",
            "APIKEY",
            "aws_secret_access_key",
            "AWS_SECRET_ACCESS_KEY",
            "secretKey",
            "client_secret",
            "clientSecret",
            "CLIENT_SECRET_VALUE",
            "token",
            "auth_token",
            "authToken",
            "GITHUB_TOKEN",
            "TOKEN_GITHUB",
            "identitytoken",
            "refresh-token",
            "credentials",
            "PASSWORD_PROD",
            "password2",
            "PASSWORD_2",
            "AccountKey",
            "SharedAccessKey",
            "client-key-data",
            ".dockerconfigjson",
            "passwordHash",
            "private_key",
            "JWT_SECRET",
            "X-Auth-Token",
        ] {
            assert!(kind_of(name).is_some(), "{name} belongs to a secret");
        }
        for name in [
            "secretName",
            "secret_name",
            "SECRET_NAME",
            "PASSWORD_FILE",
            "passwordFile",
            "tokenExpirationSeconds",
            "TOKEN_TTL",
            "secretKeyRef",
            "secretRef",
            "imagePullSecret",
            "imagePullSecrets",
            "existingSecret",
            "tokens",
            "max_tokens",
            "prompt_tokens",
            "key",
            "publicKey",
            "public_key",
            "compass",
            "bypass",
            "passenger",
            "name",
            "secrets",
            "token-cleaner",
            "password_policy",
            "continueToken",
            "nextToken",
            "tokenizer",
            "secretary",
            "",
            "-",
            "ACCESS_KEY_ID",
            "AWS_ACCESS_KEY_ID",
            "PASSWORD_MIN_LENGTH",
            "TOKEN_URL",
        ] {
            assert_eq!(kind_of(name), None, "{name} is about a secret");
        }
    }
}
