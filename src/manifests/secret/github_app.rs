//! The Secret that lets source-controller ask GitHub as an app.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Map;

use super::{Metadata, OPAQUE_TYPE, SecretObject, object, put};
use crate::error::{Error, Result};

const APP_ID: &str = "githubAppID";
const INSTALLATION_OWNER: &str = "githubAppInstallationOwner";
const INSTALLATION_ID: &str = "githubAppInstallationID";
const PRIVATE_KEY: &str = "githubAppPrivateKey";
const BASE_URL: &str = "githubAppBaseURL";

/// An app of GitHub and one installation of it. An empty text stands for none.
#[derive(Debug, Clone)]
pub struct GitHubApp {
    /// The app's number.
    pub id: String,
    /// The user or organization that it is installed for.
    pub installation_owner: String,
    /// The installation's number.
    pub installation_id: String,
    /// The app's private key, PEM.
    pub private_key: SecretString,
    /// The address of the API, where it is not github.com's.
    pub base_url: String,
}

/// The Secret of `app`.
///
/// # Errors
/// When the number or the key is missing, or the installation is not named in exactly one way.
pub fn github_app(metadata: &Metadata, app: &GitHubApp) -> Result<SecretObject> {
    let required = |key: &str| Error::usage(format!("{key} is required"));
    if app.id.is_empty() {
        return Err(required(APP_ID).hint("give the app's number with --app-id"));
    }
    if app.private_key.expose_secret().is_empty() {
        return Err(required(PRIVATE_KEY));
    }
    if app.installation_owner.is_empty() == app.installation_id.is_empty() {
        return Err(Error::usage(format!(
            "exactly one of {INSTALLATION_OWNER} or {INSTALLATION_ID} must be provided"
        ))
        .hint("give --app-installation-owner or --app-installation-id"));
    }
    let mut data = Map::new();
    for (key, text) in [
        (APP_ID, app.id.as_str()),
        (INSTALLATION_OWNER, &app.installation_owner),
        (INSTALLATION_ID, &app.installation_id),
        (PRIVATE_KEY, app.private_key.expose_secret()),
        (BASE_URL, &app.base_url),
    ] {
        if !text.is_empty() {
            put(&mut data, key, text);
        }
    }
    Ok(object(metadata, Some(OPAQUE_TYPE), data))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::metadata;
    use super::*;

    fn app(id: &str, owner: &str, installation: &str) -> GitHubApp {
        GitHubApp {
            id: id.to_owned(),
            installation_owner: owner.to_owned(),
            installation_id: installation.to_owned(),
            private_key: "KEY\n".into(),
            base_url: String::new(),
        }
    }

    #[test]
    fn an_installation_is_named_in_one_way() {
        let secret = github_app(&metadata(), &app("1", "org", "")).unwrap();
        assert_eq!(secret.expose()["type"], "Opaque");
        assert_eq!(
            secret.expose()["stringData"],
            json!({
                "githubAppID": "1",
                "githubAppInstallationOwner": "org",
                "githubAppPrivateKey": "KEY\n",
            })
        );
        for (app, want) in [
            (app("", "org", ""), "githubAppID is required"),
            (app("1", "", ""), "exactly one of"),
            (app("1", "org", "2"), "exactly one of"),
        ] {
            let error = github_app(&metadata(), &app).unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
