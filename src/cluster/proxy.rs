//! The proxy between reflux and a server.
//!
//! The client library asks whether the proxy's own address is exempt, not the server's, so the
//! question is answered here, for the API server and for the Git host alike.

use hyper_util::client::proxy::matcher::Matcher;
use kube::Config;

use crate::env::{self, Env};
use crate::error::{Error, Result};

/// The proxy for the API server: the kubeconfig's, else the environment's unless `NO_PROXY` or a
/// loopback address says otherwise.
pub(super) fn of_cluster(config: &Config, env: &Env) -> Result<Option<http::Uri>> {
    let of_environment = env
        .first(&env::HTTPS_PROXY)
        .map(|p| p.parse::<http::Uri>().ok());
    let from_kubeconfig = config
        .proxy_url
        .as_ref()
        .filter(|url| of_environment.as_ref().and_then(Option::as_ref) != Some(url));
    if let Some(url) = from_kubeconfig {
        return Ok(Some(url.clone()));
    }
    of_address(&config.cluster_url, env)
}

/// The environment's proxy for `url`, if it is to be reached through one.
///
/// # Errors
/// When the variable holds no address.
pub fn of_address(url: &http::Uri, env: &Env) -> Result<Option<http::Uri>> {
    let host = url.host().unwrap_or_default();
    let loopback = host == "localhost"
        || host
            .trim_matches(['[', ']'])
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback());
    if loopback {
        return Ok(None);
    }
    let names = if url.scheme_str() == Some("http") {
        &env::HTTP_PROXY
    } else {
        &env::HTTPS_PROXY
    };
    let Some(text) = env.first(names) else {
        return Ok(None);
    };
    let matcher = Matcher::builder()
        .all(text)
        .no(env.first(&env::NO_PROXY).unwrap_or_default())
        .build();
    if matcher.intercept(url).is_none() {
        return Ok(None);
    }
    let address = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    // The address may hold a password, so it is not shown.
    address
        .parse()
        .map(Some)
        .map_err(|_| Error::usage(format!("{} does not hold the address of a proxy", names[0])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(pairs: &'static [(&'static str, &'static str)]) -> Env {
        Env::from_lookup(|name| {
            pairs
                .iter()
                .find(|(n, _)| *n == name)
                .map(|(_, v)| v.into())
        })
    }

    fn proxy_of(url: &str, env: &Env) -> Option<String> {
        of_address(&url.parse().unwrap(), env)
            .unwrap()
            .map(|u| u.to_string())
    }

    #[test]
    fn the_environment_names_the_proxy() {
        let env = env(&[
            ("HTTPS_PROXY", "proxy.corp:3128"),
            ("NO_PROXY", "10.0.0.0/8,.internal"),
        ]);
        assert_eq!(
            proxy_of("https://k8s.example.com:6443", &env).as_deref(),
            Some("http://proxy.corp:3128/")
        );
        assert_eq!(proxy_of("https://10.1.2.3:6443", &env), None);
        assert_eq!(proxy_of("https://api.internal:6443", &env), None);
        assert_eq!(proxy_of("https://127.0.0.1:6443", &env), None);
        assert_eq!(proxy_of("https://localhost:6443", &env), None);
    }
}
