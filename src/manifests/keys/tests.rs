//! Keys are made, written, read back and refused.

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use russh::keys::ssh_key::LineEnding;

use super::*;

fn rng() -> StdRng {
    StdRng::seed_from_u64(7)
}

fn specs() -> [KeySpec; 5] {
    [
        KeySpec::Ed25519,
        KeySpec::Ecdsa(EcdsaCurve::P256),
        KeySpec::Ecdsa(EcdsaCurve::P384),
        KeySpec::Ecdsa(EcdsaCurve::P521),
        KeySpec::Rsa("1024".parse().unwrap()),
    ]
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn refusal(text: &str, passphrase: Option<&str>) -> String {
    let passphrase = passphrase.map(secret);
    KeyPair::read(secret(text), passphrase.as_ref())
        .unwrap_err()
        .to_string()
}

/// A key in OpenSSH's own format, under `passphrase` where one is given.
fn openssh(passphrase: Option<&str>) -> String {
    let data = KeypairData::Ed25519(Ed25519Keypair::random(&mut rng()));
    let key = PrivateKey::new(data, "a comment").unwrap();
    let key = match passphrase {
        Some(passphrase) => key.encrypt(&mut rng(), passphrase).unwrap(),
        None => key,
    };
    key.to_openssh(LineEnding::LF).unwrap().to_string()
}

#[test]
fn generated_keys_read_back_as_themselves() {
    for spec in specs() {
        let made = KeyPair::generate(spec, &mut rng()).unwrap();
        let read = KeyPair::read(made.private_key().clone(), None).unwrap();
        assert_eq!(read.public_key(), made.public_key(), "{spec:?}");
        let text = made.private_key().expose_secret();
        assert!(text.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        assert!(text.ends_with("\n-----END PRIVATE KEY-----\n"));
        assert!(text.lines().all(|line| line.len() <= 64));
    }
}

/// The example of RFC 8410, section 10.3.
#[test]
fn an_ed25519_key_is_written_as_the_standard_shows() {
    let seed = [
        0xd4, 0xee, 0x72, 0xdb, 0xf9, 0x13, 0x58, 0x4a, 0xd5, 0xb6, 0xd8, 0xf1, 0xf7, 0x69, 0xf8,
        0xad, 0x3a, 0xfe, 0x7c, 0x28, 0xcb, 0xf1, 0xd4, 0xfb, 0xe0, 0x97, 0xa8, 0x8f, 0x44, 0x75,
        0x58, 0x42,
    ];
    let data = KeypairData::Ed25519(Ed25519Keypair::from_seed(&seed));
    let key = PrivateKey::new(data, "").unwrap();
    assert_eq!(
        pem("PRIVATE KEY", &pkcs8_der(&key).unwrap()).expose_secret(),
        "-----BEGIN PRIVATE KEY-----\n\
         MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
         -----END PRIVATE KEY-----\n"
    );
}

#[test]
fn public_keys_are_one_line_without_a_comment() {
    let kinds = [
        "ssh-ed25519",
        "ecdsa-sha2-nistp256",
        "ecdsa-sha2-nistp384",
        "ecdsa-sha2-nistp521",
        "ssh-rsa",
    ];
    for (spec, kind) in specs().into_iter().zip(kinds) {
        let pair = KeyPair::generate(spec, &mut rng()).unwrap();
        let line = pair.public_key().strip_suffix('\n').unwrap();
        assert_eq!(line.split(' ').next(), Some(kind));
        assert_eq!(line.split(' ').count(), 2);
        PublicKey::from_openssh(line).unwrap();
    }
}

#[test]
fn the_generator_decides_the_key() {
    let first = KeyPair::generate(KeySpec::Ed25519, &mut rng()).unwrap();
    let again = KeyPair::generate(KeySpec::Ed25519, &mut rng()).unwrap();
    let other = KeyPair::generate(KeySpec::Ed25519, &mut StdRng::seed_from_u64(8)).unwrap();
    assert_eq!(first.public_key(), again.public_key());
    assert_ne!(first.public_key(), other.public_key());
}

#[test]
fn flags_choose_the_parameter_of_their_algorithm() {
    let bits = "3072".parse().unwrap();
    let of = |algorithm| KeySpec::new(algorithm, EcdsaCurve::P521, bits);
    assert_eq!(of(KeyAlgorithm::Ed25519), KeySpec::Ed25519);
    assert_eq!(of(KeyAlgorithm::Ecdsa), KeySpec::Ecdsa(EcdsaCurve::P521));
    assert_eq!(of(KeyAlgorithm::Rsa), KeySpec::Rsa(bits));
}

#[test]
fn a_key_keeps_its_text_and_loses_its_comment() {
    let text = openssh(None);
    let pair = KeyPair::read(secret(&text), None).unwrap();
    assert_eq!(pair.private_key().expose_secret(), text);
    assert!(!pair.public_key().contains("comment"));
}

#[test]
fn passphrases_must_fit() {
    let locked = openssh(Some("open sesame"));
    let passphrase = secret("open sesame");
    let pair = KeyPair::read(secret(&locked), Some(&passphrase)).unwrap();
    assert_eq!(pair.private_key().expose_secret(), locked);
    assert_eq!(
        refusal(&locked, None),
        "ssh: this private key is passphrase protected"
    );
    assert_eq!(
        refusal(&locked, Some("wrong")),
        "x509: decryption password incorrect"
    );
    assert_eq!(
        refusal(&openssh(None), Some("x")),
        "ssh: key is not password protected"
    );
}

#[test]
fn line_ends_and_surroundings_do_not_matter() {
    let text = openssh(None).replace('\n', "\r\n");
    let pair = KeyPair::read(secret(&format!("a note\r\n{text}\r\n\r\n")), None).unwrap();
    let plain = KeyPair::read(secret(&openssh(None)), None).unwrap();
    assert_eq!(pair.public_key(), plain.public_key());
}

#[test]
fn what_is_no_key_is_refused() {
    let block = |label: &str| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n");
    assert_eq!(refusal("hello", None), "ssh: no key found");
    assert_eq!(
        refusal(&block("CERTIFICATE"), None),
        "ssh: unsupported key type \"CERTIFICATE\""
    );
    assert_eq!(
        refusal(&block("DSA PRIVATE KEY"), None),
        "ssh: unsupported key type \"DSA PRIVATE KEY\""
    );
    assert!(refusal(&block("PRIVATE KEY"), None).contains("cannot be read"));
    assert!(refusal(&block("OPENSSH PRIVATE KEY"), None).contains("cannot be read"));
}

#[test]
fn the_private_key_is_not_in_the_debug_text() {
    let pair = KeyPair::generate(KeySpec::Ed25519, &mut rng()).unwrap();
    let shown = format!("{pair:?}");
    let line = pair.private_key().expose_secret().lines().nth(1).unwrap();
    assert!(!shown.contains(line) && shown.contains(pair.public_key().trim_end()));
}
