//! The Secret of a webhook: the token that its caller must know.

use std::fmt::Write as _;

use rand::CryptoRng;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, json};
use sha2::{Digest as _, Sha256};

use super::{Metadata, SecretObject, object, put};

const TOKEN: &str = "token";
const EMAIL: &str = "email";
const AUDIENCE: &str = "audience";

/// The annotation that says where the webhook is.
const WEBHOOK: &str = "notification.toolkit.fluxcd.io/webhook";

/// How many random bytes make a token.
const TOKEN_BYTES: usize = 32;

/// A webhook to be.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// What its caller must know.
    pub token: SecretString,
    /// The host that notification-controller is reached at.
    pub hostname: String,
    /// What must stand in the tokens that Google's registry sends.
    pub claims: Option<GoogleClaims>,
}

/// What must stand in a token that is signed by Google.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoogleClaims {
    /// The service account's address.
    pub email: String,
    /// Whom the token is for; the webhook's own address unless given.
    pub audience: Option<String>,
}

/// Makes a token out of the randomness of `rng`.
pub fn new_token<R: CryptoRng + ?Sized>(rng: &mut R) -> SecretString {
    let mut bytes = [0; TOKEN_BYTES];
    rng.fill_bytes(&mut bytes);
    hexadecimal(&bytes).into()
}

/// The Secret of `webhook`. Its annotation gives the address at which notification-controller will
/// answer: the Receiver must have the Secret's name and be in its namespace.
pub fn receiver(metadata: &Metadata, webhook: &Webhook) -> SecretObject {
    let token = webhook.token.expose_secret();
    // What the controller's `Receiver.GetWebhookPath` computes.
    let digest = Sha256::new()
        .chain_update(token)
        .chain_update(&metadata.name)
        .chain_update(&metadata.namespace)
        .finalize();
    let address = format!(
        "https://{}/hook/{}",
        webhook.hostname,
        hexadecimal(digest.as_slice())
    );
    let mut data = Map::new();
    put(&mut data, TOKEN, token);
    if let Some(claims) = &webhook.claims {
        put(&mut data, EMAIL, &claims.email);
        let audience = claims.audience.as_deref().unwrap_or(&address);
        put(&mut data, AUDIENCE, audience);
    }
    let mut secret = object(metadata, None, data);
    secret.0["metadata"]["annotations"] = json!({ WEBHOOK: address });
    secret
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;

    use super::*;

    fn webhook(claims: Option<GoogleClaims>) -> SecretObject {
        let metadata = Metadata {
            name: "my-s".to_owned(),
            namespace: "flux-system".to_owned(),
            ..Metadata::default()
        };
        let webhook = Webhook {
            token: "t".into(),
            hostname: "flux.example.com".to_owned(),
            claims,
        };
        receiver(&metadata, &webhook)
    }

    #[test]
    fn the_address_is_the_controllers() {
        let secret = webhook(None);
        assert_eq!(
            secret.expose()["metadata"]["annotations"],
            json!({
                "notification.toolkit.fluxcd.io/webhook":
                    "https://flux.example.com/hook/6900f71333e540143e405a68598975bdbce01f343982611a4e76ab9909321e02"
            })
        );
        assert_eq!(secret.expose()["stringData"], json!({ "token": "t" }));
        assert!(secret.expose().get("type").is_none());
    }

    #[test]
    fn google_is_asked_for_the_address_unless_told_otherwise() {
        let claims = |audience: Option<&str>| GoogleClaims {
            email: "e@x".to_owned(),
            audience: audience.map(str::to_owned),
        };
        let secret = webhook(Some(claims(Some("aud"))));
        assert_eq!(secret.expose()["stringData"]["audience"], "aud");
        let secret = webhook(Some(claims(None)));
        assert_eq!(
            secret.expose()["stringData"]["audience"],
            secret.expose()["metadata"]["annotations"][WEBHOOK]
        );
    }

    #[test]
    fn a_new_token_is_32_bytes_in_hexadecimal() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(1);
        let (one, two) = (new_token(&mut rng), new_token(&mut rng));
        assert_eq!(one.expose_secret().len(), 64);
        assert!(one.expose_secret().bytes().all(|b| b.is_ascii_hexdigit()));
        assert_ne!(one.expose_secret(), two.expose_secret());
    }
}
