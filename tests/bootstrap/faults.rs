//! The fault table of `bootstrap github`: whatever request fails, before or after it took effect,
//! and at whatever request the program is killed, the same command run again brings everything
//! to the same end: one tree in the repository, one deploy key, no empty and no repeated commit,
//! one set of objects in the cluster.
//!
//! Each case has an API server and a GitHub of its own; a player stands in for the controllers.
//! By default one request of each distinct kind fails. With `REFLUX_FAULTS=all` every request does,
//! in every way; `cargo xtask faults` runs that and prints what came of it.

use std::sync::Mutex;
use std::time::Instant;

use crate::case::{self, Case};
use crate::stage::{End, Stage};

/// How many cases run at once: each has an API server.
const AT_ONCE: usize = 2;

#[test]
fn whatever_fails_the_next_run_converges() {
    let all = std::env::var("REFLUX_FAULTS").is_ok_and(|v| v == "all");
    let baseline = Stage::new();
    baseline.bootstrap().success("the run without a fault");
    let want = baseline.end();
    let cases = case::table(&baseline, all);
    drop(baseline);

    let started = Instant::now();
    let queue = Mutex::new(cases.iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(case) = queue.lock().unwrap().next() else {
                        break;
                    };
                    if let Err(why) = converges(case, &want) {
                        eprintln!("{case}: {why}");
                        failures.lock().unwrap().push(format!("{case}: {why}"));
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    eprintln!(
        "faults: {} tried, {} converged, in {:.0} s",
        cases.len(),
        cases.len() - failures.len(),
        started.elapsed().as_secs_f64()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Runs the bootstrap into the fault, then again without one, and compares the end.
fn converges(case: &Case, want: &End) -> Result<(), String> {
    let stage = Stage::new();
    let first = case.run(&stage)?;
    stage.clear();
    let second = stage.bootstrap();
    if second.code != 0 {
        return Err(format!(
            "the next run failed ({}):\n{}\nafter:\n{}",
            second.code, second.stderr, first.stderr
        ));
    }
    let end = stage.end();
    match want.difference(&end) {
        None => Ok(()),
        Some(difference) => Err(format!("{difference}\nafter:\n{}", first.stderr)),
    }
}
