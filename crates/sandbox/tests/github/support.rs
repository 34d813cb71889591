//! A client without tricks, and a story to start from.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use sandbox::github::{GitHub, GitHubOptions, OrgRole, RepositorySpec, TokenSpec};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }

    #[track_caller]
    pub(crate) fn refused(self, status: u16, message: &str) -> Value {
        assert_eq!(
            (self.status, self.body["message"].as_str()),
            (status, Some(message)),
            "{}",
            self.body
        );
        assert_eq!(self.body["status"], status.to_string());
        self.body
    }
}

/// A server with user `alice`, who owns organisation `acme`, and her classic token.
pub(crate) struct Story {
    pub(crate) github: GitHub,
    pub(crate) token: SecretString,
}

pub(crate) async fn story() -> Story {
    let github = GitHub::start(GitHubOptions::default()).await.unwrap();
    github.add_user("alice").unwrap();
    github.add_org("acme").unwrap();
    github.add_member("acme", "alice", OrgRole::Owner).unwrap();
    let token = github
        .add_token(TokenSpec::classic(
            "alice",
            &["repo", "admin:org", "delete_repo"],
        ))
        .unwrap();
    Story { github, token }
}

/// A story with the private repository `acme/fleet`, which has one commit on `main`.
pub(crate) async fn filled() -> Story {
    let story = story().await;
    story
        .github
        .add_repository(RepositorySpec::private("acme", "fleet"))
        .unwrap();
    let readme: &[u8] = b"fleet\n";
    story
        .github
        .commit_files(
            "acme",
            "fleet",
            "main",
            "start",
            &[("README.md", Some(readme))],
        )
        .unwrap();
    story
}

impl Story {
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.send("POST", path, Some(body)).await
    }

    pub(crate) async fn send(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.try_send(method, path, body, &self.bearer())
            .await
            .unwrap()
    }

    pub(crate) async fn as_token(
        &self,
        token: &SecretString,
        method: &str,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        let header = format!("Bearer {}", token.expose_secret());
        self.try_send(method, path, body, &[("authorization", &header)])
            .await
            .unwrap()
    }

    fn bearer(&self) -> [(&'static str, String); 1] {
        [(
            "authorization",
            format!("Bearer {}", self.token.expose_secret()),
        )]
    }

    /// One request on a connection of its own.
    pub(crate) async fn try_send<V: AsRef<str>>(
        &self,
        method: &str,
        path: &str,
        body: Option<Value>,
        headers: &[(&str, V)],
    ) -> Result<Answer, Box<dyn std::error::Error>> {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(self.github.ca_file())?)?;
        let config =
            rustls::ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()?
                .with_root_certificates(roots)
                .with_no_client_auth();
        let port = self.github.host().rsplit(':').next().unwrap();
        let stream = TcpStream::connect(("127.0.0.1", port.parse()?)).await?;
        let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
        let stream = connector
            .connect(ServerName::try_from("localhost")?, stream)
            .await?;
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let driver = tokio::spawn(connection);
        let bytes = body.map(|body| body.to_string()).unwrap_or_default();
        let mut request = Request::builder()
            .method(method)
            .uri(format!("/api/v3{path}"))
            .header("host", self.github.host());
        for (name, value) in headers {
            request = request.header(*name, value.as_ref());
        }
        let response = sender
            .send_request(request.body(Full::new(Bytes::from(bytes)))?)
            .await?;
        let (head, body) = response.into_parts();
        let bytes = body.collect().await?.to_bytes();
        driver.abort();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
        Ok(Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
        })
    }

    /// Runs the real git; its standard output, or what it complained about.
    pub(crate) fn git(&self, directory: &Path, arguments: &[&str]) -> Result<String, String> {
        let authority = format!("http.sslCAInfo={}", self.github.ca_file().display());
        git_with(directory, &[&["-c", &authority], arguments].concat(), &[])
    }

    /// The HTTPS address of a repository, with a token in it.
    pub(crate) fn https(&self, token: &SecretString, name: &str) -> String {
        format!(
            "https://x-access-token:{}@{}/{name}.git",
            token.expose_secret(),
            self.github.host()
        )
    }
}

pub(crate) fn git_with(
    directory: &Path,
    arguments: &[&str],
    variables: &[(&str, &str)],
) -> Result<String, String> {
    let output = Command::new("git")
        .current_dir(directory)
        .args([
            "-c",
            "user.name=Ann",
            "-c",
            "user.email=ann@example.com",
            "-c",
            "init.defaultBranch=main",
        ])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        // It would win over the setting that the tests give.
        .env_remove("GIT_SSL_CAINFO")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// A branch's file as text.
#[track_caller]
pub(crate) fn file(github: &GitHub, name: &str, path: &str) -> String {
    let (owner, repository) = name.split_once('/').unwrap();
    let tree = github.tree(owner, repository, "main").unwrap();
    let Some(bytes) = tree.get(path) else {
        panic!("no {path} in {:?}", tree.keys());
    };
    String::from_utf8(bytes.clone()).unwrap()
}
