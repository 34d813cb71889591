//! Policies that are taken, and one for each rule that can be broken.

use serde_json::json;

use super::*;

fn statement() -> Value {
    json!({
        "name": "a",
        "registryScopes": ["*"],
        "signatureVerification": {"level": "strict"},
        "trustStores": ["ca:x"],
        "trustedIdentities": ["*"],
    })
}

/// A policy of one statement that has `fields` of its own.
fn policy(fields: &Value) -> String {
    let mut statement = statement();
    for (key, value) in fields.as_object().unwrap() {
        statement[key] = value.clone();
    }
    json!({"version": "1.0", "trustPolicies": [statement]}).to_string()
}

fn refusal(text: &str) -> String {
    match check(text).unwrap_err() {
        PolicyError::Invalid(why) => why,
        PolicyError::Malformed(why) => panic!("malformed: {why}"),
    }
}

#[test]
fn policies_that_are_taken() {
    for fields in [
        json!({}),
        json!({"registryScopes": ["reg.example.com:5000/a/b-c__d.e"]}),
        json!({"registryScopes": ["local/my", "a--b.example/x"]}),
        json!({"signatureVerification": {"level": "skip"}, "trustStores": [], "trustedIdentities": null}),
        json!({"signatureVerification": {
            "level": "audit", "verifyTimestamp": "always",
            "override": {"revocation": "skip", "expiry": "log"},
        }}),
        json!({"trustedIdentities": [
            "x509.subject: C=US, ST=WA, O=a", "x509.subject: C=US, ST=WA, O=b", "plugin:anything",
        ]}),
        json!({"trustStores": ["ca:x", "signingAuthority:y.z", "tsa:t_1"]}),
    ] {
        assert_eq!(check(&policy(&fields)), Ok(()), "{fields}");
    }
    let odd = r#"{"VERSION": "1.0", "TrustPolicies": [{"NAME": "a", "registryscopes": ["*"],
        "signatureverification": {"LEVEL": "skip"}, "unknown": 1}]}"#;
    assert_eq!(check(odd), Ok(()));
}

#[test]
fn what_is_no_policy_at_all() {
    for (text, why) in [
        ("{", "unexpected end of JSON input"),
        ("", "unexpected end of JSON input"),
        ("x", "expected value"),
        ("[]", "a list stands"),
        (r#"{"trustPolicies": [[]]}"#, "a list stands"),
        (r#"{"version": 1}"#, "invalid type"),
        (r#"{"trustPolicies": {}}"#, "invalid type"),
    ] {
        let error = check(text).unwrap_err();
        assert!(matches!(error, PolicyError::Malformed(_)), "{text}");
        assert!(error.to_string().contains(why), "{text}: {error}");
    }
}

#[test]
fn documents_that_are_refused() {
    for (text, why) in [
        ("null", "empty version"),
        (r#"{"version": "2"}"#, "unsupported version \"2\""),
        (r#"{"version": "1.0"}"#, "zero trust policy statements"),
    ] {
        assert!(refusal(text).contains(why), "{text}: {}", refusal(text));
    }
    let twice = json!({"version": "1.0", "trustPolicies": [statement(), statement()]});
    assert!(refusal(&twice.to_string()).starts_with("multiple trust policy statements"));
    let mut second = statement();
    second["name"] = json!("b");
    let twice = json!({"version": "1.0", "trustPolicies": [statement(), second]});
    assert!(refusal(&twice.to_string()).contains("present in multiple"));
}

#[test]
fn statements_that_are_refused() {
    for (fields, why) in [
        (json!({"name": ""}), "is missing a name"),
        (
            json!({"signatureVerification": {}}),
            "level is empty or missing",
        ),
        (
            json!({"signatureVerification": {"level": "x"}}),
            "invalid signature verification level \"x\"",
        ),
        (
            json!({"signatureVerification": {"level": "skip", "override": {"expiry": "log"}}}),
            "can't be used to customize",
        ),
        (
            json!({"signatureVerification": {"level": "audit", "override": {"x": "log"}}}),
            "supported values are [\"integrity\" \"authenticity\"",
        ),
        (
            json!({"signatureVerification": {"level": "audit", "override": {"expiry": "x"}}}),
            "supported values are [\"enforce\" \"log\" \"skip\"]",
        ),
        (
            json!({"signatureVerification": {"level": "audit", "override": {"integrity": "log"}}}),
            "can not be overridden",
        ),
        (
            json!({"signatureVerification": {"level": "audit", "override": {"expiry": "skip"}}}),
            "\"expiry\" verification can not be skipped",
        ),
        (
            json!({"signatureVerification": {"level": "audit", "verifyTimestamp": "x"}}),
            "but got \"x\"",
        ),
        (
            json!({"signatureVerification": {"level": "skip"}}),
            "is set to skip",
        ),
        (json!({"trustStores": []}), "is either missing"),
        (json!({"trustStores": ["x"]}), "malformed trust store value"),
        (
            json!({"trustStores": ["x:y"]}),
            "unsupported trust store type \"x\"",
        ),
        (
            json!({"trustStores": ["ca:y/z"]}),
            "unsupported trust store name \"y/z\"",
        ),
        (
            json!({"trustStores": ["ca:"]}),
            "unsupported trust store name \"\"",
        ),
        (
            json!({"trustedIdentities": ["*", "a:b"]}),
            "uses a wildcard trusted identity",
        ),
        (json!({"trustedIdentities": [""]}), "empty trusted identity"),
        (json!({"trustedIdentities": ["x"]}), "missing separator"),
        (
            json!({"trustedIdentities": ["x509.subject:"]}),
            "without an identity value",
        ),
        (
            json!({"trustedIdentities": ["x509.subject:C=US"]}),
            "no mandatory RDN attribute",
        ),
        (
            json!({"trustedIdentities": ["x509.subject:C=US,ST=W,O=a", "x509.subject:C=US,ST=W,O=a,CN=b"]}),
            "overlapping x509",
        ),
        (json!({"registryScopes": []}), "zero registry scopes"),
        (
            json!({"registryScopes": ["*", "a/b"]}),
            "wildcard registry scope",
        ),
        (json!({"registryScopes": ["a/*"]}), "with wild card(s)"),
        (
            json!({"registryScopes": ["a"]}),
            "registry scope \"a\" is not valid",
        ),
        (json!({"registryScopes": ["https://a/b"]}), "is not valid"),
        (json!({"registryScopes": ["a/b:tag"]}), "is not valid"),
        (json!({"registryScopes": ["a/b//c"]}), "is not valid"),
        (json!({"registryScopes": ["a/b___c"]}), "is not valid"),
        (json!({"registryScopes": ["-a/b"]}), "is not valid"),
    ] {
        let error = refusal(&policy(&fields));
        assert!(error.contains(why), "{fields}: {error}");
    }
}
