//! What the command line is read to.

use super::*;

#[test]
fn the_tree_is_sound() {
    root(Identity::Reflux).debug_assert();
}

#[test]
fn what_a_value_names_is_no_verb() {
    // The namespace is called like a verb, which is all that is built at first.
    let read = |arguments: &[&str]| {
        let arguments = arguments.iter().map(OsString::from).collect();
        match parse(Identity::Reflux, arguments) {
            Ok(parsed) => parsed.verb.name.to_owned(),
            Err(Stop::Answer(text)) => text,
            Err(Stop::Refusal(error)) => error.to_string(),
        }
    };
    assert_eq!(read(&["reflux", "-n", "get", "check"]), "check");
    for help in [
        read(&["reflux", "-n", "get"]),
        read(&["reflux", "--help", "get"]),
    ] {
        assert!(help.contains("\n  bootstrap "), "{help}");
    }
    let refused = read(&["reflux", "-n", "get", "chek"]);
    assert!(refused.contains("chek"), "{refused}");
}

#[test]
fn a_value_may_begin_with_a_dash() {
    let arguments = ["flux", "get", "ks", "--token", "-abc", "-n", "x"];
    let arguments = arguments.iter().map(OsString::from).collect();
    let Ok(parsed) = parse(Identity::Flux, arguments) else {
        panic!("refused");
    };
    assert!(parsed.globals.kube.token.is_some());
    assert_eq!(parsed.globals.namespace.as_deref(), Some("x"));
}

#[test]
fn a_commands_own_flag_hides_the_global_one() {
    let parsed = |arguments: &[&str]| {
        let arguments = arguments.iter().map(OsString::from).collect();
        match parse(Identity::Flux, arguments) {
            Ok(parsed) => parsed,
            Err(_) => panic!("refused"),
        }
    };
    let token = |arguments: &[&str]| parsed(arguments).globals.kube.token.is_some();
    assert!(token(&["flux", "get", "ks", "--token=x"]));
    assert!(!token(&[
        "flux",
        "create",
        "secret",
        "receiver",
        "a",
        "--token=x"
    ]));
}

#[test]
fn booleans_never_take_the_next_word() {
    let parsed = parse(
        Identity::Flux,
        ["flux", "version", "--client", "--verbose=false", "-n", "x"]
            .iter()
            .map(OsString::from)
            .collect(),
    );
    let Ok(parsed) = parsed else {
        panic!("refused");
    };
    assert!(!parsed.globals.verbose);
    assert_eq!(parsed.globals.namespace.as_deref(), Some("x"));
}
