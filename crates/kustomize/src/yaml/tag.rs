//! What tags such as `!!str` make of scalars.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use granit_parser::Tag;

use super::scalar::{Dialect, Scalar};

const CORE: &str = "tag:yaml.org,2002:";

/// Whether a plain `<<` with this tag merges.
pub(super) fn allows_merge(tag: Option<&Tag>) -> bool {
    tag.is_none_or(|tag| tag.suffix_in_namespace(CORE).as_deref() == Some("merge"))
}

fn is_bare(tag: &Tag) -> bool {
    format!("{}{}", tag.handle(), tag.suffix()) == "!"
}

/// The text and the meaning of a scalar.
///
/// # Errors
///
/// When the text can't be what its tag says.
pub(super) fn resolve(
    dialect: Dialect,
    text: String,
    plain: bool,
    tag: Option<&Tag>,
) -> Result<(String, Scalar), String> {
    // kustomize takes the tag `!` for none.
    let tag = tag.filter(|tag| dialect != Dialect::Resource || !is_bare(tag));
    let name = tag.and_then(|tag| tag.suffix_in_namespace(CORE));
    let scalar = match (tag, name.as_deref()) {
        (None, _) if plain => dialect.resolve(&text),
        (_, Some(name @ ("bool" | "int" | "float" | "null" | "timestamp"))) => {
            tagged(dialect, &text, name)?
        }
        (_, Some("binary")) => return binary(&text),
        _ => Scalar::Text,
    };
    match scalar {
        Scalar::Float(value) if !value.is_finite() => {
            Err(format!("{text} has no equivalent in JSON"))
        }
        // go-yaml v2 keeps timestamps as texts.
        Scalar::Timestamp if dialect == Dialect::Kubernetes => Ok((text, Scalar::Text)),
        _ => Ok((text, scalar)),
    }
}

fn tagged(dialect: Dialect, text: &str, name: &str) -> Result<Scalar, String> {
    let scalar = dialect.resolve(text);
    #[expect(clippy::cast_precision_loss, reason = "the tag asks for a float")]
    let resolved = match (name, scalar) {
        ("float", Scalar::Int(value)) => Scalar::Float(i128::from(value) as f64),
        _ => scalar,
    };
    let found = match resolved {
        Scalar::Null | Scalar::Blank => "null",
        Scalar::Bool(_) => "bool",
        Scalar::Int(_) => "int",
        Scalar::Float(_) => "float",
        Scalar::Timestamp => "timestamp",
        Scalar::Text => "str",
    };
    if found == name {
        Ok(resolved)
    } else {
        Err(format!("cannot decode !!{found} `{text}` as a !!{name}"))
    }
}

fn binary(text: &str) -> Result<(String, Scalar), String> {
    let packed: String = text.split_ascii_whitespace().collect();
    let bytes = STANDARD
        .decode(packed)
        .map_err(|_| "!!binary value contains invalid base64 data".to_owned())?;
    Ok((String::from_utf8_lossy(&bytes).into_owned(), Scalar::Text))
}
