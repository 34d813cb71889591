//! `envsubst`: what comes out, and what is refused.

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{flux, reflux};

#[test]
fn variables_come_from_the_environment() {
    let text = "a: ${REGION:-none}\r\nb: ${CLUSTER^^} $${CLUSTER} $CLUSTER\n\nc: ${CLUSTER/prod/p}";
    for run in [reflux(), flux()] {
        let run = run
            .args(["envsubst"])
            .env("CLUSTER", "prod")
            .env("EMPTY", "");
        let output = run.stdin(text).run();
        let wanted = "a: none\nb: PROD ${CLUSTER} $CLUSTER\n\nc: p\n";
        assert_eq!((output.code, output.stdout.as_str()), (0, wanted));
        assert_eq!(output.stderr, "");
    }
}

#[test]
fn a_variable_without_value_is_empty_or_refused() {
    let text = "one\ntwo: ${MISSING}\nthree\n";
    let output = reflux().args(["envsubst"]).stdin(text).run();
    assert_eq!(
        (output.code, output.stdout.as_str()),
        (0, "one\ntwo: \nthree\n")
    );

    let output = reflux().args(["envsubst", "--strict"]).stdin(text).run();
    assert_eq!((output.code, output.stdout.as_str()), (1, "one\n"));
    assert_eq!(
        output.stderr,
        "✗ variable not set (strict mode): \"MISSING\"\n"
    );

    let set = reflux().args(["envsubst", "--strict"]).env("EMPTY", "");
    let output = set.stdin("${EMPTY}|${MISSING:=d}").run();
    assert_eq!((output.code, output.stdout.as_str()), (0, "|d\n"));
}

#[test]
fn malformed_text_is_refused() {
    let output = reflux().args(["envsubst"]).stdin("${A-b}").run();
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
    assert_eq!(output.stderr, "✗ missing closing brace\n");
}

#[test]
fn long_lines_are_whole() {
    let line = "x".repeat(200_000);
    let output = reflux()
        .args(["envsubst"])
        .stdin(&format!("{line}\n"))
        .run();
    assert_eq!((output.code, output.stdout.len()), (0, line.len() + 1));
}

#[test]
fn arguments_are_refused() {
    let output = flux().args(["envsubst", "extra"]).run();
    assert_eq!((output.code, output.stdout.as_str()), (1, ""));
}

#[test]
fn a_refusal_has_a_code() {
    let run = reflux()
        .args(["envsubst", "--strict"])
        .stdin("${MISSING}\n");
    assert!(run.run().failure(1).contains("MISSING"));
}

#[test]
fn it_ends_when_nobody_reads() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_reflux"))
        .arg("envsubst")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    let lines = "a: ${B}\n".repeat(8192);
    // Much more than pipes hold: it is refused once nobody takes it any more.
    let refused = (0..1000).any(|_| input.write_all(lines.as_bytes()).is_err());
    drop(input);
    assert!(refused);
    assert!(child.wait().unwrap().success());
}
