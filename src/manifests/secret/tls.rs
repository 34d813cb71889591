//! The Secret with certificates and a private key for TLS, checked as Go's `tls.X509KeyPair` does.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use russh::keys::PrivateKey;
use secrecy::{ExposeSecret as _, SecretSlice, SecretString};
use serde_json::Map;

use super::super::keys;
use super::{CA_CRT, Metadata, OPAQUE_TYPE, SecretObject, object, put};
use crate::error::{Error, Result};

const TLS_CRT: &str = "tls.crt";
const TLS_KEY: &str = "tls.key";
const TLS_TYPE: &str = "kubernetes.io/tls";

const CERTIFICATE: &str = "CERTIFICATE";
const PRIVATE_KEY: &str = "PRIVATE KEY";

/// What is needed for TLS, each part PEM. An empty one stands for none.
#[derive(Debug, Clone, Default)]
pub struct TlsFiles {
    /// The client's certificate, and those that lead from it to an authority.
    pub certificate: Option<String>,
    /// The private key of the first certificate.
    pub private_key: Option<SecretString>,
    /// The authorities to trust.
    pub authorities: Option<String>,
}

impl TlsFiles {
    fn certificate(&self) -> Option<&str> {
        self.certificate.as_deref().filter(|t| !t.is_empty())
    }

    fn private_key(&self) -> Option<&SecretString> {
        let key = self.private_key.as_ref();
        key.filter(|k| !k.expose_secret().is_empty())
    }

    pub(super) fn authorities(&self) -> Option<&str> {
        self.authorities.as_deref().filter(|t| !t.is_empty())
    }

    /// Whether there is a certificate or a key of the client's own.
    pub(super) fn has_client_part(&self) -> bool {
        self.certificate().is_some() || self.private_key().is_some()
    }
}

/// The Secret of `files`.
///
/// # Errors
/// When a certificate comes without its key or the other way round, when they do not belong
/// together, and when there is nothing at all. The key is never part of the error.
pub fn tls(metadata: &Metadata, files: &TlsFiles) -> Result<SecretObject> {
    let mut data = Map::new();
    let kind = match (files.certificate(), files.private_key()) {
        (Some(certificate), Some(key)) => {
            check_pair(certificate, key.expose_secret()).map_err(|why| {
                Error::usage(format!("invalid TLS certificate and key pair: {why}"))
            })?;
            put(&mut data, TLS_CRT, certificate);
            put(&mut data, TLS_KEY, key.expose_secret());
            TLS_TYPE
        }
        (Some(_), None) => return Err(Error::usage("found certificate but missing private key")),
        (None, Some(_)) => return Err(Error::usage("found private key but missing certificate")),
        (None, None) => OPAQUE_TYPE,
    };
    if let Some(authorities) = files.authorities() {
        put(&mut data, CA_CRT, authorities);
    }
    if data.is_empty() {
        return Err(Error::usage(
            "no CA certificate or client certificate pair found",
        ));
    }
    Ok(object(metadata, Some(kind), data))
}

/// Checks that the first certificate is of the first private key.
fn check_pair(certificates: &str, key: &str) -> Result<(), String> {
    let certificate = first_certificate(certificates)?;
    let key = first_key(key)?;
    let info = public_key_info(certificate.der.expose_secret())?;
    let public = PublicKey::read(info).ok_or("tls: unknown public key algorithm")?;
    let private = private_key(&key)?;
    let private = private.public_key();
    if public.algorithm != Algorithm::of(&private.algorithm()) {
        return Err("tls: private key type does not match public key type".to_owned());
    }
    if private.to_bytes().ok() != Some(public.ssh_form) {
        return Err("tls: private key does not match public key".to_owned());
    }
    Ok(())
}

fn first_certificate(text: &str) -> Result<Block<'_>, String> {
    let mut others = Vec::new();
    for block in blocks(text) {
        if block.label == CERTIFICATE {
            return Ok(block);
        }
        others.push(block.label);
    }
    Err(match &others[..] {
        [] => "tls: failed to find any PEM data in certificate input".to_owned(),
        [label] if label.ends_with(PRIVATE_KEY) => {
            "tls: failed to find certificate PEM data in certificate input, but did find a \
             private key; PEM inputs may have been switched"
                .to_owned()
        }
        labels => format!(
            "tls: failed to find \"CERTIFICATE\" PEM block in certificate input after skipping \
             PEM blocks of the following types: [{}]",
            labels.join(" ")
        ),
    })
}

fn first_key(text: &str) -> Result<Block<'_>, String> {
    let mut others = Vec::new();
    for block in blocks(text) {
        if block.label == PRIVATE_KEY || block.label.ends_with(" PRIVATE KEY") {
            return Ok(block);
        }
        others.push(block.label);
    }
    Err(match &others[..] {
        [] => "tls: failed to find any PEM data in key input".to_owned(),
        [CERTIFICATE] => {
            "tls: found a certificate rather than a key in the PEM for the private key".to_owned()
        }
        labels => format!(
            "tls: failed to find PEM block with type ending in \"PRIVATE KEY\" in key input after \
             skipping PEM blocks of the following types: [{}]",
            labels.join(" ")
        ),
    })
}

/// Reads a key in any of the three forms that TLS knows, whatever its block says that it is.
fn private_key(block: &Block<'_>) -> Result<PrivateKey, String> {
    [PRIVATE_KEY, "RSA PRIVATE KEY", "EC PRIVATE KEY"]
        .iter()
        .find_map(|label| keys::decode(&block.pem(label), None).ok())
        .ok_or_else(|| "tls: failed to parse private key".to_owned())
}

/// One block of PEM.
struct Block<'a> {
    /// What it says it is.
    label: &'a str,
    /// What it holds.
    der: SecretSlice<u8>,
}

impl<'a> Block<'a> {
    /// Takes what stands between the lines of dashes: headers, if any, and base64.
    fn read(label: &'a str, body: &str) -> Option<Self> {
        let lines = body.lines().skip_while(|line| line.contains(':'));
        let base64: String = lines
            .flat_map(|line| line.chars().filter(|c| !c.is_whitespace()))
            .collect();
        let base64 = SecretString::from(base64);
        let der = STANDARD.decode(base64.expose_secret()).ok()?;
        Some(Block {
            label,
            der: der.into(),
        })
    }

    /// The block under another label.
    fn pem(&self, label: &str) -> SecretString {
        let base64 = SecretString::from(STANDARD.encode(self.der.expose_secret()));
        let base64 = base64.expose_secret();
        format!("-----BEGIN {label}-----\n{base64}\n-----END {label}-----\n").into()
    }
}

/// The blocks of PEM in `text`, which may hold other lines between them.
fn blocks(text: &str) -> impl Iterator<Item = Block<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        loop {
            let from = &rest[start_of_line(rest, "-----BEGIN ")?..];
            let head = from.lines().next()?;
            rest = &from[head.len()..];
            let label = head.trim_end().strip_prefix("-----BEGIN ");
            let Some(label) = label.and_then(|l| l.strip_suffix("-----")) else {
                continue;
            };
            let end = format!("-----END {label}-----");
            let Some(close) = start_of_line(rest, &end) else {
                continue;
            };
            // What does not decode is no block; another may begin inside of it.
            if let Some(block) = Block::read(label, rest[..close].trim_start()) {
                rest = &rest[close + end.len()..];
                return Some(block);
            }
        }
    })
}

/// Where the first line of `text` begins that begins with `what`.
fn start_of_line(text: &str, what: &str) -> Option<usize> {
    text.match_indices(what)
        .map(|(at, _)| at)
        .find(|&at| at == 0 || text.as_bytes()[at - 1] == b'\n')
}

/// Which algorithm a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Rsa,
    Ecdsa,
    Ed25519,
    Other,
}

impl Algorithm {
    fn of(algorithm: &russh::keys::Algorithm) -> Self {
        match algorithm {
            russh::keys::Algorithm::Rsa { .. } => Algorithm::Rsa,
            russh::keys::Algorithm::Ecdsa { .. } => Algorithm::Ecdsa,
            russh::keys::Algorithm::Ed25519 => Algorithm::Ed25519,
            _ => Algorithm::Other,
        }
    }
}

/// A certificate's public key.
struct PublicKey {
    algorithm: Algorithm,
    /// The key as SSH sends it (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4), which is how the
    /// library gives a private key's public half.
    ssh_form: Vec<u8>,
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` (RFC 5280 §4.1).
    fn read(info: &[u8]) -> Option<Self> {
        let (algorithm, bits) = take(info, SEQUENCE)?;
        let (oid, parameters) = take(algorithm, OID)?;
        let (bits, _) = take(bits, BIT_STRING)?;
        // The first byte counts the bits of the last one that are not used: none.
        let key = bits.strip_prefix(&[0])?;
        let (algorithm, parts) = match oid {
            OID_RSA => {
                let (numbers, _) = take(key, SEQUENCE)?;
                let (modulus, rest) = take(numbers, INTEGER)?;
                let (exponent, _) = take(rest, INTEGER)?;
                (Algorithm::Rsa, vec![&b"ssh-rsa"[..], exponent, modulus])
            }
            OID_EC => {
                let (curve, _) = take(parameters, OID)?;
                let (name, curve) = match curve {
                    OID_P256 => (&b"ecdsa-sha2-nistp256"[..], &b"nistp256"[..]),
                    OID_P384 => (&b"ecdsa-sha2-nistp384"[..], &b"nistp384"[..]),
                    OID_P521 => (&b"ecdsa-sha2-nistp521"[..], &b"nistp521"[..]),
                    _ => return None,
                };
                (Algorithm::Ecdsa, vec![name, curve, key])
            }
            OID_ED25519 => (Algorithm::Ed25519, vec![&b"ssh-ed25519"[..], key]),
            _ => return None,
        };
        let mut ssh_form = Vec::new();
        for part in parts {
            ssh_form.extend(u32::try_from(part.len()).ok()?.to_be_bytes());
            ssh_form.extend(part);
        }
        Some(PublicKey {
            algorithm,
            ssh_form,
        })
    }
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
/// The version of a certificate, which the first version leaves out.
const VERSION: u8 = 0xa0;

const OID_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const OID_EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const OID_P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const OID_P384: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
const OID_P521: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x23];
const OID_ED25519: &[u8] = &[0x2b, 0x65, 0x70];

/// The content of a certificate's `SubjectPublicKeyInfo` (RFC 5280 §4.1).
fn public_key_info(der: &[u8]) -> Result<&[u8], String> {
    let malformed = || "x509: malformed certificate".to_owned();
    let (certificate, after) = take(der, SEQUENCE).ok_or_else(malformed)?;
    if !after.is_empty() {
        return Err("x509: trailing data".to_owned());
    }
    public_key_info_of(certificate).ok_or_else(malformed)
}

fn public_key_info_of(certificate: &[u8]) -> Option<&[u8]> {
    let (signed, _) = take(certificate, SEQUENCE)?;
    let mut rest = match take(signed, VERSION) {
        Some((_, rest)) => rest,
        None => signed,
    };
    // Its number, the signature's algorithm, the issuer, the time it is valid, the subject.
    for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
        (_, rest) = take(rest, tag)?;
    }
    take(rest, SEQUENCE).map(|(info, _)| info)
}

/// Splits the first element off DER, which must have that tag: its content, and what follows it.
fn take(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&found, rest) = der.split_first()?;
    let (&short, rest) = rest.split_first()?;
    let (length, rest) = match short {
        0..=0x7f => (usize::from(short), rest),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(usize::from(short - 0x80))?;
            let length = bytes.iter().fold(0, |n, b| n << 8 | usize::from(*b));
            (length, rest)
        }
        _ => return None,
    };
    let split = rest.split_at_checked(length)?;
    (found == tag).then_some(split)
}

#[cfg(test)]
mod tests;
