//! `build DIR`: builds the kustomization in DIR, a directory in or below the current one, and prints the objects.

#![expect(
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints its result"
)]

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(dir) = std::env::args().nth(1) else {
        eprintln!("usage: build DIR");
        return ExitCode::from(2);
    };
    let built = kustomize::DiskFiles::new(".")
        .map_err(|error| error.to_string())
        .and_then(|files| {
            kustomize::build(&files, Path::new(&dir)).map_err(|error| error.to_string())
        });
    match built {
        Ok(objects) => {
            print!("{}", kustomize::to_yaml(&objects));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
