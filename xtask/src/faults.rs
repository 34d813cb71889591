//! `faults`: the whole fault table of `bootstrap github`.

use anyhow::Result;

use crate::workspace::{cargo, run as run_command};

pub(crate) fn run() -> Result<()> {
    run_command(
        cargo()
            .args(["test", "--workspace", "--test", "bootstrap", "faults::"])
            .args(["--", "--nocapture"])
            .env("REFLUX_FAULTS", "all"),
    )
}
