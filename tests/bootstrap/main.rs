//! `bootstrap github` as a whole: what it leaves after any failure, and what it never shows.
//!
//! Each stage has an API server and a GitHub of its own; a player stands in for the controllers,
//! whose real selves have their say in `cargo xtask demo`.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stderr,
    reason = "tests fail by panicking and say how far they are"
)]

mod case;
mod faults;
mod leaks;
mod recording;
mod stage;
