//! Keys that carry their issuer's mark: clouds, forges, chat and payment services.
use super::Found;
use super::bytes::{self, at};
use regex::RegexSet;
use std::ops::Range;
use std::sync::LazyLock;

/// Longest key of the table, with room.
const LONGEST: usize = 300;

/// How long the id of an AWS key is.
const AWS_ID: usize = 20;

#[rustfmt::skip]
const KEYS: &[&str] = &[
    r"^(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}$",
    r"^AIza[0-9A-Za-z_-]{35,40}$",
    r"^ya29\.[0-9A-Za-z_.-]{20,}$",
    r"^GOCSPX-[0-9A-Za-z_-]{20,}$",
    r"^gh[pousr]_[0-9A-Za-z]{30,}$",
    r"^github_pat_[0-9A-Za-z_]{22,}$",
    r"^(?:glpat|gldt|glrt|glcbt|glptt|glft|glsoat|gloas|glagent)-[0-9A-Za-z_.-]{16,}$",
    r"^xox[abcdeoprs](?:\.xox[bp])?-[0-9A-Za-z-]{10,}$",
    r"^xapp-[0-9A-Za-z-]{10,}$",
    r"^(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{10,}$",
    r"^whsec_[0-9A-Za-z+/=]{16,}$",
    r"^sk-(?:proj|svcacct|admin|None|or-v1|lf|litellm|ant-[a-z]+[0-9]*)-[0-9A-Za-z_-]{20,}$",
    r"^sk-[0-9A-Za-z]{20,}$",
    r"^sk-[0-9A-Za-z_-]*[A-Z][0-9A-Za-z_-]{19,}$",
    r"^npm_[0-9A-Za-z]{30,}$",
    r"^pypi-[0-9A-Za-z_-]{30,}$",
    r"^hf_[0-9A-Za-z]{24,}$",
    r"^SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}$",
    r"^do[opr]_v1_[0-9a-f]{40,}$",
    r"^hv[sbr]\.[0-9A-Za-z_-]{20,}$",
    r"^AGE-SECRET-KEY-1[0-9A-Z]{30,}$",
    r"^dapi[0-9a-f]{32}$",
    r"^(?:glsa|glc)_[0-9A-Za-z_=+/]{20,}$",
    r"^lin_api_[0-9A-Za-z]{20,}$",
    r"^shp(?:at|ss)_[0-9a-f]{32}$",
    r"^dckr_pat_[0-9A-Za-z_-]{20,}$",
    r"^nvapi-[0-9A-Za-z_-]{40,}$",
    r"^gsk_[0-9A-Za-z]{40,}$",
    r"^pul-[0-9a-f]{40}$",
    r"^ATATT3x[0-9A-Za-z_=-]{40,}$",
    r"^figd_[0-9A-Za-z_-]{30,}$",
    r"^EAACEdEose0cBA[0-9A-Za-z]{10,}$",
    r"^r8_[0-9A-Za-z]{30,}$",
    r"^(?:FwoGZXIvYXdz|IQoJb3JpZ2luX2Vj)[0-9A-Za-z+/=]{40,}$",
    r"^1//0[0-9A-Za-z_-]{30,}$",
    r"^dckr_oat_[0-9A-Za-z_-]{20,}$",
    r"^NRAK-[0-9A-Z]{20,}$",
    r"^ntn_[0-9A-Za-z]{30,}$",
    r"^ATCTT3x[0-9A-Za-z_=-]{40,}$",
    r"^HRKU-[0-9A-Za-z_-]{30,}$",
    r"^pscale_tkn_[0-9A-Za-z_.-]{20,}$",
    r"^sbp_[0-9a-f]{30,}$",
    r"^dp\.(?:pt|st)\.[0-9A-Za-z_.-]{30,}$",
    r"^sntr[yu][su]_[0-9A-Za-z_+/=-]{30,}$",
    r"^PMAK-[0-9a-f-]{40,}$",
    r"^rubygems_[0-9a-f]{40,}$",
    r"^AKCp[0-9A-Za-z]{50,}$",
    r"^(?:xai|pplx|tvly|sess)-[0-9A-Za-z]{30,}$",
    r"^K10[0-9a-f]{40,}$",
    r"^sq0(?:atp|csp)-[0-9A-Za-z_-]{22,}$",
    r"^fm2_[0-9A-Za-z+/=_-]{40,}$",
    r"^phx_[0-9A-Za-z]{40,}$",
    r"^CCIPAT_[0-9A-Za-z]{16,}_[0-9a-f]{40}$",
    r"^bkua_[0-9a-f]{40}$",
    r"^dt0c01\.[0-9A-Z]{24}\.[0-9A-Z]{64}$",
    r"^tskey-[a-z]+-[0-9A-Za-z-]{20,}$",
    r"^pscale_pw_[0-9A-Za-z_.-]{20,}$",
    r"^GR1348941[0-9A-Za-z_-]{20,}$",
    r"^sq[upa]_[0-9a-f]{40}$",
    r"^snyk_uat\.[0-9A-Za-z_.-]{20,}$",
    r"^EZ[AT]K[0-9A-Za-z]{50,}$",
    r"^v1\.0-[0-9a-f]{24}-[0-9a-f]{100,}$",
    r"^SK[0-9a-f]{32}$",
    r"^key-[0-9a-f]{32}$",
];

static SET: LazyLock<Option<RegexSet>> = LazyLock::new(|| RegexSet::new(KEYS).ok());

pub fn key(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    match text.get(hit.clone())?.to_ascii_lowercase().as_str() {
        "q~" => return azure(text, hit),
        ":aa" => return telegram(text, hit),
        ".atlasv1." => return atlas(text, hit),
        "$2a$" | "$2b$" | "$2y$" | "$6$" | "$5$" | "$apr1$" | "$argon2" => return hashed(text, hit),
        "hooks.slack.com/services/" | "discord.com/api/webhooks/" | "discordapp.com/api/webhooks/" | "webhook.office.com/webhookb2/" => {
            let range = hit.end..bytes::skip(b, hit.end, |c| c.is_ascii_alphanumeric() || matches!(c, b'/' | b'-' | b'_' | b'@'));
            return (range.len() >= 20).then(|| Found::new(range, "cloud-key"));
        }
        _ => {}
    }
    if hit.start.checked_sub(1).is_some_and(|i| in_key(at(b, i)) && at(b, i) != b'=' && at(b, i) != b'/') {
        return None;
    }
    let reach = b.get(..hit.start + LONGEST).unwrap_or(b);
    let end = bytes::skip(reach, hit.start, in_key);
    let whole = text.get(hit.start..end)?.trim_end_matches(['.', '-', '/']);
    // A key in a sentence or a path ends before the next word: the shorter spelling without `+`, `/`, `=` is tried, too.
    let plain = whole.split(['+', '/', '=']).next()?;
    let set = SET.as_ref()?;
    let value = [whole, plain].into_iter().find(|v| set.is_match(v))?;
    // What its issuer drew at random has digits or capitals; names of objects may have none.
    if !value.bytes().skip(text.get(hit.clone())?.len()).any(|c| c.is_ascii_digit() || c.is_ascii_uppercase()) {
        return None;
    }
    let end = hit.start + value.len();
    let with_secret = (value.len() == AWS_ID && end == hit.start + whole.len()).then(|| beside(b, end)).flatten();
    Some(Found::new(hit.start..with_secret.unwrap_or(end), "cloud-key"))
}

/// Where the secret key ends that stands right behind the id of an AWS key: forty characters that say nothing by themselves.
fn beside(b: &[u8], id_end: usize) -> Option<usize> {
    let from = bytes::skip(b, id_end, |c| matches!(c, b' ' | b'\t' | b':' | b',' | b';' | b'|' | b'/'));
    let end = bytes::skip(b.get(..from + LONGEST).unwrap_or(b), from, |c| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'/'));
    (from > id_end && end - from == 40).then_some(end)
}

fn in_key(b: u8) -> bool {
    bytes::in_base64(b) || b == b'.'
}

/// The hash of a password, as `htpasswd` and `/etc/shadow` keep it: it can be guessed from.
fn hashed(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let end = bytes::skip(b, hit.end, |c| c.is_ascii_alphanumeric() || matches!(c, b'$' | b'.' | b'/' | b'+' | b'=' | b',' | b'_' | b'-'));
    let value = text.get(hit.end..end)?.trim_end_matches([',', '.']);
    (value.len() >= 22 && value.contains('$')).then(|| Found::new(hit.start..hit.end + value.len(), "password-hash"))
}

/// An Azure client secret: three characters, a digit, `Q~`, then thirty-odd.
fn azure(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let inside = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'~' | b'.' | b'-');
    let start = bytes::back_at_most(b, hit.start, 8, inside)?;
    let end = bytes::skip(b, hit.end, inside);
    ((3..=5).contains(&(hit.start - start)) && at(b, hit.start - 1).is_ascii_digit() && (28..=40).contains(&(end - hit.end)))
        .then(|| Found::new(start..end, "cloud-key"))
}

/// A token of Terraform's cloud: fourteen characters before its mark, sixty-odd behind.
fn atlas(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 16, |c| c.is_ascii_alphanumeric())?;
    let end = bytes::skip(b, hit.end, bytes::in_base64);
    (hit.start - start == 14 && end - hit.end >= 60).then(|| Found::new(start..end, "cloud-key"))
}

/// A key of Notion: its mark is a word that also begins names.
pub fn notion(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    if at(b, hit.end) != b'_' || text.get(hit.clone())? != "secret" {
        return None;
    }
    let end = bytes::skip(b.get(..hit.start + LONGEST).unwrap_or(b), hit.start, in_key);
    let inner = text.get(hit.end + 1..end)?;
    (inner.len() == 43 && super::ordinary::is_random(inner)).then(|| Found::new(hit.start..end, "cloud-key"))
}

/// A Telegram bot's token: a number, `:AA`, 33 more.
fn telegram(text: &str, hit: &Range<usize>) -> Option<Found> {
    let b = text.as_bytes();
    let start = bytes::back_at_most(b, hit.start, 16, |c| c.is_ascii_digit())?;
    let end = bytes::skip(b, hit.start + 1, |c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'-'));
    let upper = text.get(hit.clone())? == ":AA";
    (upper && (8..=10).contains(&(hit.start - start)) && end - hit.start == 36).then(|| Found::new(start..end, "cloud-key"))
}
