//! Kubeconfig files of the control plane's users.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use fs_err::os::unix::fs::OpenOptionsExt as _;
use serde_json::json;

/// The users that every control plane knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum User {
    /// May do everything (group `system:masters`).
    Admin,
    /// May read everything and write nothing.
    Reader,
    /// Is known to the API server and may do nothing.
    Nobody,
}

impl User {
    /// Every user.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Reader, Self::Nobody];

    /// The name the API server knows this user by.
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Reader => "reader",
            Self::Nobody => "nobody",
        }
    }

    /// The group that comes with its token.
    pub(super) fn group(self) -> &'static str {
        match self {
            Self::Admin => "system:masters",
            Self::Reader => "sandbox:readers",
            Self::Nobody => "sandbox:nobodies",
        }
    }

    /// The file of this user in a folder of kubeconfigs.
    pub(crate) fn file(self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.kubeconfig", self.name()))
    }
}

/// How to reach an API server as one user.
#[derive(Clone)]
pub(crate) struct Access {
    /// `https://127.0.0.1:PORT`.
    pub(crate) server: String,
    /// The authority that signed the server's certificate, PEM.
    pub(crate) ca: String,
    pub(crate) token: String,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// The kubeconfig text.
    pub(crate) fn yaml(&self, user: &str) -> Result<String> {
        let document = json!({
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "sandbox", "cluster": {
                "server": self.server,
                "certificate-authority-data": BASE64_STANDARD.encode(&self.ca),
            }}],
            "users": [{"name": user, "user": {"token": self.token}}],
            "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": user}}],
            "current-context": "sandbox",
        });
        Ok(serde_yaml::to_string(&document)?)
    }

    /// Writes the kubeconfig for its owner alone.
    pub(crate) fn write(&self, user: &str, path: &Path) -> Result<()> {
        write_private(path, &self.yaml(user)?)
    }

    /// Reads what [`Self::write`] wrote (or any file with one cluster, inline CA and a token).
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let document: serde_yaml::Value = serde_yaml::from_str(&fs_err::read_to_string(path)?)
            .with_context(|| format!("reading {}", path.display()))?;
        let text = |value: &serde_yaml::Value, what: &str| {
            value
                .as_str()
                .map(ToOwned::to_owned)
                .with_context(|| format!("{} holds no {what}", path.display()))
        };
        let cluster = &document["clusters"][0]["cluster"];
        let ca = text(&cluster["certificate-authority-data"], "inline CA")?;
        Ok(Self {
            server: text(&cluster["server"], "server")?,
            ca: String::from_utf8(BASE64_STANDARD.decode(ca)?)?,
            token: text(&document["users"][0]["user"]["token"], "token")?,
        })
    }

    /// A client, bound to the runtime of the caller.
    pub(crate) async fn client(&self) -> Result<kube::Client> {
        let kubeconfig = kube::config::Kubeconfig::from_yaml(&self.yaml("sandbox")?)?;
        let options = kube::config::KubeConfigOptions::default();
        let config = kube::Config::from_custom_kubeconfig(kubeconfig, &options).await?;
        Ok(kube::Client::try_from(config)?)
    }
}

/// Creates a file that only its owner can read, from the first moment on.
pub(crate) fn write_private(path: &Path, text: &str) -> Result<()> {
    let mut file = fs_err::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn what_is_written_is_read_back_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = User::Reader.file(folder.path());
        let access = Access {
            server: "https://127.0.0.1:1".to_owned(),
            ca: "-----BEGIN CERTIFICATE-----\n".to_owned(),
            token: "hidden".to_owned(),
        };
        access.write("reader", &path).unwrap();
        let again = Access::read(&path).unwrap();
        assert_eq!(
            (again.server, again.ca),
            (access.server.clone(), access.ca.clone())
        );
        assert_eq!(again.token, "hidden");
        assert!(!format!("{access:?}").contains("hidden"));
        let mode = fs_err::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
