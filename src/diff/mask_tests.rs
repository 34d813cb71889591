use serde_json::json;

use super::*;

fn masks(before: &Value, after: &Value, secret: &[&str]) -> (Value, Value) {
    let secret: Vec<String> = secret.iter().map(|&place| place.to_owned()).collect();
    let side = |object, secret| Side {
        object,
        built: after,
        secret,
        hidden: None,
    };
    let mut secrets = Secrets::default();
    secrets.learn(after, &secret, &[]);
    let (before, after) = masked(
        Some(side(before, &[])),
        Some(side(after, &secret)),
        &secrets,
    );
    (before.unwrap(), after.unwrap())
}

fn secret(data: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": data})
}

#[test]
fn data_of_secrets_is_never_seen() {
    let before = secret(&json!({"a": "b25l", "b": "dHdv", "gone": "eA=="}));
    let after = secret(&json!({"a": "b25l", "b": "dGhyZWU=", "new": "eA=="}));
    let (before, after) = masks(&before, &after, &[]);
    assert_eq!(
        before["data"],
        json!({"a": "***", "b": "*** (before)", "gone": "***"})
    );
    assert_eq!(
        after["data"],
        json!({"a": "***", "b": "*** (after)", "new": "***"})
    );
}

#[test]
fn what_sops_encrypted_is_compared_by_its_keys() {
    let before = secret(&json!({"a": "b25l", "old": "eA=="}));
    let after = secret(&json!({"a": STANDARD.encode(SOPS)}));
    let (before, after) = masks(&before, &after, &[]);
    assert_eq!(before["data"], json!({"a": "*****", "old": "*****"}));
    assert_eq!(after["data"], json!({"a": "*****"}));
}

#[test]
fn a_copy_by_kubectl_is_hidden() {
    let copy = json!({"kubectl.kubernetes.io/last-applied-configuration": "password"});
    let mut before = secret(&json!({}));
    before["metadata"]["annotations"] = copy;
    let (before, _) = masks(&before, &secret(&json!({})), &[]);
    assert!(!before.to_string().contains("password"), "{before}");
}

#[test]
fn substituted_secrets_are_hidden_wherever_they_are() {
    let object = |url: &str, args: Value, env: Value| json!({"kind": "X", "data": {"url": url}, "args": args, "env": env});
    let before = object(
        "old-password@host",
        json!(["--verbose", "--token=old-token", "--extra"]),
        json!([{"name": "OTHER", "value": "open"}, {"name": "TOKEN", "value": "old-token"}]),
    );
    let after = object(
        "new-password@host",
        json!(["--verbose", "--token=new-token"]),
        json!([{"name": "TOKEN", "value": "new-token"}, {"name": "OTHER", "value": "open"}]),
    );
    let (before, after) = masks(&before, &after, &["/data/url", "/args/1", "/env/0/value"]);
    assert_eq!(before["data"]["url"], BEFORE);
    assert_eq!(after["data"]["url"], AFTER);
    assert_eq!(before["args"], json!(["--verbose", BEFORE, SAME]));
    assert_eq!(after["args"], json!(["--verbose", AFTER]));
    assert_eq!(before["env"][1]["value"], BEFORE);
    assert_eq!(before["env"][0]["value"], "open");
    assert_eq!(after["env"][0]["value"], AFTER);
}

#[test]
fn secrets_that_turn_up_elsewhere_are_hidden() {
    let before = json!({"a": "x", "copy": "url is new-password@host!"});
    let after = json!({"a": "new-password@host"});
    let (before, after) = masks(&before, &after, &["/a"]);
    assert_eq!(before["copy"], "url is ***!");
    assert_eq!(after["a"], AFTER);
    let mut secrets = Secrets::default();
    secrets.learn(
        &json!({"a": "hunter-two", "b": "1"}),
        &["/a".into(), "/b".into()],
        &[],
    );
    assert_eq!(
        secrets.hide("value hunter-two is 1 bad", None),
        "value *** is 1 bad"
    );
}

#[test]
fn messages_show_no_data_of_secrets() {
    let mut secrets = Secrets::default();
    secrets.learn(
        &secret(&json!({"password": STANDARD.encode("hunter-two")})),
        &[],
        &[],
    );
    assert_eq!(
        secrets.hide("password: hunter-two is aHVudGVyLXR3bw==", None),
        "password: *** is ***"
    );
    // An object may have such a text by chance.
    let mut object = json!({"a": "hunter-two"});
    secrets.hide_in(&mut object);
    assert_eq!(object["a"], "hunter-two");
}

#[test]
fn a_whole_object_can_be_secret() {
    let object = |a: i32| json!({"kind": "X", "metadata": {"name": "n"}, "spec": {"a": a}});
    let (before, after) = masks(&object(1), &object(2), &[""]);
    assert_eq!(before["spec"], BEFORE);
    assert_eq!(
        (&after["spec"], &after["kind"]),
        (&json!(AFTER), &json!("X"))
    );
}
