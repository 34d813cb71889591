//! Where a server points to instead of answering, by the rules of Go's HTTP client.

use http::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use http::{HeaderMap, Method, StatusCode};
use url::Url;

use super::{Answer, Error, Request};

/// The request that the answer asks for, if it points somewhere else.
pub(super) fn next(request: &Request, answer: &Answer) -> Result<Option<Request>, Error> {
    let keeps_body = match answer.status {
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => false,
        _ => return Ok(None),
    };
    let location = answer.headers.get(LOCATION);
    let Some(location) = location.filter(|location| !location.is_empty()) else {
        return Ok(None);
    };
    let url = location
        .to_str()
        .ok()
        .and_then(|location| request.url.join(location).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or_else(|| {
            Error::Impossible("the server points to an address that is none".to_owned())
        })?;
    let mut next = Request {
        method: request.method.clone(),
        headers: headers(request, &url),
        url,
        body: Vec::new(),
    };
    if keeps_body {
        next.body.clone_from(&request.body);
    } else {
        next.headers.remove(CONTENT_TYPE);
        if next.method != Method::HEAD {
            next.method = Method::GET;
        }
    }
    Ok(Some(next))
}

/// The headers for the other address: credentials go along to the same host and those below it,
/// and never from a protected connection to a plain one.
fn headers(request: &Request, to: &Url) -> HeaderMap {
    let mut headers = request.headers.clone();
    let unprotected = request.url.scheme() == "https" && to.scheme() == "http";
    if unprotected || !is_at_or_below(to, &request.url) {
        headers.remove(AUTHORIZATION);
    }
    headers
}

fn is_at_or_below(to: &Url, from: &Url) -> bool {
    match (to.domain(), from.domain()) {
        (Some(to), Some(from)) => {
            to == from
                || to
                    .strip_suffix(from)
                    .is_some_and(|above| above.ends_with('.'))
        }
        _ => to.host() == from.host(),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn redirected(from: &str, status: u16, location: Option<&str>) -> Option<Request> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, HeaderValue::from_static("Bearer x"));
        let request = Request {
            method: Method::POST,
            url: from.parse().unwrap(),
            headers,
            body: b"{}".to_vec(),
        };
        let mut headers = HeaderMap::new();
        if let Some(location) = location {
            headers.insert(LOCATION, location.parse().unwrap());
        }
        let answer = Answer {
            status: StatusCode::from_u16(status).unwrap(),
            headers,
            body: String::new(),
        };
        next(&request, &answer).unwrap()
    }

    #[test]
    fn only_redirects_with_an_address_are_followed() {
        assert!(redirected("http://a/x", 200, Some("/y")).is_none());
        assert!(redirected("http://a/x", 304, Some("/y")).is_none());
        assert!(redirected("http://a/x", 302, None).is_none());
        assert!(redirected("http://a/x", 308, Some("")).is_none());
        let next = redirected("http://a/x?q", 308, Some("y")).unwrap();
        assert_eq!(next.url.as_str(), "http://a/y");
    }

    #[test]
    fn some_keep_the_body() {
        for (status, method, body) in [
            (301, Method::GET, &b""[..]),
            (303, Method::GET, b""),
            (307, Method::POST, b"{}"),
            (308, Method::POST, b"{}"),
        ] {
            let next = redirected("http://a/x", status, Some("https://a/x")).unwrap();
            assert_eq!((next.method, &*next.body), (method, body), "{status}");
        }
    }

    #[test]
    fn credentials_stay_at_home() {
        for (from, to, kept) in [
            ("http://a.io", "https://a.io/y", true),
            ("https://a.io", "https://b.a.io:8443", true),
            ("https://a.io", "http://a.io", false),
            ("https://a.io", "https://ba.io", false),
            ("https://b.a.io", "https://a.io", false),
            ("https://10.0.0.1", "https://10.0.0.2", false),
        ] {
            let next = redirected(from, 307, Some(to)).unwrap();
            assert_eq!(
                next.headers.contains_key(AUTHORIZATION),
                kept,
                "{from} {to}"
            );
        }
    }
}
