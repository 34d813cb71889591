//! Texts out of a fixed list, as Rust enums.

/// Declares a text field's possible values as an enum.
///
/// Each variant names its text. The enum reads and writes that text (serde, `Display`, `FromStr`),
/// lists all of them in `ALL`, and its schema is a string limited to them, in the order given:
/// the order is part of the CRD.
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $(#[$variant_meta:meta])* $variant:ident = $text:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd,
            ::serde::Deserialize, ::serde::Serialize,
        )]
        pub enum $name {
            $( $(#[$variant_meta])* #[serde(rename = $text)] $variant, )+
        }

        impl $name {
            /// Every value, in the order of the CRD.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The text that stands for this value in the API.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $text, )+
                }
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl ::std::str::FromStr for $name {
            type Err = $crate::UnknownChoice;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $( $text => Ok(Self::$variant), )+
                    _ => Err($crate::UnknownChoice {
                        given: text.to_owned(),
                        choices: &[$( $text, )+],
                    }),
                }
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "enum": [$( $text, )+] })
            }
        }
    };
}

pub(crate) use choices;

/// A text that is none of the values its field can take.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnknownChoice {
    /// The text as given.
    pub given: String,
    /// The texts that are possible.
    pub choices: &'static [&'static str],
}

impl std::fmt::Display for UnknownChoice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{:?} is none of: {}",
            self.given,
            self.choices.join(", ")
        )
    }
}

impl std::error::Error for UnknownChoice {}
