//! `wait` while many objects become ready: what it takes, and how soon after the last one it ends.

use std::process::Command;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use kube::api::{Api, DynamicObject};
use reflux::kinds::KUSTOMIZATION;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use super::fill;
use crate::bench::Bench;
use crate::bench::measure::{Program, Sample, medians, memory, once};
use crate::bench::table::Table;

/// How many objects are waited for.
const OBJECTS: usize = 1000;

/// How long they take to become ready, one after the other.
const PERIOD: Duration = Duration::from_secs(2);

/// How long the command is given to begin.
const HEAD_START: Duration = Duration::from_millis(500);

/// How much earlier than the answer to a write its effect can be seen.
const SLACK: Duration = Duration::from_millis(100);

/// What `wait` takes. flux has no such verb.
pub(super) fn run(bench: &Bench, table: &mut Table, runtime: &Runtime) -> Result<()> {
    let Some(program) = bench.programs.first() else {
        return Ok(());
    };
    let (control_plane, stage) = runtime.block_on(async {
        let control_plane = super::empty().await?;
        let namespace = control_plane.namespace("wait").await?;
        let client = control_plane.client().await?;
        fill::fill(&client, &KUSTOMIZATION, &namespace, OBJECTS).await?;
        let api = fill::api(&client, &KUSTOMIZATION, &namespace);
        anyhow::Ok((control_plane, Stage { runtime, api }))
    })?;
    let kubeconfig = control_plane.kubeconfig();
    let command = || {
        let mut command = program.command();
        command
            .args(["wait", "--all", "--all-namespaces", "--for=ready"])
            .env("KUBECONFIG", &kubeconfig);
        command
    };
    stage.table(bench, table, program, command)
}

struct Stage<'a> {
    runtime: &'a Runtime,
    api: Api<DynamicObject>,
}

impl Stage<'_> {
    fn table(
        &self,
        bench: &Bench,
        table: &mut Table,
        program: &Program,
        command: impl Fn() -> Command,
    ) -> Result<()> {
        let (mut samples, mut ends) = (Vec::new(), Vec::new());
        for _ in 0..bench.args.scale_samples {
            let (sample, end) = self.during(|| once(command()))?;
            samples.push(sample);
            ends.push(Sample {
                wall: end,
                ..Sample::default()
            });
        }
        let (memory, _) = self.during(|| memory(&command()))?;
        let sample = Sample {
            memory,
            ..medians(&samples)
        };
        let what = format!("wait --all -A ({OBJECTS}, ready within 2 s)");
        table.add_for(&what, program.name, sample);
        let end = format!("{what}: from the last status to the end");
        table.add_time(&end, program.name, medians(&ends).wall);
        Ok(())
    }

    /// Runs `act` while the objects become ready, and says how long after the last one it ended.
    fn during<T>(&self, act: impl FnOnce() -> Result<T>) -> Result<(T, Duration)> {
        let unready = status("Unknown", "reconciliation in progress");
        let api = &self.api;
        self.runtime
            .block_on(fill::each(OBJECTS, fill::AT_ONCE, async |number| {
                fill::patch_status(api, &fill::name(number), &unready).await
            }))?;
        let writer = self.writer();
        let outcome = act();
        let ended = Instant::now();
        let outcome = outcome?;
        let last = writer.join().map_err(|_| anyhow!("the writer failed"))??;
        // A watch can be faster than the answer to the write that it tells of.
        if last.saturating_duration_since(ended) > SLACK {
            bail!("wait ended before all objects were ready");
        }
        Ok((outcome, ended.saturating_duration_since(last)))
    }

    /// Makes the objects ready one after the other, evenly over the period, and says when the last
    /// one was written.
    fn writer(&self) -> JoinHandle<Result<Instant>> {
        let api = self.api.clone();
        let handle = self.runtime.handle().clone();
        let write = async move || {
            let ready = status("True", "reconciliation succeeded");
            tokio::time::sleep(HEAD_START).await;
            let start = tokio::time::Instant::now();
            fill::each(OBJECTS, fill::AT_ONCE, async |number| {
                let due = PERIOD.mul_f64(number as f64 / OBJECTS as f64);
                tokio::time::sleep_until(start + due).await;
                fill::patch_status(&api, &fill::name(number), &ready).await
            })
            .await?;
            Ok(Instant::now())
        };
        thread::spawn(move || handle.block_on(write()))
    }
}

fn status(ready: &str, message: &str) -> Value {
    json!({"status": {"conditions": [fill::ready(ready, message)]}})
}
