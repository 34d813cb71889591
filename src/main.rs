//! The `reflux` program: hands the process's arguments, environment and streams to the library.

use std::process::ExitCode;

use reflux::{Env, Streams};

fn main() -> ExitCode {
    let arguments = std::env::args_os().collect();
    ExitCode::from(reflux::run(
        arguments,
        Env::from_process(),
        Streams::of_process(),
    ))
}
