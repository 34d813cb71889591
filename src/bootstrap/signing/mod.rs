//! Signatures of commits. Pure: keys come in as text, signatures go out as text.

mod gpg;
mod ssh;

use std::fmt;

use secrecy::SecretString;

use crate::error::Result;

/// What signs commits.
pub struct Signer(Key);

enum Key {
    Gpg(Box<gpg::Key>),
    Ssh(Box<ssh::Key>),
}

impl Signer {
    /// The key of a GPG key ring, binary or armored: the one of `id` (16 hexadecimal digits), or
    /// the first.
    ///
    /// # Errors
    /// When there is no such key, it has no private half, or the passphrase does not open it.
    pub fn gpg(ring: &[u8], id: &str, passphrase: &SecretString) -> Result<Self> {
        gpg::Key::select(ring, id, passphrase).map(|key| Signer(Key::Gpg(Box::new(key))))
    }

    /// An SSH private key.
    ///
    /// # Errors
    /// When the text is no key, or the passphrase does not open it.
    pub fn ssh(text: &SecretString, passphrase: Option<&SecretString>) -> Result<Self> {
        ssh::Key::read(text, passphrase).map(|key| Signer(Key::Ssh(Box::new(key))))
    }

    /// The armored signature of a commit, as Git stores it.
    ///
    /// # Errors
    /// When the key cannot sign.
    pub fn sign(&self, payload: &str) -> Result<String> {
        match &self.0 {
            Key::Gpg(key) => key.sign(payload),
            Key::Ssh(key) => key.sign(payload),
        }
    }

    /// How the key is named in status lines.
    pub fn describe(&self) -> String {
        match &self.0 {
            Key::Gpg(key) => key.describe(),
            Key::Ssh(key) => key.describe(),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.describe()).finish()
    }
}
