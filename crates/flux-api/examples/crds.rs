//! Prints the CRDs of all kinds as a JSON list, ready for `kubectl apply -f -`:
//! `cargo run -p flux-api --example crds`.

use std::io::{Write, stdout};

use serde_json::json;

fn main() -> std::io::Result<()> {
    let list = json!({ "apiVersion": "v1", "kind": "List", "items": flux_api::crd::all_json() });
    writeln!(stdout(), "{list:#}")
}
