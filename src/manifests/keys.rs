//! SSH key pairs: making new ones and reading those that users bring.
//!
//! A new private key is PKCS #8 in PEM and a public key is one line as in `authorized_keys`: what
//! the controllers read and what flux leaves in its Secrets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::CryptoRng;
use russh::keys::ssh_key::private::{EcdsaKeypair, Ed25519Keypair, KeypairData, RsaKeypair};
use russh::keys::ssh_key::{self, PublicKey};
use russh::keys::{self, PrivateKey, decode_secret_key, pkcs8};
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};

use crate::error::{Error, Result};
use crate::flags::{EcdsaCurve, KeyAlgorithm, RsaKeyBits};

/// What a PEM block in OpenSSH's own format says it is.
const OPENSSH: &str = "OPENSSH PRIVATE KEY";
/// What PEM blocks that can be read say they are.
const LABELS: [&str; 4] = [OPENSSH, "RSA PRIVATE KEY", "EC PRIVATE KEY", "PRIVATE KEY"];

/// A private key and what the other side is given of it.
#[derive(Debug, Clone)]
pub struct KeyPair {
    private_key: SecretString,
    public_key: String,
}

/// What kind of key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeySpec {
    /// Ed25519.
    Ed25519,
    /// ECDSA on a curve.
    Ecdsa(EcdsaCurve),
    /// RSA of a size.
    Rsa(RsaKeyBits),
}

impl KeySpec {
    /// The key that the flags ask for: each algorithm takes the parameter that is its own.
    pub fn new(algorithm: KeyAlgorithm, curve: EcdsaCurve, bits: RsaKeyBits) -> Self {
        match algorithm {
            KeyAlgorithm::Ed25519 => KeySpec::Ed25519,
            KeyAlgorithm::Ecdsa => KeySpec::Ecdsa(curve),
            KeyAlgorithm::Rsa => KeySpec::Rsa(bits),
        }
    }
}

impl KeyPair {
    /// Makes a key pair out of the randomness of `rng`. A large RSA key takes seconds.
    ///
    /// # Errors
    /// When the size or the curve is one that cannot be made.
    pub fn generate<R: CryptoRng + ?Sized>(spec: KeySpec, rng: &mut R) -> Result<Self> {
        let failed = |error| Error::failed("key pair generation failed").caused_by(error);
        let data = match spec {
            KeySpec::Ed25519 => KeypairData::Ed25519(Ed25519Keypair::random(rng)),
            KeySpec::Ecdsa(curve) => {
                KeypairData::Ecdsa(EcdsaKeypair::random(rng, curve_of(curve)).map_err(failed)?)
            }
            KeySpec::Rsa(bits) => {
                KeypairData::Rsa(RsaKeypair::random(rng, bits.bits()).map_err(failed)?)
            }
        };
        let key = PrivateKey::new(data, "").map_err(failed)?;
        let public_key = public_line(&key)?;
        Ok(KeyPair {
            private_key: pem("PRIVATE KEY", &pkcs8_der(&key)?),
            public_key,
        })
    }

    /// Takes a private key as it stands in a file: PKCS #1, PKCS #8, SEC 1 or OpenSSH's own
    /// format, the first and the last also under a passphrase. The text is kept as it is, so a
    /// key under a passphrase stays under it.
    ///
    /// # Errors
    /// As [`decode`].
    pub fn read(private_key: SecretString, passphrase: Option<&SecretString>) -> Result<Self> {
        let public_key = public_line(&decode(&private_key, passphrase)?)?;
        Ok(KeyPair {
            private_key,
            public_key,
        })
    }

    /// The private key as text, PEM.
    pub fn private_key(&self) -> &SecretString {
        &self.private_key
    }

    /// The public key as one line without a comment, ending in a line break.
    pub fn public_key(&self) -> &str {
        &self.public_key
    }
}

/// Reads a private key.
///
/// # Errors
/// When the text is no key, a key of a kind that the controllers cannot read, under a passphrase
/// that is wrong or missing, or under none when one is given. The text is never part of the error.
pub fn decode(text: &SecretString, passphrase: Option<&SecretString>) -> Result<PrivateKey> {
    let text = text.expose_secret();
    let label = pem_label(text).ok_or_else(|| Error::usage("ssh: no key found"))?;
    if !LABELS.contains(&label) {
        return Err(unsupported(label));
    }
    let plain = decode_secret_key(text, None);
    let old_form = text.contains("Proc-Type: 4,ENCRYPTED");
    let encrypted = old_form || matches!(plain, Err(keys::Error::KeyIsEncrypted));
    match (encrypted, passphrase) {
        (true, None) => Err(
            Error::usage("ssh: this private key is passphrase protected")
                .hint("give the passphrase of the key, or a key without one"),
        ),
        (true, Some(_)) if old_form && !is_readable_when_encrypted(label, text) => Err(
            Error::usage("ssh: cannot decode encrypted private keys of this format")
                .hint("convert the key to OpenSSH's own format: ssh-keygen -p -f FILE"),
        ),
        (true, Some(passphrase)) => decode_secret_key(text, Some(passphrase.expose_secret()))
            .map_err(|_| Error::usage("x509: decryption password incorrect")),
        (false, Some(_)) => Err(Error::usage(if label == OPENSSH {
            "ssh: key is not password protected"
        } else {
            "ssh: not an encrypted key"
        })
        .hint("leave the passphrase out")),
        (false, None) => plain
            .map_err(|error| Error::usage("ssh: the private key cannot be read").caused_by(error)),
    }
}

/// Of keys in the old encrypted form, those that can be read: RSA under AES-128, what OpenSSH
/// wrote.
fn is_readable_when_encrypted(label: &str, text: &str) -> bool {
    label == "RSA PRIVATE KEY" && text.contains("DEK-Info: AES-128-CBC,")
}

fn unsupported(label: &str) -> Error {
    let error = Error::usage(format!("ssh: unsupported key type {label:?}"));
    if label.ends_with("PRIVATE KEY") {
        error.hint(
            "the controllers read RSA, ECDSA and Ed25519 keys; \
             under a passphrase, in OpenSSH's own format",
        )
    } else {
        error
    }
}

/// What the first PEM block of `text` says it is.
fn pem_label(text: &str) -> Option<&str> {
    text.lines().find_map(|line| {
        line.trim_end()
            .strip_prefix("-----BEGIN ")?
            .strip_suffix("-----")
    })
}

fn curve_of(curve: EcdsaCurve) -> ssh_key::EcdsaCurve {
    match curve {
        EcdsaCurve::P256 => ssh_key::EcdsaCurve::NistP256,
        EcdsaCurve::P384 => ssh_key::EcdsaCurve::NistP384,
        EcdsaCurve::P521 => ssh_key::EcdsaCurve::NistP521,
    }
}

fn public_line(key: &PrivateKey) -> Result<String> {
    let bare = PublicKey::new(key.public_key().key_data().clone(), "");
    let mut line = bare
        .to_openssh()
        .map_err(|error| Error::failed("the public key cannot be written").caused_by(error))?;
    line.push('\n');
    Ok(line)
}

/// The key as a PKCS #8 structure of version 1, which all readers know.
fn pkcs8_der(key: &PrivateKey) -> Result<SecretSlice<u8>> {
    /// All of the structure of an Ed25519 key but the key (RFC 8410, section 7).
    const ED25519_HEAD: [u8; 16] = [
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    let der = match key.key_data() {
        KeypairData::Ed25519(pair) => [&ED25519_HEAD[..], pair.private.as_ref()].concat(),
        _ => pkcs8::encode_pkcs8(key)
            .map_err(|error| Error::failed("the private key cannot be written").caused_by(error))?,
    };
    Ok(SecretSlice::from(der))
}

/// A PEM block, 64 columns wide.
fn pem(label: &str, der: &SecretSlice<u8>) -> SecretString {
    const COLUMNS: usize = 64;
    let encoded = SecretString::from(STANDARD.encode(der.expose_secret()));
    let mut rest = encoded.expose_secret();
    let begin = format!("-----BEGIN {label}-----\n");
    let end = format!("-----END {label}-----\n");
    // Exactly the room it takes: text that grows or shrinks leaves copies of secrets behind.
    let breaks = rest.len().div_ceil(COLUMNS);
    let mut text = String::with_capacity(begin.len() + rest.len() + breaks + end.len());
    text.push_str(&begin);
    while !rest.is_empty() {
        let (line, after) = rest.split_at(rest.len().min(COLUMNS));
        text.push_str(line);
        text.push('\n');
        rest = after;
    }
    text.push_str(&end);
    SecretString::from(text)
}

#[cfg(test)]
mod tests;
