//! What does not become ready in time: the program says what its controller has to say of it.

use crate::place::Place;
use crate::stage::stage;

/// What is asked for, and what of the controller's words must be on the screen.
struct Case {
    words: &'static str,
    flags: Vec<String>,
    reason: &'static str,
}

fn case(words: &'static str, flags: &[&str], reason: &'static str) -> Case {
    Case {
        words,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        reason,
    }
}

fn cases() -> Vec<Case> {
    let stage = stage();
    let (registry, store) = (stage.registry.host(), stage.store.host());
    let oci = format!("--url=oci://{registry}/absent");
    let charts = format!("--url={}/absent", stage.web.url());
    let git = format!("--url=https://{}/acme/absent", stage.github.host());
    let image = format!("--image={registry}/absent");
    let endpoint = format!("--endpoint={store}");
    vec![
        case("source git", &[&git, "--branch=main"], "unable to clone"),
        case(
            "source oci",
            &[&oci, "--tag=1", "--insecure"],
            "NAME_UNKNOWN",
        ),
        case("source helm", &[&charts], "404"),
        case(
            "source bucket",
            &[
                "--bucket-name=absent",
                &endpoint,
                "--insecure",
                "--access-key=a",
                "--secret-key=b",
            ],
            "bucket 'absent' not found",
        ),
        case(
            "source chart",
            &["--source=HelmRepository/absent", "--chart=web"],
            "absent",
        ),
        case(
            "kustomization",
            &["--source=GitRepository/absent"],
            "absent",
        ),
        case(
            "helmrelease",
            &["--chart-ref=OCIRepository/absent"],
            "absent",
        ),
        case("image repository", &[&image], "NAME_UNKNOWN"),
        case(
            "image policy",
            &["--image-ref=absent", "--select-semver=1.x"],
            "absent",
        ),
        case(
            "image update",
            &[
                "--git-repo-ref=absent",
                "--checkout-branch=main",
                "--author-name=a",
                "--author-email=a@b",
            ],
            "absent",
        ),
        case(
            "receiver",
            &[
                "--type=generic",
                "--secret-ref=absent",
                "--resource=GitRepository/a",
            ],
            "absent",
        ),
    ]
}

#[test]
fn what_is_not_ready_in_time_is_explained() {
    let place = &Place::new("failures");
    let faults: Vec<String> = std::thread::scope(|scope| {
        let runs: Vec<_> = cases()
            .into_iter()
            .map(|case| scope.spawn(move || fault(place, &case)))
            .collect();
        runs.into_iter()
            .filter_map(|run| run.join().unwrap())
            .collect()
    });
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}

/// What is wrong with the run of a case.
fn fault(place: &Place, case: &Case) -> Option<String> {
    let mut args = vec!["create"];
    args.extend(case.words.split(' '));
    args.push("lost");
    args.extend(case.flags.iter().map(String::as_str));
    let output = place.reflux_within("8s", &args);
    let right = output.code == 6 && output.stderr.contains(case.reason);
    (!right).then(|| {
        format!(
            "{}: exit code {}\n{}",
            case.words, output.code, output.stderr
        )
    })
}
