//! What WeChat takes as a host, and how two spellings of a domain are compared.

/// The one host that no mini-program may name: it would be a way around the token.
const NEVER: &str = "api.weixin.qq.com";

/// Why a text is no host that WeChat takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAHost {
    /// It begins with another scheme than its list wants.
    Scheme,
    /// It has a path, a query, or somebody's name in it.
    Path,
    /// It is an IP address.
    Address,
    /// It is WeChat's own.
    Wechats,
    /// It is no name of a host.
    Name,
    /// Its port is none.
    Port,
}

/// A domain as it is compared: scheme and host in small letters, without a slash at its end. WeChat does not say whether it
/// keeps capitals, and its own sample has slashes at some ends.
#[must_use]
pub fn normal(domain: &str) -> String {
    let domain = domain.trim().to_ascii_lowercase();
    domain
        .strip_suffix('/')
        .map(str::to_owned)
        .unwrap_or(domain)
}

/// What stands behind the scheme: host and port.
#[must_use]
pub fn authority(domain: &str) -> &str {
    domain.split_once("://").map_or(domain, |(_, rest)| rest)
}

/// The host alone.
#[must_use]
pub fn host(domain: &str) -> &str {
    let authority = authority(domain);
    authority
        .split_once(':')
        .map_or(authority, |(host, _)| host)
}

/// Reads a host as a manifest gives it, alone or as an address of that scheme, as `host` or `host:port` in small letters.
///
/// # Errors
/// [`NotAHost`].
pub fn read(text: &str, scheme: Option<&str>) -> Result<String, NotAHost> {
    let text = text.to_ascii_lowercase();
    let rest = match (text.split_once("://"), scheme) {
        (None, _) => text.as_str(),
        (Some((given, rest)), Some(scheme)) if given == scheme => rest,
        (Some(_), _) => return Err(NotAHost::Scheme),
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.contains(['/', '?', '#', '@', '\\']) {
        return Err(NotAHost::Path);
    }
    if rest.starts_with('[') {
        return Err(NotAHost::Address);
    }
    let host = match rest.split_once(':') {
        None => rest,
        Some((host, port)) => {
            let plain = !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit());
            if !plain || port.parse::<u16>().is_err() {
                return Err(NotAHost::Port);
            }
            host
        }
    };
    let digits = |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_digit());
    if host.contains('.') && host.split('.').all(digits) {
        return Err(NotAHost::Address);
    }
    if host == NEVER {
        return Err(NotAHost::Wechats);
    }
    if !is_name(host) {
        return Err(NotAHost::Name);
    }
    Ok(rest.to_owned())
}

/// Whether a text is a whole name of a host, in letters that DNS has.
fn is_name(text: &str) -> bool {
    let label = |label: &str| {
        let plain = label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-');
        plain && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    let top = text.rsplit('.').next().unwrap_or_default();
    text.len() <= 253
        && text.contains('.')
        && text.split('.').all(label)
        && top.bytes().any(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_read_alone_or_as_an_address_of_its_scheme() {
        assert_eq!(read("API.Example.com", None).unwrap(), "api.example.com");
        assert_eq!(
            read("https://a.example.com:8443/", Some("https")).unwrap(),
            "a.example.com:8443"
        );
        for (text, scheme, why) in [
            ("https://a.example.com", None, NotAHost::Scheme),
            ("http://a.example.com", Some("https"), NotAHost::Scheme),
            ("wss://a.example.com", Some("https"), NotAHost::Scheme),
            ("https://a.example.com/v1", Some("https"), NotAHost::Path),
            ("a.example.com?x=1", None, NotAHost::Path),
            ("me@a.example.com", None, NotAHost::Path),
            ("10.0.0.1", None, NotAHost::Address),
            ("10.0.0.1:80", None, NotAHost::Address),
            ("[::1]", None, NotAHost::Address),
            ("api.weixin.qq.com", None, NotAHost::Wechats),
            ("localhost", None, NotAHost::Name),
            ("a..example.com", None, NotAHost::Name),
            ("-a.example.com", None, NotAHost::Name),
            ("例子.example", None, NotAHost::Name),
            ("a_b.example.com", None, NotAHost::Name),
            ("", None, NotAHost::Name),
            ("a.example.com:0", None, NotAHost::Port),
            ("a.example.com:", None, NotAHost::Port),
            ("a.example.com:65536", None, NotAHost::Port),
            ("a.example.com:http", None, NotAHost::Port),
        ] {
            assert_eq!(read(text, scheme), Err(why), "{text}");
        }
    }

    #[test]
    fn two_spellings_of_one_domain_are_the_same() {
        assert_eq!(normal("HTTPS://A.example.com/"), "https://a.example.com");
        assert_eq!(
            normal("https://a.example.com:8443"),
            "https://a.example.com:8443"
        );
        assert_eq!(host("wss://a.example.com:8443"), "a.example.com");
        assert_eq!(authority("wss://a.example.com:8443"), "a.example.com:8443");
        assert_eq!(host("a.example.com"), "a.example.com");
    }
}
