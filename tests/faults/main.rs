//! Every verb before an API server that misbehaves: it does what was asked for or says clearly why
//! not, in time.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "tests fail by panicking and say how far they are"
)]

mod diff;
mod faults;
mod restart;
#[path = "../cli/support/mod.rs"]
#[expect(dead_code, reason = "shared with the other black-box tests")]
mod support;
mod verbs;

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use sandbox::faults::{Fault, FaultProxy, Rule};

use crate::faults::{FAULTS, Trouble};
use crate::support::cluster::{control_plane, namespace};
use crate::support::reflux;
use crate::verbs::{Case, VERBS};

/// How many runs are under way at once.
const AT_ONCE: usize = 6;

/// What a command may take beyond its time to look for the reason, and what a busy machine adds.
const GRACE: Duration = Duration::from_secs(20);

/// What came of a run, or what is wrong with it.
fn run(case: &Case, trouble: &Trouble) -> Result<String, String> {
    let ns = namespace();
    (case.prepare)(&ns);
    let proxy = FaultProxy::start(control_plane()).unwrap();
    let rule = proxy.add((trouble.rule)());
    let limit = if trouble.lasts { 4 } else { 60 };
    let command = reflux()
        .env("KUBECONFIG", proxy.kubeconfig())
        .args(case.args)
        .args(["-n", &ns.name, &format!("--timeout={limit}s")]);
    let started = Instant::now();
    let output = std::thread::scope(|scope| {
        let running = scope.spawn(|| command.run());
        // What a verb waits for comes once the fault has met its watches.
        let watches = || proxy.requests().iter().filter(|r| r.is_watch()).count();
        while trouble.watches && watches() < 3 && !running.is_finished() {
            std::thread::sleep(Duration::from_millis(20));
        }
        let _released = (case.release)(&ns);
        running.join().unwrap()
    });
    let took = started.elapsed();
    let told = format!(
        "exit code {}\n{}{}",
        output.code, output.stdout, output.stderr
    );
    if rule.applied() == 0 {
        return Err(format!("the fault met no request: {told}"));
    }
    if took > Duration::from_secs(limit) + GRACE {
        return Err(format!("it took {took:?}: {told}"));
    }
    if output.stderr.contains("panicked") {
        return Err(told);
    }
    match output.code {
        0 => (case.check)(&ns, &output).map_err(|why| format!("{why}: {told}"))?,
        // What trying again cannot mend must be told, in words, by a code that fits.
        code if trouble.lasts => {
            let words = |line: &str| line.starts_with('✗') && line.len() > 20;
            if !trouble.codes.contains(&code) || !output.stderr.lines().any(words) {
                return Err(told);
            }
        }
        _ => return Err(told),
    }
    Ok(format!("{} in {:.1} s", output.code, took.as_secs_f64()))
}

#[test]
fn every_verb_ends_right_or_says_why() {
    control_plane();
    let fits = |(case, trouble): &(&Case, &Trouble)| case.watches || !trouble.watches;
    let cases: Vec<(&Case, &Trouble)> = VERBS
        .iter()
        .flat_map(|case| FAULTS.iter().map(move |trouble| (case, trouble)))
        .filter(fits)
        .collect();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((case, trouble)) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let name = format!("{} / {}", case.args.join(" "), trouble.name);
                    match run(case, trouble) {
                        Ok(outcome) => println!("{name}: {outcome}"),
                        Err(why) => wrong.lock().unwrap().push(format!("{name}: {why}")),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    println!("faults: {} runs, {} wrong", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_list_that_grows_old_between_two_pages_begins_anew() {
    const MANY: usize = 30;
    let ns = namespace();
    verbs::many(&ns, MANY);
    let proxy = FaultProxy::start(control_plane()).unwrap();
    proxy.limit_pages(12);
    let next_page = |request: &sandbox::faults::Request| request.path.contains("continue=");
    let rule = proxy.add(Rule::new(Fault::Expired).when(next_page).nth(1));
    let output = reflux()
        .env("KUBECONFIG", proxy.kubeconfig())
        .args(["get", "kustomizations", "--no-header", "-n", &ns.name])
        .run();
    assert_eq!(output.success().lines().count(), MANY);
    assert_eq!(rule.applied(), 1);
}
