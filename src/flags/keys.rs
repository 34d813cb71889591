//! What kind of SSH key to make.

use std::fmt;
use std::str::FromStr;

/// The algorithm of an SSH key pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// RSA.
    Rsa,
    /// ECDSA on a NIST curve.
    Ecdsa,
    /// Ed25519.
    Ed25519,
}

impl KeyAlgorithm {
    const NAMES: &str = "rsa, ecdsa, ed25519";
}

impl FromStr for KeyAlgorithm {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "rsa" => Ok(KeyAlgorithm::Rsa),
            "ecdsa" => Ok(KeyAlgorithm::Ecdsa),
            "ed25519" => Ok(KeyAlgorithm::Ed25519),
            _ if text.trim().is_empty() => Err(format!(
                "no public key algorithm given, must be one of: {}",
                KeyAlgorithm::NAMES
            )),
            _ => Err(format!(
                "unsupported public key algorithm '{text}', must be one of: {}",
                KeyAlgorithm::NAMES
            )),
        }
    }
}

impl fmt::Display for KeyAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyAlgorithm::Rsa => "rsa",
            KeyAlgorithm::Ecdsa => "ecdsa",
            KeyAlgorithm::Ed25519 => "ed25519",
        })
    }
}

/// The curve of an ECDSA key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EcdsaCurve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

impl FromStr for EcdsaCurve {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "p256" => Ok(EcdsaCurve::P256),
            "p384" => Ok(EcdsaCurve::P384),
            "p521" => Ok(EcdsaCurve::P521),
            _ => Err(format!(
                "unsupported curve '{text}', must be one of: p256, p384, p521"
            )),
        }
    }
}

impl fmt::Display for EcdsaCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EcdsaCurve::P256 => "p256",
            EcdsaCurve::P384 => "p384",
            EcdsaCurve::P521 => "p521",
        })
    }
}

/// The size of an RSA key in bits: a multiple of 8, at least 1024.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RsaKeyBits(u32);

impl RsaKeyBits {
    /// The number of bits.
    pub fn bits(self) -> usize {
        self.0 as usize
    }
}

impl Default for RsaKeyBits {
    fn default() -> Self {
        RsaKeyBits(2048)
    }
}

impl FromStr for RsaKeyBits {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Ok(RsaKeyBits::default());
        }
        let bits: u32 = text
            .parse()
            .map_err(|_| format!("strconv.Atoi: parsing {text:?}: invalid syntax"))?;
        if bits < 1024 {
            return Err("RSA key bit size must be at least 1024".to_owned());
        }
        if !bits.is_multiple_of(8) {
            return Err("RSA key bit size must be a multiples of 8".to_owned());
        }
        // Larger keys take minutes to make and no server accepts them.
        if bits > 16_384 {
            return Err("RSA key bit size must be at most 16384".to_owned());
        }
        Ok(RsaKeyBits(bits))
    }
}

impl fmt::Display for RsaKeyBits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_multiples_of_eight_from_1024() {
        assert_eq!("".parse(), Ok(RsaKeyBits(2048)));
        assert_eq!("4096".parse(), Ok(RsaKeyBits(4096)));
        for bad in ["1000", "2049", "x", "-8", "99999992"] {
            assert!(bad.parse::<RsaKeyBits>().is_err(), "{bad}");
        }
    }

    #[test]
    fn names_round_trip() {
        for name in ["rsa", "ecdsa", "ed25519"] {
            let parsed = name.parse::<KeyAlgorithm>().map(|a| a.to_string());
            assert_eq!(parsed.as_deref(), Ok(name));
        }
        for name in ["p256", "p384", "p521"] {
            let parsed = name.parse::<EcdsaCurve>().map(|c| c.to_string());
            assert_eq!(parsed.as_deref(), Ok(name));
        }
    }
}
