//! A recording of the GitHub server held against GitHub's published description.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use jsonschema::{Draft, Registry, Validator};
use sandbox::github::Recorded;
use sandbox::github::openapi::{self, UNLISTED};
use serde_json::{Value, json};

/// The name under which the validator knows the cut description.
const DOCUMENT: &str = "https://sandbox.invalid/description";

/// Statuses that no violation is made of although the description doesn't list them for a path.
fn unlisted() -> String {
    let statuses = UNLISTED
        .iter()
        .map(|(status, why)| format!("{status} ({why})"));
    statuses.collect::<Vec<_>>().join(", ")
}

/// Prints each violation of the description by the recording, then a summary; fails where there is one.
#[expect(
    clippy::print_stdout,
    clippy::disallowed_macros,
    reason = "a task talks to its developer"
)]
pub(super) fn run(description: &Path, recording: &Path) -> Result<()> {
    let description: Value = serde_json::from_slice(&fs_err::read(description)?)
        .with_context(|| format!("read {}", description.display()))?;
    let requests = openapi::from_lines(&fs_err::read_to_string(recording)?)
        .with_context(|| format!("read {}", recording.display()))?;
    if requests.is_empty() {
        bail!("no request is recorded");
    }
    for endpoint in openapi::undescribed(&description) {
        println!("served, but not described: {endpoint}");
    }
    let report = validate(&openapi::cut(&description), &requests)?;
    for violation in &report.violations {
        println!("{violation}");
    }
    println!(
        "{} requests on {} endpoints, {} parts validated, {} violations; unlisted statuses let through: {}",
        requests.len(),
        report.endpoints.len(),
        report.parts,
        report.violations.len(),
        unlisted(),
    );
    if !report.violations.is_empty() {
        bail!("the description is violated");
    }
    Ok(())
}

/// What validating found.
#[derive(Default)]
struct Report {
    endpoints: BTreeSet<String>,
    parts: usize,
    violations: Vec<String>,
}

fn validate(document: &Value, requests: &[Recorded]) -> Result<Report> {
    let registry = Registry::new()
        .draft(Draft::Draft7)
        .add(DOCUMENT, document)?
        .prepare()?;
    let mut validators: BTreeMap<String, Validator> = BTreeMap::new();
    let mut report = Report::default();
    for request in requests {
        let name = format!("#{} {} {}", request.number, request.method, request.path);
        let checks = match openapi::check(document, request) {
            Ok(checks) => checks,
            Err(problem) => {
                report.violations.push(format!("{name}: {problem}"));
                continue;
            }
        };
        report.endpoints.extend(
            request
                .template
                .iter()
                .map(|template| format!("{} {template}", request.method)),
        );
        for check in checks {
            report.parts += 1;
            if !validators.contains_key(&check.schema) {
                validators.insert(check.schema.clone(), compile(&registry, &check.schema)?);
            }
            let Some(validator) = validators.get(&check.schema) else {
                continue;
            };
            for error in validator.iter_errors(&check.value) {
                let (place, what) = (error.instance_path(), &check.what);
                let violation = format!("{name}: {what}: {place}: {}", error.masked());
                report.violations.push(violation);
            }
        }
    }
    Ok(report)
}

fn compile(registry: &Registry<'_>, pointer: &str) -> Result<Validator> {
    // The pointer stands in an address, where braces may not.
    let fragment = pointer
        .replace('%', "%25")
        .replace('{', "%7B")
        .replace('}', "%7D");
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .with_registry(registry)
        .should_validate_formats(true)
        .build(&json!({ "$ref": format!("{DOCUMENT}#{fragment}") }))
        .with_context(|| format!("compile {pointer}"))
}
