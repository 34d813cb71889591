//! What the real flux prints for a set of situations, and what this program does in the same ones.
//!
//! `tree/` is a small repository of our own, and each folder below `cases/` a situation: what is
//! run (`case.yaml`), what is in the cluster (`live.yaml`, and files of `cluster/`), what flux
//! prints on standard output (`flux.stdout`), and what this program prints where that is something
//! else (`reflux.stdout`); such a difference names its row in docs/differences.md. All runs of a
//! case give the same. `NAMESPACE` stands for the namespace of the case and `TREE` for the
//! repository's folder, in files and in what is printed.
//!
//! `flux.stdout` is recorded: `cargo xtask golden --peer PATH` runs a real flux on every case and
//! fails where it does not print what is there, and with `--record` writes it.

mod case;

use std::path::Path;

use case::{Case, Stage, cases};

use crate::support::{Output, Run, flux};

/// A real flux to hold the recordings against.
const PEER: &str = "REFLUX_GOLDEN_PEER";
/// Whether what it prints is to be written down.
const RECORD: &str = "REFLUX_GOLDEN_RECORD";

#[test]
fn build_prints_what_flux_prints() {
    run_all("build");
}

#[test]
fn diff_prints_what_flux_prints() {
    run_all("diff");
}

#[test]
fn envsubst_prints_what_flux_prints() {
    run_all("envsubst");
}

/// What the task that runs these tests against the real flux says.
#[expect(
    clippy::disallowed_methods,
    reason = "it cannot say it in another way, and nothing else reads the environment here"
)]
fn asked(variable: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(variable)
}

fn run_all(verb: &str) {
    let differences = fs_err::read_to_string("docs/differences.md").unwrap();
    let mut complaints = Vec::new();
    let mut count = 0;
    for case in cases().filter(|case| case.verb() == verb) {
        count += 1;
        for run in &case.runs {
            if let Some(peer) = asked(PEER) {
                complaints.extend(hold_against(&case, Path::new(&peer), run));
            }
            complaints.extend(compare(&case, run));
        }
        if let Some(row) = case.row()
            && !differences.contains(row)
        {
            complaints.push(format!("{}: no row {row:?}", case.name));
        }
    }
    assert!(count > 1, "no cases");
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

/// This program has to do what the case says.
fn compare(case: &Case, run: &str) -> Option<String> {
    let stage = Stage::of(case);
    let output = stage.run(flux(), run);
    if !stage.is_as_it_was() {
        return Some(format!("{}: {run}: the tree was written to", case.name));
    }
    let (code, error) = case.ours();
    let wanted = Output {
        stdout: case.text("reflux.stdout"),
        stderr: stage.filled(error),
        code,
    };
    complaint(case, run, &wanted, &output)
}

/// The real flux has to print what was recorded.
fn hold_against(case: &Case, peer: &Path, run: &str) -> Option<String> {
    let stage = Stage::of(case);
    let output = stage.run(Run::of(peer), run);
    if asked(RECORD).is_some() {
        case.record(&output.stdout);
    }
    let wanted = Output {
        stdout: case.text("flux.stdout"),
        stderr: stage.filled(&case.error),
        code: case.code,
    };
    complaint(case, &format!("flux {run}"), &wanted, &output)
}

/// What is not as wanted; of standard error a part is enough.
fn complaint(case: &Case, run: &str, wanted: &Output, output: &Output) -> Option<String> {
    let fits = output.stdout == wanted.stdout
        && output.code == wanted.code
        && output.stderr.contains(&wanted.stderr);
    (!fits).then(|| {
        format!(
            "== {}: {run}\nwanted {}, {:?} and\n{}got {}, {:?} and\n{}",
            case.name,
            wanted.code,
            wanted.stderr,
            wanted.stdout,
            output.code,
            output.stderr,
            output.stdout
        )
    })
}
