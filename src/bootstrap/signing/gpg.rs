//! OpenPGP signatures.

use pgp::composed::{ArmorOptions, DetachedSignature, PublicOrSecret, SignedSecretKey};
use pgp::crypto::hash::HashAlgorithm;
use pgp::packet::{SignatureConfig, SignatureType, Subpacket, SubpacketData};
use pgp::types::{KeyDetails as _, KeyVersion, Password, Timestamp};
use secrecy::{ExposeSecret as _, SecretString};

use crate::error::{Error, Result};

/// How many digits the number of a key has.
const ID_DIGITS: usize = 16;

/// A key that signs.
pub(super) struct Key {
    key: SignedSecretKey,
    passphrase: SecretString,
}

impl Key {
    /// Picks a key of the ring: the one of `id`, or the first.
    pub(super) fn select(ring: &[u8], id: &str, passphrase: &SecretString) -> Result<Self> {
        select(read(ring)?, id)
            .and_then(|key| unlock(key, passphrase))
            .map_err(|error| error.context("invalid GPG signing key"))
    }

    pub(super) fn sign(&self, payload: &str) -> Result<String> {
        let failed = |error| Error::failed("the commit cannot be signed").caused_by(error);
        self.signature(payload)
            .and_then(|signature| signature.to_armored_string(ArmorOptions::default()))
            .map_err(failed)
    }

    fn signature(&self, payload: &str) -> pgp::errors::Result<DetachedSignature> {
        let key = &self.key.primary_key;
        let mut config = SignatureConfig::v4(
            SignatureType::Binary,
            key.algorithm(),
            HashAlgorithm::Sha512,
        );
        config.hashed_subpackets = vec![
            Subpacket::regular(SubpacketData::IssuerFingerprint(key.fingerprint()))?,
            Subpacket::regular(SubpacketData::SignatureCreationTime(Timestamp::now()))?,
        ];
        config.unhashed_subpackets = vec![Subpacket::regular(SubpacketData::IssuerKeyId(
            key.legacy_key_id(),
        ))?];
        let signature = config.sign(key, &password(&self.passphrase), payload.as_bytes())?;
        Ok(DetachedSignature::new(signature))
    }

    pub(super) fn describe(&self) -> String {
        format!("GPG key {}", id(&self.key))
    }
}

/// The keys of a ring, armored or not; public ones stand in it as nothing that signs.
fn read(ring: &[u8]) -> Result<Vec<PublicOrSecret>> {
    let broken =
        |error| Error::usage("invalid GPG signing key: unable to read the ring").caused_by(error);
    PublicOrSecret::from_reader_many(std::io::Cursor::new(ring))
        .and_then(|(keys, _)| keys.collect())
        .map_err(broken)
}

fn select(keys: Vec<PublicOrSecret>, wanted: &str) -> Result<SignedSecretKey> {
    if keys.is_empty() {
        return Err(Error::usage("empty GPG key ring"));
    }
    let wanted = wanted.strip_prefix("0x").unwrap_or(wanted).to_lowercase();
    if wanted.is_empty() {
        return match keys.into_iter().next() {
            Some(PublicOrSecret::Secret(key)) => Ok(key),
            _ => Err(Error::usage("keyring does not contain a private key").hint(
                "export the secret key with 'gpg --export-secret-keys', or name a key with --gpg-key-id",
            )),
        };
    }
    if wanted.len() != ID_DIGITS {
        return Err(Error::usage(format!(
            "invalid GPG key id length; expected {ID_DIGITS}, got {}",
            wanted.len()
        )));
    }
    let mut public = false;
    for key in keys {
        match key {
            PublicOrSecret::Secret(key) if id(&key) == wanted => return Ok(key),
            PublicOrSecret::Public(key) => public |= key.legacy_key_id().to_string() == wanted,
            PublicOrSecret::Secret(_) => {}
        }
    }
    let wanted = wanted.to_uppercase();
    Err(Error::usage(if public {
        format!("keyring does not contain private key for key id '{wanted}'")
    } else {
        format!("no GPG keyring matching key id '{wanted}' found")
    }))
}

fn unlock(key: SignedSecretKey, passphrase: &SecretString) -> Result<Key> {
    if key.primary_key.version() != KeyVersion::V4 {
        return Err(Error::usage(
            "only OpenPGP keys of version 4 can sign commits",
        ));
    }
    let opened = key.primary_key.unlock(&password(passphrase), |_, _| Ok(()));
    match opened {
        Ok(Ok(())) => Ok(Key {
            key,
            passphrase: passphrase.clone(),
        }),
        _ => Err(Error::usage(
            "unable to decrypt GPG private key: the passphrase is wrong or missing",
        )
        .hint("give it with --gpg-passphrase")),
    }
}

fn id(key: &SignedSecretKey) -> String {
    key.primary_key.legacy_key_id().to_string()
}

fn password(passphrase: &SecretString) -> Password {
    Password::from(passphrase.expose_secret())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(ring: &[u8], id: &str) -> String {
        match Key::select(ring, id, &SecretString::default()) {
            Err(error) => error.to_string(),
            Ok(_) => panic!("accepted"),
        }
    }

    #[test]
    fn what_is_no_ring_is_told() {
        for ring in [
            &b""[..],
            b"nothing",
            b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
        ] {
            let text = refusal(ring, "");
            assert!(text.starts_with("invalid GPG signing key"), "{text}");
        }
    }
}
