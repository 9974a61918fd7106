//! The words that make a place worth looking at, found in one pass whatever their case.
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::ops::Range;
use std::sync::LazyLock;

/// What a hint is a hint of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hint {
    /// A name that may belong to a secret value.
    Name,
    /// `auth…`: a header, or a registry's credentials.
    Auth,
    Bearer,
    Basic,
    Cookie,
    Url,
    /// A program that takes a password as a short flag.
    Program,
    /// The beginning of an issuer's key.
    Cloud,
    Jwt,
    Pem,
    PemEnd,
    EncodedPem,
    Helm,
    /// A type of Secret.
    Type,
    /// The key `data` of an object.
    Data,
    /// `IDENTIFIED BY`.
    Identified,
    /// The end of the credentials in a data source of Go.
    DataSource,
    /// The credentials of an Oracle driver.
    Oracle,
    /// A value in the making of a Secret.
    Literal,
    /// A password that one program hands to another.
    Piped,
    /// A key that a sentence speaks of.
    Spoken,
    /// Base64 of a word that belongs to a password.
    Encoded,
    /// Something in which the text does not look as it is written.
    Veil,
    /// A mark that an earlier pass left.
    Mark,
}

#[rustfmt::skip]
const WORDS: &[(Hint, &[&str])] = &[
    (Hint::Name, &[
        "pass", "pwd", "pw=", "pw:", "kennwort", "secret", "token", "credential", "creds",
        "apikey", "api_key", "api-key", "api.key", "accesskey", "access_key", "access-key", "access.key",
        "privatekey", "private_key", "private-key", "accountkey", "account_key", "account-key",
        "signingkey", "signing_key", "signing-key", "encryptionkey", "encryption_key", "encryption-key",
        "masterkey", "master_key", "master-key", "authkey", "storagekey", "storage_key", "ssh_key", "sshkey",
        "jwt_key", "session_key", "_key", "hmackey", "aeskey", "licensekey", "license-key", "presharedkey", "preshared-key", "pre-shared-key", "psk=", "psk:",
        "masterauth", "rootpw", "client-key-data", "dockerconfig", "dockercfg", "sig=", "signature=",
    ]),
    (Hint::Auth, &["auth"]),
    (Hint::Bearer, &["bearer "]),
    (Hint::Basic, &["basic "]),
    (Hint::Cookie, &["cookie"]),
    (Hint::Url, &["://", ":\\/\\/"]),
    (Hint::Data, &["data:", "\"data", "'data'", "stringdata"]),
    (Hint::Identified, &["identified by", "set password for"]),
    (Hint::Piped, &["password-stdin"]),
    (Hint::Spoken, &[
        "api key", "access key", "secret key", "unseal key", "shared key", "encryption key", "signing key", "license key", "master key", "private key",
    ]),
    (Hint::Encoded, &["cgfzc3dvc", "bhc3n3b3j", "wyxnzd29y", "ueftu1dpu", "bbu1nxt1", "qqvntv09"]),
    (Hint::Veil, &["\\u{", "\\x", "\\u001b", "\\u200", "\\u00ad", "\\ufeff", "%3a", "%3d", "%40", "\u{a0}", "\u{ad}", "\u{200b}", "\u{200c}", "\u{200d}", "\u{2060}", "\u{feff}", "\u{ff1d}", "\u{ff1a}"]),
    (Hint::DataSource, &["@tcp(", "@unix("]),
    (Hint::Oracle, &["oracle:thin:"]),
    (Hint::Literal, &["--from-literal"]),
    (Hint::Mark, &[super::MARK]),
    (Hint::Program, &["mysql", "mariadb", "sshpass", "mongo", "redis-cli", " login", "curl", "\"login", "ldapsearch", "sqlcmd", "cqlsh", "mosquitto_", "etcdctl", "rabbitmqctl", "htpasswd", "openssl"]),
    (Hint::Cloud, &[
        "akia", "asia", "abia", "acca", "aiza", "ya29.", "gocspx-", "q~", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
        "glpat-", "gldt-", "glrt-", "xoxb-", "xoxp-", "xoxa-", "xoxo-", "xoxe", "xoxs-", "xoxr-", "xapp-", "hooks.slack.com/services/", "sk_live_", "sk_test_", "rk_live_",
        "rk_test_", "pk_live_", "whsec_", "sk-", "npm_", "pypi-", "hf_", "sg.", "dop_v1_", "doo_v1_", "dor_v1_", "hvs.", "hvb.", "hvr.",
        ":aa", "age-secret-key-1", "dapi", "glsa_", "glc_", "lin_api_", "shpat_", "shpss_", "dckr_pat_", "nvapi-", "gsk_", "pul-", "atatt3x", "figd_", "eaacedeose0cba", "r8_",
        "glcbt-", "glptt-", "glft-", "glsoat-", "gloas-", "glagent-", "xoxc-", "xoxd-", "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/",
        "fwogzxivyxdz", "iqojb3jpz2lux2vj", "1//0", "dckr_oat_", "nrak-", "ntn_", "atctt3x", "hrku-", "pscale_tkn_", "sbp_", "dp.pt.", "dp.st.", "sntrys_", "sntryu_", "pmak-", "rubygems_",
        "akcp", "sq0atp-", "sq0csp-", ".atlasv1.", "fm2_", "phx_", "ccipat_", "bkua_", "dt0c01.", "tskey-", "pscale_pw_", "gr1348941", "squ_", "sqp_", "sqa_",
        "snyk_uat.", "ezak", "eztk", "v1.0-", "sk0", "sk1", "sk2", "sk3", "sk4", "sk5", "sk6", "sk7", "sk8", "sk9", "ska", "skb", "skc", "skd", "ske", "skf", "key-", "xai-", "pplx-", "tvly-", "sess-", "k10", "$2a$", "$2b$", "$2y$", "$6$", "$5$", "$apr1$", "$argon2",
    ]),
    (Hint::Jwt, &["eyj"]),
    (Hint::Pem, &["-----begin"]),
    (Hint::PemEnd, &["-----end"]),
    (Hint::EncodedPem, &["ls0tls1crudjti"]),
    (Hint::Helm, &["h4si", "sdrzsu"]),
    (Hint::Type, &[
        "opaque", "kubernetes.io/service-account-token", "kubernetes.io/dockerc", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth",
        "kubernetes.io/tls", "bootstrap.kubernetes.io/token", "helm.sh/release",
    ]),
];

struct Table {
    automaton: AhoCorasick,
    hints: Vec<Hint>,
}

static TABLE: LazyLock<Option<Table>> = LazyLock::new(|| {
    let hints = WORDS.iter().flat_map(|(hint, words)| words.iter().map(|_| *hint)).collect();
    let words = WORDS.iter().flat_map(|(_, words)| words.iter());
    let automaton =
        AhoCorasick::builder().ascii_case_insensitive(true).match_kind(MatchKind::LeftmostLongest).kind(Some(AhoCorasickKind::DFA)).build(words).ok()?;
    Some(Table { automaton, hints })
});

/// Every hint in the text, in order.
pub fn hits(text: &str) -> impl Iterator<Item = (Hint, Range<usize>)> + '_ {
    TABLE.iter().flat_map(move |table| {
        table.automaton.find_iter(text).map(|hit| (table.hints.get(hit.pattern().as_usize()).copied().unwrap_or(Hint::Name), hit.range()))
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_table_builds() {
        assert!(super::TABLE.is_some());
    }
}
