//! Git over SSH: the registered deploy keys open their repository and nothing else.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use russh::keys::{Algorithm, EcdsaCurve, HashAlg, PrivateKey};
use russh::server::{
    Auth, ChannelOpenHandle, Config, Handler, Msg, PublicKeyOffer, Session, VerifiedPublicKey,
};
use russh::{Channel, ChannelId, ChannelReadHalf, ChannelWriteHalf, MethodKind, MethodSet};
use tokio::io::{AsyncWriteExt as _, copy};
use tokio::net::TcpListener;

use super::model::HostKey;
use super::server::Shared;
use super::smart_http;

/// Fresh host keys. RSA is asked for apart: making one takes seconds.
pub(crate) fn host_keys(rsa: bool) -> anyhow::Result<(Vec<PrivateKey>, Vec<HostKey>)> {
    let mut algorithms = vec![
        ("SHA256_ED25519", Algorithm::Ed25519),
        (
            "SHA256_ECDSA",
            Algorithm::Ecdsa {
                curve: EcdsaCurve::NistP256,
            },
        ),
    ];
    if rsa {
        algorithms.push(("SHA256_RSA", Algorithm::Rsa { hash: None }));
    }
    let mut private = Vec::new();
    let mut public = Vec::new();
    for (label, algorithm) in algorithms {
        let key = PrivateKey::random(&mut rand::rng(), algorithm)?;
        let text = key.public_key().to_openssh()?;
        let fingerprint = key.public_key().fingerprint(HashAlg::Sha256).to_string();
        public.push(HostKey {
            label,
            public: text
                .split_whitespace()
                .take(2)
                .collect::<Vec<_>>()
                .join(" "),
            fingerprint: fingerprint.trim_start_matches("SHA256:").to_owned(),
        });
        private.push(key);
    }
    Ok((private, public))
}

/// Serves connections until the runtime ends.
pub(crate) async fn serve(listener: TcpListener, keys: Vec<PrivateKey>, shared: Arc<Shared>) {
    let config = Arc::new(Config {
        keys,
        methods: MethodSet::from(&[MethodKind::PublicKey][..]),
        auth_rejection_time: Duration::from_millis(1),
        auth_rejection_time_initial: Some(Duration::ZERO),
        nodelay: true,
        ..Config::default()
    });
    while let Ok((stream, _)) = listener.accept().await {
        let door = Door {
            shared: Arc::clone(&shared),
            key: None,
            protocol: None,
            channels: HashMap::new(),
        };
        let config = Arc::clone(&config);
        tokio::spawn(async move {
            // A client that leaves in the middle is its own affair.
            if let Ok(session) = russh::server::run_stream(config, stream, door).await {
                let _ = session.await;
            }
        });
    }
}

/// One connection.
struct Door {
    shared: Arc<Shared>,
    /// The key that opened it, as registered.
    key: Option<String>,
    protocol: Option<String>,
    channels: HashMap<ChannelId, Channel<Msg>>,
}

/// A command that may run.
struct Admitted {
    repository: u64,
    path: std::path::PathBuf,
    service: &'static str,
    barriers: String,
}

impl Door {
    /// The registered form of a key, where some repository has it.
    fn registered(&self, key: &russh::keys::PublicKey) -> Option<String> {
        let text = super::keys::normalized(&key.to_openssh().ok()?)?;
        let state = self.shared.state();
        let known = state
            .repositories
            .values()
            .flat_map(|one| &one.keys)
            .any(|one| one.key == text);
        known.then_some(text)
    }

    /// Whether this key may run this command; else what GitHub says.
    fn admit(&self, command: &str) -> Result<Admitted, String> {
        let refused = |text: &str| Err(format!("ERROR: {text}\n"));
        let (service, path) = command.split_once(' ').unwrap_or((command, ""));
        let service = match service {
            "git-upload-pack" => "upload-pack",
            "git-receive-pack" => "receive-pack",
            _ => return refused("GitHub does not provide shell access."),
        };
        let path = path.trim().trim_matches('\'').trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        let state = self.shared.state();
        let moved = || {
            state
                .renamed
                .get(&path.to_lowercase())
                .and_then(|id| state.repositories.get(id))
        };
        let found = path
            .split_once('/')
            .and_then(|(owner, name)| state.repository(owner, name))
            .or_else(moved);
        let key = found.and_then(|one| {
            one.keys
                .iter()
                .find(|key| Some(&key.key) == self.key.as_ref())
        });
        let (Some(repository), Some(key)) = (found, key) else {
            return refused("Repository not found.");
        };
        if service == "receive-pack" && key.read_only {
            return refused("The key you are authenticating with has been marked as read only.");
        }
        if service == "receive-pack" && repository.archived {
            return refused("This repository was archived so it is read-only.");
        }
        let barriers = smart_http::barriers(&state, repository.id, None);
        Ok(Admitted {
            repository: repository.id,
            path: repository.path.clone(),
            service,
            barriers,
        })
    }
}

impl Handler for Door {
    type Error = russh::Error;

    async fn auth_publickey_offered(
        &mut self,
        user: &str,
        offer: PublicKeyOffer<'_>,
    ) -> Result<Auth, Self::Error> {
        let known = user == "git" && self.registered(offer.public_key).is_some();
        Ok(if known { Auth::Accept } else { Auth::reject() })
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, Self::Error> {
        self.key = self.registered(key.public_key).filter(|_| user == "git");
        Ok(if self.key.is_some() {
            Auth::Accept
        } else {
            Auth::reject()
        })
    }

    async fn channel_open_session(
        &mut self,
        channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        self.channels.insert(channel.id(), channel);
        reply.accept().await;
        Ok(())
    }

    async fn env_request(
        &mut self,
        _channel: ChannelId,
        name: &str,
        value: &str,
        _session: &mut Session,
    ) -> Result<(), Self::Error> {
        if name == "GIT_PROTOCOL" {
            self.protocol = Some(value.to_owned());
        }
        Ok(())
    }

    async fn exec_request(
        &mut self,
        id: ChannelId,
        data: &[u8],
        session: &mut Session,
    ) -> Result<(), Self::Error> {
        let Some(channel) = self.channels.remove(&id) else {
            return session.channel_failure(id);
        };
        session.channel_success(id)?;
        let (input, output) = channel.split();
        let shared = Arc::clone(&self.shared);
        let protocol = self.protocol.clone().unwrap_or_default();
        let admitted = self.admit(&String::from_utf8_lossy(data));
        tokio::spawn(async move {
            let status = match admitted {
                Ok(admitted) => run(&shared, &admitted, &protocol, input, &output)
                    .await
                    .unwrap_or(128),
                Err(refusal) => {
                    let _ = output
                        .make_writer_ext(Some(1))
                        .write_all(refusal.as_bytes())
                        .await;
                    1
                }
            };
            let _ = output.exit_status(status).await;
            let _ = output.eof().await;
            let _ = output.close().await;
        });
        Ok(())
    }
}

async fn run(
    shared: &Shared,
    admitted: &Admitted,
    protocol: &str,
    mut input: ChannelReadHalf,
    output: &ChannelWriteHalf<Msg>,
) -> anyhow::Result<u32> {
    let mut child = smart_http::git(&admitted.path)
        .arg(admitted.service)
        .arg(&admitted.path)
        .env("GIT_PROTOCOL", protocol)
        .env("SANDBOX_BARRIERS", &admitted.barriers)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (Some(mut stdin), Some(mut stdout), Some(mut stderr)) =
        (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        anyhow::bail!("git {} has no pipes", admitted.service);
    };
    let feed = tokio::spawn(async move {
        let mut reader = input.make_reader();
        let _ = copy(&mut reader, &mut stdin).await;
    });
    let (mut plain, mut errors) = (output.make_writer(), output.make_writer_ext(Some(1)));
    let (sent, _) = tokio::join!(
        copy(&mut stdout, &mut plain),
        copy(&mut stderr, &mut errors)
    );
    feed.abort();
    sent?;
    let status = child.wait().await?;
    if admitted.service == "receive-pack" {
        smart_http::pushed(&mut shared.state(), admitted.repository);
    }
    Ok(status
        .code()
        .and_then(|code| u32::try_from(code).ok())
        .unwrap_or(128))
}
