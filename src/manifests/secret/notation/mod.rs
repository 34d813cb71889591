//! The Secret that says whose signatures count: certificates and Notation's trust policy.

mod names;
mod policy;
mod scopes;

use serde_json::Map;

pub use policy::{PolicyError, check as check_policy};

use super::{Metadata, SecretObject, object, put};

/// The key of the trust policy.
const TRUST_POLICY: &str = "trustpolicy.json";

/// A certificate whose signatures count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedCertificate {
    /// The key that it is stored under: a file's name.
    pub name: String,
    /// The certificate, PEM.
    pub pem: String,
}

/// The Secret with `certificates` and the policy that says what they are good for. The policy is
/// stored as it is; [`check_policy`] says whether the controller will take it.
pub fn notation(
    metadata: &Metadata,
    certificates: &[TrustedCertificate],
    policy: &str,
) -> SecretObject {
    let mut data = Map::new();
    for certificate in certificates {
        put(&mut data, &certificate.name, &certificate.pem);
    }
    if !policy.is_empty() {
        put(&mut data, TRUST_POLICY, policy);
    }
    object(metadata, None, data)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::metadata;
    use super::*;

    #[test]
    fn each_certificate_has_its_files_name() {
        let certificate = TrustedCertificate {
            name: "ca.pem".to_owned(),
            pem: "PEM".to_owned(),
        };
        let secret = notation(&metadata(), &[certificate], "{}");
        assert!(secret.expose().get("type").is_none());
        assert_eq!(
            secret.expose()["stringData"],
            json!({"ca.pem": "PEM", "trustpolicy.json": "{}"})
        );
    }
}
