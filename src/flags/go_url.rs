//! Addresses as Go's `net/url` reads them, which decides what flux takes.

use std::net::Ipv6Addr;

/// What matters of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoUrl {
    /// The scheme in lower case; empty where there is none.
    pub scheme: String,
    /// The host, with the port where there is one, as it is written.
    pub host: String,
}

/// Reads an address; almost anything is one, with or without a scheme.
///
/// # Errors
/// With the text of Go's `url.Parse`; what stands before an `@` may be a password and is not shown.
pub fn go_url(text: &str) -> Result<GoUrl, String> {
    let (address, fragment) = text.split_once('#').unwrap_or((text, ""));
    let refused = |text: &str, why: String| {
        // What looks like a port may be a password whose address has a slash too early.
        let why = if text.contains('@') && why.starts_with("invalid port") {
            "invalid port after host".to_owned()
        } else {
            why
        };
        format!("parse {:?}: {why}", without_user(text))
    };
    let url = parse(address).map_err(|why| refused(address, why))?;
    escapes(fragment).map_err(|why| refused(text, why))?;
    Ok(url)
}

fn without_user(text: &str) -> String {
    let Some((before, after)) = text.rsplit_once('@') else {
        return text.to_owned();
    };
    // As in git@host:path: a name alone.
    if !before.contains([':', '/']) {
        return text.to_owned();
    }
    let scheme = before.find("://").map_or("", |at| &before[..at + 3]);
    format!("{scheme}xxxxx@{after}")
}

fn parse(text: &str) -> Result<GoUrl, String> {
    if text.bytes().any(|b| b.is_ascii_control()) {
        return Err("net/url: invalid control character in URL".to_owned());
    }
    let (scheme, rest) = scheme(text)?;
    let rest = rest.split_once('?').map_or(rest, |(before, _)| before);
    let url = |host: &str| GoUrl {
        scheme: scheme.to_ascii_lowercase(),
        host: host.to_owned(),
    };
    if !rest.starts_with('/') {
        let first = rest.split('/').next().unwrap_or_default();
        if !scheme.is_empty() {
            return Ok(url(""));
        }
        if first.contains(':') {
            return Err("first path segment in URL cannot contain colon".to_owned());
        }
    }
    let authority = match rest.strip_prefix("//") {
        Some(after) if !scheme.is_empty() || !after.starts_with('/') => Some(after),
        _ => None,
    };
    let Some(authority) = authority else {
        escapes(rest)?;
        return Ok(url(""));
    };
    let end = authority.find('/').unwrap_or(authority.len());
    let (authority, path) = authority.split_at(end);
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    check_host(&scheme.to_ascii_lowercase(), host)?;
    if let Some(user) = user {
        let is_user = |b: u8| b.is_ascii_alphanumeric() || b"-._:~!$&'()*+,;=%@".contains(&b);
        if !user.bytes().all(is_user) {
            return Err("net/url: invalid userinfo".to_owned());
        }
        escapes(user).map_err(|_| "invalid URL escape in the user's name or password")?;
    }
    escapes(path)?;
    Ok(url(host))
}

/// The scheme, and what follows its colon.
fn scheme(text: &str) -> Result<(&str, &str), String> {
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' => {}
            b'0'..=b'9' | b'+' | b'-' | b'.' if at > 0 => {}
            b':' if at == 0 => return Err("missing protocol scheme".to_owned()),
            b':' => return Ok((&text[..at], &text[at + 1..])),
            _ => break,
        }
    }
    Ok(("", text))
}

fn check_host(scheme: &str, host: &str) -> Result<(), String> {
    match host.rfind('[') {
        Some(0) => return check_literal(host),
        Some(_) => return Err("invalid IP-literal".to_owned()),
        None => {}
    }
    // Go lets a host hold colons, but not in addresses of the web.
    let is_web = matches!(scheme, "http" | "https");
    let colon = if is_web {
        host.find(':')
    } else {
        host.rfind(':')
    };
    if let Some(colon) = colon {
        check_port(&host[colon..])?;
    }
    host_escapes(host)
}

/// Checks a host in brackets: an IPv6 address, maybe with a zone, and a port.
fn check_literal(host: &str) -> Result<(), String> {
    let Some(end) = host.rfind(']') else {
        return Err("missing ']' in host".to_owned());
    };
    let (address, port) = (&host[1..end], &host[end + 1..]);
    check_port(port)?;
    let (address, zone) = match address.split_once("%25") {
        Some((address, zone)) => (address, Some(zone)),
        None => (address, None),
    };
    host_escapes(address)?;
    if zone.is_some_and(str::is_empty) || address.parse::<Ipv6Addr>().is_err() {
        return Err(format!(
            "invalid host: ParseAddr({address:?}): unable to parse IP"
        ));
    }
    zone.map_or(Ok(()), zone_escapes)
}

fn check_port(port: &str) -> Result<(), String> {
    let digits = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if port.is_empty() || port.strip_prefix(':').is_some_and(digits) {
        Ok(())
    } else {
        Err(format!("invalid port {port:?} after host"))
    }
}

/// Checks that two hexadecimal digits follow each percent sign.
fn escapes(text: &str) -> Result<(), String> {
    each_escape(text, |_| true)
}

/// Checks a host: only bytes beyond ASCII, and the percent sign, may be escaped.
fn host_escapes(text: &str) -> Result<(), String> {
    host_bytes(text)?;
    each_escape(text, |byte| byte >= 0x80 || byte == b'%')
}

/// Checks a zone: what stands in a host, and blanks, may be escaped.
fn zone_escapes(text: &str) -> Result<(), String> {
    host_bytes(text)?;
    each_escape(text, |byte| byte == b'%' || byte == b' ' || is_host(byte))
}

fn host_bytes(text: &str) -> Result<(), String> {
    let stranger = |c: &char| c.is_ascii() && *c != '%' && !is_host(*c as u8);
    match text.chars().find(stranger) {
        Some(c) => Err(format!(
            "invalid character {:?} in host name",
            c.to_string()
        )),
        None => Ok(()),
    }
}

fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:[]<>\"".contains(&byte)
}

fn each_escape(text: &str, allowed: impl Fn(u8) -> bool) -> Result<(), String> {
    for (at, _) in text.match_indices('%') {
        let digits = text.get(at + 1..at + 3);
        let byte = digits
            .filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))
            .and_then(|d| u8::from_str_radix(d, 16).ok());
        if !byte.is_some_and(&allowed) {
            let bad: String = text[at..].chars().take(3).collect();
            return Err(format!("invalid URL escape {bad:?}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scheme_and_host_are_found() {
        let cases = [
            ("https://x.io/p?q#f", "https", "x.io"),
            ("HTTPS://u:p@X.io:8080", "https", "X.io:8080"),
            ("oci://ghcr.io/x", "oci", "ghcr.io"),
            ("https://", "https", ""),
            ("https:x.io", "https", ""),
            ("https:/x.io", "https", ""),
            ("x.io/p", "", ""),
            ("//x.io/p", "", "x.io"),
            ("///x.io/p", "", ""),
            ("1a/b", "", ""),
            ("*", "", ""),
            ("https://[::1]:80/", "https", "[::1]:80"),
            ("https://[fe80::1%25en0]", "https", "[fe80::1%25en0]"),
            ("oci://a:1:2", "oci", "a:1:2"),
            ("https://ex%C3%A9", "https", "ex%C3%A9"),
            ("https://a?b=%zz", "https", "a"),
        ];
        for (text, scheme, host) in cases {
            let url = go_url(text).unwrap();
            assert_eq!((&*url.scheme, &*url.host), (scheme, host), "{text}");
        }
    }

    #[test]
    fn refusals_are_gos() {
        let cases = [
            ("a:b@c", None),
            (":x", Some("missing protocol scheme")),
            (
                "1:x",
                Some("first path segment in URL cannot contain colon"),
            ),
            ("https://a b", Some("invalid character \" \" in host name")),
            ("https://a/%zz", Some("invalid URL escape \"%zz\"")),
            ("https://a%41", Some("invalid URL escape \"%41\"")),
            ("https://a/%4", Some("invalid URL escape \"%4\"")),
            ("https://a:b", Some("invalid port \":b\" after host")),
            ("https://a:1:2", Some("invalid port \":1:2\" after host")),
            ("https://[::1", Some("missing ']' in host")),
            ("https://a[::1]", Some("invalid IP-literal")),
            ("https://[::1]x", Some("invalid port \"x\" after host")),
            (
                "https://a\u{7f}",
                Some("net/url: invalid control character in URL"),
            ),
        ];
        for (text, why) in cases {
            let want = why.map(|why| format!("parse {text:?}: {why}"));
            assert_eq!(go_url(text).err(), want, "{text}");
        }
        assert!(go_url("https://[1.2.3.4]").is_err());
        assert_eq!(
            go_url("git@host:path").unwrap_err(),
            "parse \"git@host:path\": first path segment in URL cannot contain colon"
        );
        assert_eq!(
            go_url("https://u\"p@a").unwrap_err(),
            "parse \"https://xxxxx@a\": net/url: invalid userinfo"
        );
        let refusal = go_url("https://u:p%4@a/%zz").unwrap_err();
        assert!(!refusal.contains("p%4"), "{refusal}");
        assert_eq!(
            go_url("https://a#%zz").unwrap_err(),
            "parse \"https://a#%zz\": invalid URL escape \"%zz\""
        );
    }

    #[test]
    fn what_may_be_a_password_is_not_shown() {
        for text in ["http://me:secret/x@host", "http://me:secret@host:x"] {
            let why = go_url(text).err().unwrap();
            assert!(!why.contains("secret"), "{why}");
        }
    }
}
