//! The rules of a trust policy: the Notary Project's specification, version 1.0.
//!
//! The refusals are those of the library that source-controller verifies signatures with.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{names, scopes};

/// Why a trust policy is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyError {
    /// It is not JSON of that shape.
    Malformed(String),
    /// It breaks a rule.
    Invalid(String),
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PolicyError::Malformed(why) | PolicyError::Invalid(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for PolicyError {}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document {
    #[serde(deserialize_with = "nullable")]
    version: String,
    #[serde(rename = "trustpolicies", deserialize_with = "nullable_list")]
    statements: Vec<Statement>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Statement {
    #[serde(deserialize_with = "nullable")]
    name: String,
    #[serde(rename = "registryscopes", deserialize_with = "nullable_list")]
    scopes: Vec<String>,
    #[serde(rename = "signatureverification", deserialize_with = "nullable")]
    verification: Verification,
    #[serde(rename = "truststores", deserialize_with = "nullable_list")]
    stores: Vec<String>,
    #[serde(rename = "trustedidentities", deserialize_with = "nullable_list")]
    identities: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Verification {
    #[serde(deserialize_with = "nullable")]
    level: String,
    #[serde(rename = "override", deserialize_with = "nullable")]
    actions: BTreeMap<String, String>,
    #[serde(rename = "verifytimestamp", deserialize_with = "nullable")]
    timestamp: String,
}

/// To Go `null` is a value that is not given.
fn nullable<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

fn nullable_list<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    let items: Vec<Option<T>> = nullable(deserializer)?;
    Ok(items.into_iter().map(Option::unwrap_or_default).collect())
}

/// Checks a trust policy.
///
/// # Errors
/// When it is not JSON of that shape, or breaks a rule: the first one it breaks.
pub fn check(text: &str) -> Result<(), PolicyError> {
    let document = parse(text).map_err(PolicyError::Malformed)?;
    validate(&document).map_err(PolicyError::Invalid)
}

fn parse(text: &str) -> Result<Document, String> {
    let mut value: Value = serde_json::from_str(text).map_err(|error| {
        if error.is_eof() {
            "unexpected end of JSON input".to_owned()
        } else {
            error.to_string()
        }
    })?;
    ignore_case(&mut value);
    let statements = || value["trustpolicies"].as_array().into_iter().flatten();
    let verifications = statements().map(|statement| &statement["signatureverification"]);
    // Serde would take a list for an object whose fields have no names.
    if (statements().chain(verifications).chain([&value])).any(Value::is_array) {
        return Err("a list stands where an object is expected".to_owned());
    }
    let document: Option<Document> =
        serde_json::from_value(value).map_err(|error| error.to_string())?;
    Ok(document.unwrap_or_default())
}

/// Writes the names of fields in lower case: Go does not mind their case. The keys of `override`
/// are no fields.
fn ignore_case(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, mut field) in std::mem::take(fields) {
                let key = key.to_ascii_lowercase();
                if key != "override" {
                    ignore_case(&mut field);
                }
                fields.insert(key, field);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(ignore_case),
        _ => {}
    }
}

fn validate(document: &Document) -> Result<(), String> {
    match document.version.as_str() {
        "1.0" => {}
        "" => {
            return Err(
                "trust policy document has empty version, version must be specified".to_owned(),
            );
        }
        other => {
            return Err(format!(
                "trust policy document uses unsupported version {other:?}"
            ));
        }
    }
    if document.statements.is_empty() {
        return Err("trust policy document can not have zero trust policy statements".to_owned());
    }
    let mut names = BTreeSet::new();
    for statement in &document.statements {
        if !names.insert(statement.name.as_str()) {
            return Err(format!(
                "multiple trust policy statements use the same name {:?}, statement names must be \
                 unique",
                statement.name
            ));
        }
        check_statement(statement).map_err(|why| format!("trust policy: {why}"))?;
    }
    check_scopes(&document.statements)
}

fn check_statement(statement: &Statement) -> Result<(), String> {
    let name = &statement.name;
    if name.is_empty() {
        return Err(
            "a trust policy statement is missing a name, every statement requires a name"
                .to_owned(),
        );
    }
    check_verification(&statement.verification).map_err(|why| {
        format!("trust policy statement {name:?} has invalid signatureVerification: {why}")
    })?;
    let stores = &statement.stores;
    let identities = &statement.identities;
    if statement.verification.level == "skip" {
        if stores.is_empty() && identities.is_empty() {
            return Ok(());
        }
        return Err(format!(
            "trust policy statement {name:?} is set to skip signature verification but configured \
             with trust stores and/or trusted identities, remove them if signature verification \
             needs to be skipped"
        ));
    }
    if stores.is_empty() || identities.is_empty() {
        return Err(format!(
            "trust policy statement {name:?} is either missing trust stores or trusted identities, \
             both must be specified"
        ));
    }
    for store in stores {
        check_store(name, store)?;
    }
    check_identities(name, identities)
}

fn check_verification(verification: &Verification) -> Result<(), String> {
    const TYPES: [&str; 5] = [
        "integrity",
        "authenticity",
        "authenticTimestamp",
        "expiry",
        "revocation",
    ];
    const ACTIONS: [&str; 3] = ["enforce", "log", "skip"];
    let level = verification.level.as_str();
    match level {
        "strict" | "permissive" | "audit" | "skip" => {}
        "" => {
            return Err(
                "signature verification level is empty or missing in the trust policy statement"
                    .to_owned(),
            );
        }
        other => return Err(format!("invalid signature verification level {other:?}")),
    }
    if level == "skip" && !verification.actions.is_empty() {
        return Err(format!(
            "signature verification level {level:?} can't be used to customize signature \
             verification"
        ));
    }
    for (kind, action) in &verification.actions {
        let unsupported = |what: &str, word: &str, words: &[&str]| {
            let words: Vec<String> = words.iter().map(|w| format!("{w:?}")).collect();
            format!(
                "verification {what} {word:?} in custom signature verification is not supported, \
                 supported values are [{}]",
                words.join(" ")
            )
        };
        if !TYPES.contains(&kind.as_str()) {
            return Err(unsupported("type", kind, &TYPES));
        }
        if !ACTIONS.contains(&action.as_str()) {
            return Err(unsupported("action", action, &ACTIONS));
        }
        let refused = match (kind.as_str(), action.as_str()) {
            ("integrity", _) => "overridden",
            ("revocation", _) => continue,
            (_, "skip") => "skipped",
            _ => continue,
        };
        return Err(format!(
            "{kind:?} verification can not be {refused} in custom signature verification"
        ));
    }
    match verification.timestamp.as_str() {
        "" | "always" | "afterCertExpiry" => Ok(()),
        other => Err(format!(
            "verifyTimestamp must be \"always\" or \"afterCertExpiry\", but got {other:?}"
        )),
    }
}

fn check_store(name: &str, store: &str) -> Result<(), String> {
    let Some((kind, file)) = store.split_once(':') else {
        return Err(format!(
            "trust policy statement {name:?} has malformed trust store value {store:?}. The \
             required format is <TrustStoreType>:<TrustStoreName>"
        ));
    };
    if !["ca", "signingAuthority", "tsa"].contains(&kind) {
        return Err(format!(
            "trust policy statement {name:?} uses an unsupported trust store type {kind:?} in \
             trust store value {store:?}"
        ));
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    if file.is_empty() || !file.bytes().all(allowed) {
        return Err(format!(
            "trust policy statement {name:?} uses an unsupported trust store name {file:?} in \
             trust store value {store:?}. Named store name needs to follow [a-zA-Z0-9_.-]+ format"
        ));
    }
    Ok(())
}

fn check_identities(name: &str, identities: &[String]) -> Result<(), String> {
    if identities.len() > 1 && identities.iter().any(|i| i == "*") {
        return Err(format!(
            "trust policy statement {name:?} uses a wildcard trusted identity '*', a wildcard \
             identity cannot be used in conjunction with other values"
        ));
    }
    let mut subjects: Vec<(&str, names::Attributes)> = Vec::new();
    for identity in identities.iter().filter(|i| *i != "*") {
        if identity.is_empty() {
            return Err(format!(
                "trust policy statement {name:?} has an empty trusted identity"
            ));
        }
        let Some((kind, value)) = identity.split_once(':') else {
            return Err(format!(
                "trust policy statement {name:?} has trusted identity {identity:?} missing \
                 separator"
            ));
        };
        // Other kinds are for Notation's plugins.
        if kind != "x509.subject" {
            continue;
        }
        let about = format!("trust policy statement {name:?} has trusted identity {identity:?}");
        if value.is_empty() {
            return Err(format!("{about} without an identity value"));
        }
        let attributes = names::read(value)
            .map_err(|why| format!("{about} with invalid identity value: {why}"))?;
        subjects.push((identity, attributes));
    }
    for (at, (identity, attributes)) in subjects.iter().enumerate() {
        for (other_at, (other, others)) in subjects.iter().enumerate() {
            if at != other_at && names::covers(attributes, others) {
                return Err(format!(
                    "trust policy statement {name:?} has overlapping x509 trustedIdentities, \
                     {identity:?} overlaps with {other:?}"
                ));
            }
        }
    }
    Ok(())
}

fn check_scopes(statements: &[Statement]) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    let mut repeated = None;
    for Statement { name, scopes, .. } in statements {
        if scopes.is_empty() {
            return Err(format!(
                "trust policy statement {name:?} has zero registry scopes, it must specify \
                 registry scopes with at least one value"
            ));
        }
        if scopes.len() > 1 && scopes.iter().any(|s| s == "*") {
            return Err(format!(
                "trust policy statement {name:?} uses wildcard registry scope '*', a wildcard \
                 scope cannot be used in conjunction with other scope values"
            ));
        }
        for scope in scopes {
            if scope != "*" {
                scopes::check(scope)?;
            }
            if !seen.insert(scope) {
                repeated.get_or_insert(scope);
            }
        }
    }
    match repeated {
        Some(scope) => Err(format!(
            "registry scope {scope:?} is present in multiple trust policy statements, one registry \
             scope value can only be associated with one statement"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
