//! Which servers the environment's proxy is not for, as Go's `NO_PROXY` has it. Pure.
use std::net::IpAddr;

/// Whether connections to `host` go around the proxy: loopback always does, else what the list names.
pub(super) fn is_exempt(host: &str, list: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let address: Option<IpAddr> = host.parse().ok();
    if host == "localhost" || address.is_some_and(|a| a.is_loopback()) {
        return true;
    }
    list.split(',').map(|e| e.trim().to_ascii_lowercase()).filter(|e| !e.is_empty()).any(|entry| {
        let entry = entry.rsplit_once(':').filter(|(h, p)| !h.contains(':') && p.bytes().all(|b| b.is_ascii_digit())).map_or(entry.as_str(), |(h, _)| h);
        if entry == "*" || entry == host {
            return true;
        }
        if let Some(address) = address {
            in_range(address, entry)
        } else {
            let suffix = entry.trim_start_matches('*').trim_start_matches('.');
            host == suffix && !entry.starts_with('.') || host.strip_suffix(suffix).is_some_and(|rest| rest.ends_with('.'))
        }
    })
}

fn in_range(address: IpAddr, range: &str) -> bool {
    let Some((base, bits)) = range.split_once('/') else { return false };
    let (Ok(base), Ok(bits)) = (base.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    match (address, base) {
        (IpAddr::V4(a), IpAddr::V4(b)) if bits <= 32 => a.to_bits() ^ b.to_bits() == 0 || (a.to_bits() ^ b.to_bits()).leading_zeros() >= bits,
        (IpAddr::V6(a), IpAddr::V6(b)) if bits <= 128 => a.to_bits() ^ b.to_bits() == 0 || (a.to_bits() ^ b.to_bits()).leading_zeros() >= bits,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_hosts_domains_and_ranges() {
        for (host, list, want) in [
            ("127.0.0.1", "", true),
            ("localhost", "", true),
            ("10.1.2.3", "10.0.0.0/8", true),
            ("11.1.2.3", "10.0.0.0/8", false),
            ("api.corp.example", ".corp.example", true),
            ("api.corp.example", "corp.example", true),
            ("corp.example", ".corp.example", false),
            ("mycorp.example", "corp.example", false),
            ("api.example", "a, *", true),
            ("api.example", "", false),
        ] {
            assert_eq!(is_exempt(host, list), want, "{host} in {list:?}");
        }
    }
}
