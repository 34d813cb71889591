//! SSH signatures in the form of OpenSSH's PROTOCOL.sshsig, under Git's namespace.

use russh::keys::PrivateKey;
use russh::keys::ssh_key::{HashAlg, LineEnding};
use secrecy::SecretString;

use crate::error::{Error, Result};
use crate::manifests::keys;

/// What Git signs under.
const NAMESPACE: &str = "git";

/// A key that signs.
pub(super) struct Key(PrivateKey);

impl Key {
    pub(super) fn read(text: &SecretString, passphrase: Option<&SecretString>) -> Result<Self> {
        keys::decode(text, passphrase)
            .map(Key)
            .map_err(|error| error.context("invalid SSH signing key"))
    }

    pub(super) fn sign(&self, payload: &str) -> Result<String> {
        let failed = |error| Error::failed("the commit cannot be signed").caused_by(error);
        self.0
            .sign(NAMESPACE, HashAlg::Sha512, payload.as_bytes())
            .and_then(|signature| signature.to_pem(LineEnding::LF))
            .map_err(failed)
    }

    pub(super) fn describe(&self) -> String {
        let algorithm = self.0.algorithm();
        format!(
            "SSH key {} {algorithm}",
            self.0.fingerprint(HashAlg::Sha256)
        )
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng as _;
    use russh::keys::ssh_key::SshSig;

    use super::*;
    use crate::flags::{EcdsaCurve, RsaKeyBits};
    use crate::manifests::keys::{KeyPair, KeySpec};

    #[test]
    fn signatures_verify_under_gits_namespace() {
        let mut rng = rand::rngs::StdRng::seed_from_u64(7);
        let specs = [
            KeySpec::Ed25519,
            KeySpec::Ecdsa(EcdsaCurve::P256),
            KeySpec::Rsa(RsaKeyBits::default()),
        ];
        for spec in specs {
            let pair = KeyPair::generate(spec, &mut rng).unwrap();
            let key = Key::read(pair.private_key(), None).unwrap();
            let text = key.sign("tree x\n").unwrap();
            assert!(
                text.starts_with("-----BEGIN SSH SIGNATURE-----\n"),
                "{text}"
            );
            let signature = SshSig::from_pem(&text).unwrap();
            let public = key.0.public_key();
            assert!(public.verify("git", b"tree x\n", &signature).is_ok());
            assert!(public.verify("git", b"tree y\n", &signature).is_err());
        }
    }

    #[test]
    fn what_is_no_key_is_told() {
        let Err(error) = Key::read(&"nothing".into(), None) else {
            panic!("accepted");
        };
        assert!(error.to_string().starts_with("invalid SSH signing key: "));
    }
}
