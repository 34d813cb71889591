//! Words from short fixed lists.

use std::fmt;
use std::str::FromStr;

macro_rules! word {
    ($(#[$doc:meta])* $name:ident, [$($word:literal),+], $none:expr, $other:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub struct $name(&'static str);

        impl $name {
            /// The words that are accepted.
            pub const WORDS: &[&str] = &[$($word),+];

            /// The word.
            pub fn as_str(self) -> &'static str {
                self.0
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                if let Some(word) = Self::WORDS.iter().find(|w| **w == text) {
                    return Ok($name(word));
                }
                if text.trim().is_empty() {
                    return Err(($none)(Self::WORDS));
                }
                Err(($other)(text, Self::WORDS))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0)
            }
        }
    };
}

pub(super) use word;

word!(
    /// How secrets in a Kustomization's files are decrypted.
    DecryptionProvider,
    ["sops"],
    |words: &[&str]| format!(
        "no decryption provider given, must be one of: {}",
        words.join(", ")
    ),
    |text: &str, words: &[&str]| format!(
        "unsupported decryption provider '{text}', must be one of: {}",
        words.join(", ")
    )
);

word!(
    /// Who authenticates to the Git server.
    GitProvider,
    ["generic", "github", "aws", "azure"],
    |_: &[&str]| "no source Git provider given, please specify the Git provider name".to_owned(),
    |text: &str, words: &[&str]| format!(
        "source Git provider '{text}' is not supported, must be one of: {}",
        words.join("|")
    )
);

word!(
    /// How much the controllers log.
    LogLevel,
    ["debug", "info", "error"],
    |words: &[&str]| format!("no log level given, must be one of: {}", words.join(", ")),
    |text: &str, words: &[&str]| format!(
        "unsupported log level '{text}', must be one of: {}",
        words.join(", ")
    )
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_are_accepted() {
        assert_eq!(
            "sops".parse::<DecryptionProvider>().map(|p| p.as_str()),
            Ok("sops")
        );
        assert_eq!(
            "foo".parse::<GitProvider>(),
            Err(
                "source Git provider 'foo' is not supported, must be one of: \
                 generic|github|aws|azure"
                    .to_owned()
            )
        );
        assert_eq!(
            "".parse::<LogLevel>(),
            Err("no log level given, must be one of: debug, info, error".to_owned())
        );
    }
}
