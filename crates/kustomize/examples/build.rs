//! `build DIR…`: builds the kustomizations in directories in or below the current one, and prints their objects in the
//! order of the directories.
//!
//! Builds share nothing but the files, so that they run side by side.

#![expect(
    clippy::disallowed_macros,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example prints its result"
)]

use std::path::Path;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use kustomize::{DiskFiles, build_to_yaml, yaml};

fn main() -> ExitCode {
    let dirs: Vec<String> = std::env::args().skip(1).collect();
    if dirs.is_empty() {
        eprintln!("usage: build DIR…");
        return ExitCode::from(2);
    }
    match build_all(&dirs) {
        Ok(texts) => {
            print!("{}", yaml::join(texts));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Builds directories, as many at once as there are processors.
fn build_all(dirs: &[String]) -> Result<Vec<String>, String> {
    let files = DiskFiles::new(".").map_err(|error| error.to_string())?;
    let next = AtomicUsize::new(0);
    let built = Mutex::new(vec![Ok(String::new()); dirs.len()]);
    let work = || {
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(dir) = dirs.get(at) else {
                break;
            };
            let text = build_to_yaml(&files, Path::new(dir)).map_err(|error| error.to_string());
            if let Ok(mut built) = built.lock() {
                built[at] = text;
            }
        }
    };
    let processors = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 1..processors.min(dirs.len()) {
            scope.spawn(work);
        }
        work();
    });
    let built = built.into_inner().map_err(|error| error.to_string())?;
    let texts = built
        .into_iter()
        .filter(|text| text.as_ref() != Ok(&String::new()));
    texts.collect()
}
