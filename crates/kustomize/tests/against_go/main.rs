//! Compares the crate with the Go programs it stands in for, run through `tests/oracle`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod archive;
mod build;
mod explained;
mod fuzz;
mod nasty;
mod oracle;
mod random;
mod reader;
mod trees;
mod writer;

/// Fails with all differences, where there are any.
#[track_caller]
fn none_of(differences: &[String]) {
    assert!(
        differences.is_empty(),
        "{} differences\n{}",
        differences.len(),
        differences.join("\n")
    );
}
