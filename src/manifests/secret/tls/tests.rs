//! Pairs that belong together, and those that do not.

use rcgen::{CertificateParams, KeyPair, SignatureAlgorithm};

use super::super::tests::metadata;
use super::*;

/// A certificate and its key.
fn pair(algorithm: &'static SignatureAlgorithm) -> (String, String) {
    let key = KeyPair::generate_for(algorithm).unwrap();
    let params = CertificateParams::new(vec!["client".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    (certificate.pem(), key.serialize_pem())
}

fn secret(certificate: &str, key: &str, authorities: &str) -> Result<SecretObject> {
    let files = TlsFiles {
        certificate: Some(certificate.to_owned()),
        private_key: Some(key.into()),
        authorities: Some(authorities.to_owned()),
    };
    tls(&metadata(), &files)
}

fn refusal(certificate: &str, key: &str) -> String {
    let error = secret(certificate, key, "").unwrap_err().to_string();
    let prefix = "invalid TLS certificate and key pair: ";
    error.strip_prefix(prefix).unwrap_or(&error).to_owned()
}

#[test]
fn a_pair_is_stored_as_it_is() {
    for algorithm in [
        &rcgen::PKCS_ECDSA_P256_SHA256,
        &rcgen::PKCS_ECDSA_P384_SHA384,
        &rcgen::PKCS_ED25519,
    ] {
        let (certificate, key) = pair(algorithm);
        // Other lines and other blocks may stand around both.
        let certificate = format!("subject=client\n{certificate}");
        let key = format!(
            "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n{key}"
        );
        let secret = secret(&certificate, &key, "CA").unwrap();
        assert_eq!(secret.expose()["type"], "kubernetes.io/tls");
        let data = &secret.expose()["stringData"];
        assert_eq!(data["tls.crt"], certificate.as_str());
        assert_eq!(data["tls.key"], key.as_str());
        assert_eq!(data["ca.crt"], "CA");
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let (certificate, key) = pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    let (_, other) = pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    let (_, wider) = pair(&rcgen::PKCS_ECDSA_P384_SHA384);
    let (_, edwards) = pair(&rcgen::PKCS_ED25519);
    for key in [&other, &wider] {
        assert_eq!(
            refusal(&certificate, key),
            "tls: private key does not match public key"
        );
    }
    assert_eq!(
        refusal(&certificate, &edwards),
        "tls: private key type does not match public key type"
    );
    assert_eq!(
        refusal(&key, &certificate),
        "tls: failed to find certificate PEM data in certificate input, but did find a private \
         key; PEM inputs may have been switched"
    );
    assert_eq!(
        refusal(&certificate, &certificate),
        "tls: found a certificate rather than a key in the PEM for the private key"
    );
}

#[test]
fn what_is_no_pem_is_refused() {
    let (certificate, key) = pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    let block = |label: &str, body: &str| {
        format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
    };
    for (certificate, key, why) in [
        (
            "x",
            key.as_str(),
            "tls: failed to find any PEM data in certificate input",
        ),
        (
            certificate.as_str(),
            "x",
            "tls: failed to find any PEM data in key input",
        ),
        (
            &block("X", "AA==").repeat(2),
            &key,
            "the following types: [X X]",
        ),
        (
            &certificate,
            &block("X", "AA==").repeat(2),
            "the following types: [X X]",
        ),
        (
            &block("CERTIFICATE", "AA=="),
            &key,
            "x509: malformed certificate",
        ),
        (
            &certificate,
            &block("PRIVATE KEY", "AA=="),
            "tls: failed to parse private key",
        ),
        (
            &certificate,
            &block("OPENSSH PRIVATE KEY", "AA=="),
            "tls: failed to parse private key",
        ),
    ] {
        let error = refusal(certificate, key);
        assert!(error.contains(why), "{error}");
        assert!(!error.contains("AA=="), "{error}");
    }
}

#[test]
fn half_a_pair_is_none() {
    assert_eq!(
        refusal("x", ""),
        "found certificate but missing private key"
    );
    assert_eq!(
        refusal("", "x"),
        "found private key but missing certificate"
    );
    assert_eq!(
        refusal("", ""),
        "no CA certificate or client certificate pair found"
    );
    let trust = secret("", "", "CA").unwrap();
    assert_eq!(trust.expose()["type"], "Opaque");
}

#[test]
fn blocks_are_found_as_go_finds_them() {
    let (certificate, key) = pair(&rcgen::PKCS_ECDSA_P256_SHA256);
    // Nothing that ends, nothing that decodes, headers, other line ends, other labels.
    let open = format!("-----BEGIN CERTIFICATE-----\nAAAA\n{certificate}");
    let odd = format!("-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n{certificate}");
    let headed = certificate.replacen("-----\n", "-----\nA: b\n\n", 1);
    for certificate in [open, odd, headed, certificate.replace('\n', "\r\n")] {
        assert!(secret(&certificate, &key, "").is_ok(), "{certificate}");
    }
    for label in ["RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "X PRIVATE KEY"] {
        let key = key.replace("PRIVATE KEY", label);
        assert!(secret(&certificate, &key, "").is_ok(), "{label}");
    }
}
