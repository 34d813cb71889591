//! Variables in text, as the shell has them: `${name}`, defaults, substrings, replacements, case.
//!
//! The rules are those of Flux's own substitution (`spec.postBuild` of a Kustomization), which
//! differ from the shell's in places: `${a:=b}` and `${a:+b}` are both defaults, an empty variable
//! counts as unset, lengths and offsets count bytes, and `$name` without braces is plain text.
//! `$$` stands for a dollar sign.
//!
//! Text is bytes: a substring may cut a character in two, and what comes in need not be UTF-8.
//! Pure: where values come from is the caller's business.

mod characters;
mod functions;
mod parse;
mod pattern;
mod scan;

use std::borrow::Cow;

use parse::Node;

/// What is wrong with a text that asks for variables. The messages are Flux's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// What follows the name is no substitution.
    #[error("bad substitution")]
    BadSubstitution,
    /// Neither an operator nor a brace follows the name.
    #[error("missing closing brace")]
    MissingClosingBrace,
    /// No name follows `${`.
    #[error("unable to parse variable name")]
    VariableName,
    /// An operator's argument is missing, or ends with the text.
    #[error("unable to parse substitution within function")]
    Argument,
    /// The operator of a default is not complete.
    #[error("unable to parse default function")]
    Default,
    /// A variable has no value, and the caller wanted to know.
    #[error("variable not set (strict mode): \"{0}\"")]
    NotSet(String),
    /// `${name:offset:length}` with a length below zero, which Flux does not survive.
    #[error("substring of \"{0}\" has a negative length")]
    NegativeLength(String),
    /// Substitutions inside of substitutions, beyond any reason.
    #[error("substitutions are nested too deeply")]
    TooDeep,
}

/// What a variable that has no value means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// It is empty.
    Empty,
    /// It is an error, unless there is a default.
    Refused,
}

/// Replaces the variables in `text` by what `lookup` has for their names.
///
/// # Errors
/// When the text is malformed, and with [`Missing::Refused`] when a variable has no value.
pub fn substitute<'v>(
    text: &[u8],
    lookup: &dyn Fn(&str) -> Option<Cow<'v, [u8]>>,
    missing: Missing,
) -> Result<Vec<u8>, Error> {
    let nodes = parse::parse(text)?;
    let mut out = Vec::with_capacity(text.len());
    for node in &nodes {
        evaluate(node, lookup, missing, &mut out)?;
    }
    Ok(out)
}

/// Whether the shell pattern fits the whole of `text`; a malformed one fits nothing.
pub fn fits_pattern(pattern: &[u8], text: &[u8]) -> bool {
    pattern::fits(pattern, text).unwrap_or(false)
}

fn evaluate<'v>(
    node: &Node,
    lookup: &dyn Fn(&str) -> Option<Cow<'v, [u8]>>,
    missing: Missing,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let (name, operator, arguments) = match node {
        Node::Text(text) => {
            out.extend_from_slice(text);
            return Ok(());
        }
        Node::Variable {
            name,
            operator,
            arguments,
        } => (name, operator.as_slice(), arguments),
    };
    let mut values = Vec::with_capacity(arguments.len());
    for argument in arguments {
        let mut value = Vec::new();
        evaluate(argument, lookup, missing, &mut value)?;
        values.push(value);
    }
    let value = match lookup(name) {
        Some(value) => value,
        None if missing == Missing::Empty || functions::is_default(operator) => Cow::default(),
        None => return Err(Error::NotSet(name.clone())),
    };
    let result = functions::apply(operator, &value, &values)
        .ok_or_else(|| Error::NegativeLength(name.clone()))?;
    out.extend_from_slice(&result);
    Ok(())
}

#[cfg(test)]
mod tests;
