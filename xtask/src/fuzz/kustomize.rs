//! Random trees of kustomizations, built by the crate and by kustomize: `crates/kustomize/tests/against_go/fuzz.rs`,
//! which is told by the environment what to do.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::workspace::{cargo, root, run as run_command};

/// How many trees, and which.
#[derive(Args)]
pub(crate) struct KustomizeArgs {
    /// How many trees to build
    #[arg(long, conflicts_with = "time", default_value_t = 20_000)]
    cases: u64,
    /// For how long to go on, such as 90s, 30m or 2h
    #[arg(long = "for", value_name = "DURATION", value_parser = seconds)]
    time: Option<u64>,
    /// The seed of the first tree; the next ones follow
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Where trees that are built differently are kept, each made as small as it gets
    #[arg(long, value_name = "FOLDER", default_value_os_t = root().join("target/fuzz/kustomize"))]
    keep: PathBuf,
}

/// A whole number with a unit, in seconds.
fn seconds(text: &str) -> Result<u64, String> {
    let units = [("s", 1), ("m", 60), ("h", 3600)];
    let found = units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*seconds)
    });
    found.ok_or_else(|| "a number with a unit, such as 90s, 30m or 2h".to_owned())
}

pub(crate) fn run(args: &KustomizeArgs) -> Result<()> {
    let mut command = cargo();
    command
        .args(["test", "--package", "reflux-kustomize"])
        .args(["--test", "against_go", "random_trees_build_alike"])
        .args(["--", "--nocapture"])
        .env("REFLUX_FUZZ_SEED", args.seed.to_string())
        .env("REFLUX_FUZZ_KEEP", std::path::absolute(&args.keep)?);
    match args.time {
        Some(time) => command.env("REFLUX_FUZZ_SECONDS", time.to_string()),
        None => command.env("REFLUX_FUZZ_CASES", args.cases.to_string()),
    };
    run_command(&mut command)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_have_units() {
        assert_eq!(seconds("90s"), Ok(90));
        assert_eq!(seconds("2h"), Ok(7200));
        for bad in [
            "90",
            "s",
            "-1s",
            "1d",
            "99999999999999999999s",
            "18446744073709551615h",
        ] {
            assert!(seconds(bad).is_err(), "{bad}");
        }
    }
}
