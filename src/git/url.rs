//! Addresses of Git repositories, refused in flux's words.

use url::Url;

use crate::error::{Error, Result};
use crate::flags::go_url;

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// SSH.
    Ssh,
    /// HTTP without TLS.
    Http,
    /// HTTP over TLS.
    Https,
}

/// Reads the address of a repository.
///
/// # Errors
/// When it is no URL, or its scheme is not `ssh`, `http` or `https`.
pub fn parse(text: &str) -> Result<(Url, Scheme)> {
    let malformed = |why: &str| {
        let error = Error::usage(format!("git URL parse failed: {why}"));
        match text.split_once(':') {
            Some((host, path)) if text.contains('@') && !text.contains("://") => {
                error.hint(format!("write the address as a URL: ssh://{host}/{path}"))
            }
            _ => error,
        }
    };
    let read = go_url(text).map_err(|why| malformed(&why))?;
    let known = match read.scheme.as_str() {
        "ssh" => Scheme::Ssh,
        "http" => Scheme::Http,
        "https" => Scheme::Https,
        other => {
            return Err(Error::usage(format!(
                "git URL scheme '{other}' not supported, can be: ssh, http and https"
            )));
        }
    };
    // What Go takes and this does not names no host that could be reached.
    let url = Url::parse(text).map_err(|error| malformed(&error.to_string()))?;
    Ok((url, known))
}

/// Host and port as SSH's `known_hosts` and a dialer want them: the port is 22 unless given.
pub fn ssh_host(url: &Url) -> Result<(String, u16)> {
    let host = url
        .host_str()
        .filter(|h| !h.is_empty())
        .ok_or_else(|| Error::usage(format!("the address {url} names no host")))?;
    let host = host.trim_matches(['[', ']']).to_owned();
    Ok((host, url.port().unwrap_or(22)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn addresses_are_refused_as_flux_does() {
        assert_eq!(
            refusal("git@github.com:a/b"),
            "git URL parse failed: parse \"git@github.com:a/b\": first path segment in URL cannot contain colon"
        );
        assert_eq!(
            refusal("%zz"),
            "git URL parse failed: parse \"%zz\": invalid URL escape \"%zz\""
        );
        assert_eq!(
            refusal("ftp://x"),
            "git URL scheme 'ftp' not supported, can be: ssh, http and https"
        );
        assert_eq!(
            refusal("github.com/a/b"),
            "git URL scheme '' not supported, can be: ssh, http and https"
        );
    }

    #[test]
    fn ports_default_to_22() {
        let (url, scheme) = parse("ssh://git@example.com:2222/a/b").unwrap();
        assert_eq!(scheme, Scheme::Ssh);
        assert_eq!(ssh_host(&url).unwrap(), ("example.com".to_owned(), 2222));
        let (url, _) = parse("ssh://git@[::1]/a/b").unwrap();
        assert_eq!(ssh_host(&url).unwrap(), ("::1".to_owned(), 22));
    }
}
