//! The table: which request fails, how, and when.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use sandbox::faults::{self, Rule};
use sandbox::github::{Failure, Fault};
use serde_json::json;

use crate::stage::{Output, Stage};

/// Longer than any run.
const FOREVER: Duration = Duration::from_secs(600);
/// How long a run may take to reach the request it is to be killed at.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which server misbehaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    GitHub,
    Kubernetes,
}

/// What happens at the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    Status(u16),
    Reset,
    /// The program is killed, without a chance to clean up.
    Kill,
}

/// One case.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    side: Side,
    number: usize,
    request: String,
    event: Event,
    after: bool,
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let when = if self.after { "after" } else { "before" };
        write!(
            f,
            "{:?} request {} ({}), {:?} {when} effect",
            self.side, self.number, self.request, self.event
        )
    }
}

/// The cases that the requests of a run without a fault give.
pub(crate) fn table(baseline: &Stage, all: bool) -> Vec<Case> {
    let github = baseline.github.requests();
    let github = github
        .iter()
        .filter(|r| r.door == "rest")
        .map(|r| (r.method.clone(), r.path.clone()));
    let kubernetes = baseline.proxy.requests();
    let kubernetes = kubernetes
        .iter()
        .map(|r| (r.method.to_string(), r.path.clone()));
    let mut cases = cases(Side::GitHub, github, all);
    cases.extend(self::cases(Side::Kubernetes, kubernetes, all));
    cases
}

fn cases(side: Side, requests: impl Iterator<Item = (String, String)>, all: bool) -> Vec<Case> {
    let mut seen = BTreeSet::new();
    let mut cases = Vec::new();
    for (index, (method, path)) in requests.enumerate() {
        let write = !matches!(method.as_str(), "GET" | "HEAD");
        if !all && !seen.insert((method.clone(), step(&path))) {
            continue;
        }
        let events: &[(Event, bool)] = match (all, write) {
            (true, true) => &[
                (Event::Status(500), false),
                (Event::Status(502), true),
                (Event::Status(403), false),
                (Event::Status(429), false),
                (Event::Reset, false),
                (Event::Reset, true),
                (Event::Kill, false),
                (Event::Kill, true),
            ],
            (true, false) => &[
                (Event::Status(500), false),
                (Event::Status(403), false),
                (Event::Reset, false),
                (Event::Kill, false),
            ],
            (false, true) => &[(Event::Reset, true), (Event::Kill, true)],
            (false, false) => &[(Event::Status(500), false)],
        };
        for (event, after) in events {
            cases.push(Case {
                side,
                number: index + 1,
                request: format!("{method} {path}"),
                event: *event,
                after: *after,
            });
        }
    }
    cases
}

/// The path without what differs between requests of one kind.
fn step(path: &str) -> String {
    let path = path.split('?').next().unwrap_or(path);
    let parts: Vec<&str> = path
        .split('/')
        .map(|part| {
            let hexadecimal = part.len() >= 20 && part.bytes().all(|b| b.is_ascii_hexdigit());
            let number = !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
            if hexadecimal || number { "*" } else { part }
        })
        .collect();
    // Kubernetes: the last part is a name.
    match parts[..] {
        ["", "api", _, resource] => resource.to_owned(),
        ["", "api", _, resource, _] => resource.to_owned(),
        ["", "api", _, "namespaces", _, resource, ..] => resource.to_owned(),
        ["", "apis", group, _, "namespaces", _, resource, ..] => format!("{group}/{resource}"),
        ["", "apis", group, _, resource, ..] => format!("{group}/{resource}"),
        _ => parts.join("/"),
    }
}

impl Case {
    /// Runs the bootstrap into this fault. It may fail or cope.
    pub(crate) fn run(&self, stage: &Stage) -> Result<Output, String> {
        match self.side {
            Side::GitHub => self.arm_github(stage),
            Side::Kubernetes => {
                stage.proxy.add(self.kubernetes_rule());
            }
        }
        if self.event == Event::Kill {
            self.run_until_killed(stage)
        } else {
            Ok(stage.bootstrap())
        }
    }

    fn arm_github(&self, stage: &Stage) {
        let failure = match self.event {
            Event::Status(status) => Failure::Status(status, json!({"message": "Server Error"})),
            Event::Reset => Failure::Reset,
            Event::Kill => Failure::Timeout(FOREVER),
        };
        let fault = if self.after {
            Fault::after(failure)
        } else {
            Fault::before(failure)
        };
        stage.github.fail_nth(self.number as u64, fault);
    }

    fn kubernetes_rule(&self) -> Rule {
        let fault = match self.event {
            Event::Status(status) => faults::Fault::status(status),
            Event::Reset => faults::Fault::Reset,
            Event::Kill => faults::Fault::Stall,
        };
        let rule = Rule::new(fault).nth(self.number);
        if self.after {
            rule.after_effect()
        } else {
            rule
        }
    }

    /// How many requests the server on this side has seen.
    fn reached(&self, stage: &Stage) -> usize {
        match self.side {
            Side::GitHub => {
                let requests = stage.github.requests();
                requests.iter().filter(|r| r.door == "rest").count()
            }
            Side::Kubernetes => stage.proxy.requests().len(),
        }
    }

    fn run_until_killed(&self, stage: &Stage) -> Result<Output, String> {
        let mut child = stage.command().spawn().map_err(|e| e.to_string())?;
        let started = Instant::now();
        while self.reached(stage) < self.number {
            if let Some(status) = child.try_wait().map_err(|e| e.to_string())? {
                // Fewer requests than in the run without a fault: nothing to be killed at.
                let code = status.code().unwrap_or(-1);
                return Ok(Output {
                    stdout: String::new(),
                    stderr: format!("it ended by itself ({code}) before"),
                    code,
                });
            }
            if started.elapsed() > PATIENCE {
                return Err("the request to be killed at never came".to_owned());
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        if self.after {
            // The request is there; its effect follows.
            std::thread::sleep(Duration::from_millis(150));
        }
        child.kill().map_err(|e| e.to_string())?;
        child.wait().map_err(|e| e.to_string())?;
        Ok(Output {
            stdout: String::new(),
            stderr: "killed".to_owned(),
            code: -1,
        })
    }
}
