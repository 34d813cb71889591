//! Random trees, built by the crate and by kustomize's own command: the output must be the same bytes, and what one
//! refuses the other must refuse.
//!
//! `cargo test` builds 500 trees. `cargo xtask fuzz kustomize` says through the environment how many more, from which
//! seed, and where to keep the trees of differences, which are made as small as they get.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::archive;
use crate::explained;
use crate::oracle;
use crate::trees::{self, Tree};

/// How many trees a plain run of the tests builds.
const CASES: u64 = 500;
/// Every so many trees, kustomize is run as a program too, to show that the command in the oracle is the same.
const AS_PROGRAM: u64 = 50;

/// What a program makes of a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Built(String),
    Refused(String),
    /// The program itself broke, or did not come to an end.
    Crashed(String),
}

impl Outcome {
    fn of(result: Result<String, String>) -> Self {
        match result {
            Ok(text) => Self::Built(text),
            Err(error) if error.starts_with("panic: ") => Self::Crashed(error),
            Err(error) => Self::Refused(error),
        }
    }

    fn is_built(&self) -> bool {
        matches!(self, Self::Built(_))
    }

    /// Whether this is as good as what kustomize does: the same bytes, or no bytes at all. Where kustomize breaks,
    /// anything is better, unless it is the same.
    pub(crate) fn agrees(&self, theirs: &Self) -> bool {
        match (self, theirs) {
            (Self::Built(text), Self::Built(other)) => text == other,
            (Self::Crashed(_), _) => false,
            (Self::Refused(_), Self::Refused(_)) | (_, Self::Crashed(_)) => true,
            _ => false,
        }
    }

    fn text(&self) -> &str {
        match self {
            Self::Built(text) | Self::Refused(text) | Self::Crashed(text) => text,
        }
    }
}

/// Builds a directory of a tree on disk with the crate.
pub(crate) fn ours(root: &Path, target: &str) -> Outcome {
    let build = || {
        let files = kustomize::DiskFiles::new(root).map_err(|error| error.to_string())?;
        let objects =
            kustomize::build(&files, Path::new(target)).map_err(|error| error.to_string())?;
        Ok(kustomize::to_yaml(&objects))
    };
    match std::panic::catch_unwind(build) {
        Ok(result) => Outcome::of(result),
        Err(_) => Outcome::Crashed("the crate panicked".into()),
    }
}

/// Builds a directory of a tree on disk with kustomize's command.
pub(crate) fn theirs(root: &Path, target: &str) -> Outcome {
    Outcome::of(oracle::run(&root.join(target)))
}

/// What a run is to do.
struct Plan {
    first_seed: u64,
    cases: u64,
    time: Option<Duration>,
    keep: PathBuf,
}

impl Plan {
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo xtask fuzz speaks to this test through the environment"
    )]
    fn from_environment() -> Self {
        let number = |name: &str| {
            let text = std::env::var(name).ok()?;
            Some(
                text.parse()
                    .unwrap_or_else(|_| panic!("{name} is not a number")),
            )
        };
        let time = number("REFLUX_FUZZ_SECONDS").map(Duration::from_secs);
        let keep = std::env::var_os("REFLUX_FUZZ_KEEP").map(PathBuf::from);
        Self {
            first_seed: number("REFLUX_FUZZ_SEED").unwrap_or(0),
            cases: number("REFLUX_FUZZ_CASES").unwrap_or(if time.is_some() {
                u64::MAX
            } else {
                CASES
            }),
            time,
            keep: keep
                .unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("differences")),
        }
    }
}

/// What came of the trees of a run.
#[derive(Default)]
struct Tally {
    built: u64,
    refused: u64,
    crashed: u64,
    /// How many differences have this reason.
    explained: BTreeMap<&'static str, u64>,
    differences: Vec<String>,
}

/// A folder that trees are written to, one after the other.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trees-{}", std::process::id()))
}

#[test]
fn random_trees_build_alike() {
    let plan = Plan::from_environment();
    let root = workspace();
    let start = Instant::now();
    let mut tally = Tally::default();
    for case in 0..plan.cases {
        if plan.time.is_some_and(|time| start.elapsed() > time) {
            break;
        }
        let seed = plan.first_seed.wrapping_add(case);
        let tree = trees::generate(seed);
        tree.write(&root).unwrap();
        let (ours, theirs) = (ours(&root, &tree.target), theirs(&root, &tree.target));
        let is_crash = matches!(theirs, Outcome::Crashed(_));
        if case % AS_PROGRAM == 0 && !is_crash {
            let program = Outcome::of(oracle::run_program(&root.join(&tree.target)));
            assert!(
                program.is_built() == theirs.is_built() && program.agrees(&theirs),
                "seed {seed}: kustomize {program:?}, in the oracle {theirs:?}"
            );
        }
        match theirs {
            Outcome::Built(_) => tally.built += 1,
            Outcome::Refused(_) => tally.refused += 1,
            Outcome::Crashed(_) => tally.crashed += 1,
        }
        if let Some(reason) = explained::reason(&ours, &theirs) {
            *tally.explained.entry(reason).or_default() += 1;
        } else if !ours.agrees(&theirs) {
            let report = report(&plan, seed, &tree, &root);
            say(&report);
            tally.differences.push(report);
        }
        if case % 1000 == 999 {
            say(&format!(
                "{} trees, {} differences, {:?}",
                case + 1,
                tally.differences.len(),
                start.elapsed()
            ));
        }
    }
    std::fs::remove_dir_all(&root).unwrap();
    let Tally {
        built,
        refused,
        crashed,
        explained,
        differences,
    } = tally;
    for (reason, count) in &explained {
        say(&format!("{count} differences explained: {reason}"));
    }
    say(&format!(
        "{built} trees built, {refused} refused, {crashed} broke kustomize, {} differences",
        differences.len()
    ));
    crate::none_of(&differences);
    assert!(
        built > refused,
        "most trees should be good: {built} built, {refused} refused"
    );
}

/// A line on standard error, which `cargo test` shows with `--nocapture`.
#[expect(
    clippy::print_stderr,
    clippy::disallowed_macros,
    reason = "a run that lasts says what it finds on the way"
)]
fn say(text: &str) {
    eprintln!("{text}");
}

/// Makes the tree of a difference small, keeps it, and says what differs.
fn report(plan: &Plan, seed: u64, tree: &Tree, root: &Path) -> String {
    let outcomes = |tree: &Tree| {
        tree.write(root).unwrap();
        (ours(root, &tree.target), theirs(root, &tree.target))
    };
    let (first_ours, first_theirs) = outcomes(tree);
    let small = trees::shrink(tree, |candidate| {
        let (ours, theirs) = outcomes(candidate);
        !ours.agrees(&theirs)
            && explained::reason(&ours, &theirs).is_none()
            && ours.is_built() == first_ours.is_built()
            && theirs.is_built() == first_theirs.is_built()
    });
    let (ours, theirs) = outcomes(&small);
    let text = format!(
        "=== seed {seed}\n{}--- ours\n{}\n--- kustomize's\n{}",
        archive::write(&small),
        ours.text(),
        theirs.text()
    );
    let kept = plan.keep.join(seed.to_string());
    small.write(&kept.join("tree")).unwrap();
    fs_err::write(kept.join("difference.txt"), &text).unwrap();
    let first_line = |outcome: &Outcome| {
        let kind = match outcome {
            Outcome::Built(_) => "built",
            Outcome::Refused(_) => "refused",
            Outcome::Crashed(_) => "broke",
        };
        format!(
            "{kind}: {}",
            outcome.text().lines().next().unwrap_or_default()
        )
    };
    format!(
        "{text}\nat first: ours {}; kustomize's {}\nkept in {}; kustomize build {}\n",
        first_line(&first_ours),
        first_line(&first_theirs),
        kept.display(),
        kept.join("tree").join(&small.target).display()
    )
}

/// Trees that were built differently once, in `found`: a comment says what it was about, and which seed made it.
#[test]
fn what_differed_once_builds_alike() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/against_go/found");
    let root = workspace().with_extension("found");
    let mut differences = Vec::new();
    let mut count = 0;
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let tree = archive::read(&fs_err::read_to_string(&path).unwrap());
        tree.write(&root).unwrap();
        let (ours, theirs) = (ours(&root, &tree.target), theirs(&root, &tree.target));
        count += 1;
        if !ours.agrees(&theirs) {
            differences.push(format!(
                "{}\n--- ours\n{}\n--- kustomize's\n{}",
                path.display(),
                ours.text(),
                theirs.text()
            ));
        }
    }
    assert!(
        count > 0 && differences.is_empty(),
        "{} of {count} differ\n{}",
        differences.len(),
        differences.join("\n")
    );
    std::fs::remove_dir_all(&root).unwrap();
}
