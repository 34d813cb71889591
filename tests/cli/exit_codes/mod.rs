//! Every exit code of every verb that can give it, under both names: what `docs/exit-codes.md`
//! says, as runs.
//!
//! A [`Scene`] is something that happens to a run, with the code that has to come of it. The table
//! of scenes, together with what is proved elsewhere and what cannot happen, has a place for each
//! verb of the command line and each code.

mod impossible;
mod scenes;
mod servers;

use std::collections::BTreeSet;
use std::path::PathBuf;

use reflux::cli;
use reflux::error::Kind;
use reflux::identity::Identity;

use self::impossible::{ELSEWHERE, IMPOSSIBLE};
use self::scenes::SCENES;
use self::servers::{Answering, Silent, closed_port};
use crate::support::cluster::{Namespace, namespace};
use crate::support::{Output, Run, flux, reflux};

/// Something that happens to runs.
struct Scene {
    /// What has to come of it.
    kind: Kind,
    /// What happens.
    what: &'static str,
    /// The verbs that it happens to.
    verbs: &'static [&'static str],
    /// What has to be there before.
    before: fn(&Stage),
    /// The run, where it happens.
    run: fn(&Stage, &Call) -> Output,
}

/// A verb under a name.
struct Call {
    verb: &'static str,
    as_flux: bool,
}

/// Where the scenes of one verb play.
struct Stage {
    ns: Namespace,
}

impl Stage {
    fn new() -> Self {
        Stage { ns: namespace() }
    }
}

/// A usual run of a verb, about the object `name` where the verb is about one.
fn usual<'a>(verb: &'a str, name: &'a str) -> Vec<&'a str> {
    let rest: &[&str] = match verb {
        "bootstrap" => &["github", "--owner=org", "--repository=fleet"],
        "build" | "diff" => &["kustomization", name, "--path=."],
        "check" | "envsubst" | "install" | "version" => &[],
        "completion" => &["bash"],
        "create" => &[
            "kustomization",
            name,
            "--source=GitRepository/sample",
            "--path=./apps",
        ],
        "delete" => &["kustomization", name, "--silent"],
        "kustomize" => &["."],
        "trigger" => &["receiver", name, "--token=x", "--retries=0"],
        "uninstall" => &["--silent"],
        _ => &["kustomization", name],
    };
    [&[verb], rest].concat()
}

impl Call {
    /// The usual run on the shared API server, and what else is given.
    fn on(&self, stage: &Stage, name: &str, rest: &[&str]) -> Run {
        let run = if self.as_flux { flux() } else { reflux() };
        let args = [usual(self.verb, name), rest.to_vec()].concat();
        stage.ns.on(run, &args)
    }

    /// The usual run against a kubeconfig.
    fn with(&self, stage: &Stage, kubeconfig: PathBuf, rest: &[&str]) -> Output {
        let run = self.on(stage, "one", rest);
        run.env("KUBECONFIG", kubeconfig).run()
    }

    /// The usual run against a server at that address, which is what the verb talks to first.
    fn at(&self, stage: &Stage, address: &str, rest: &[&str]) -> Run {
        let flag = match self.verb {
            "bootstrap" => format!("--hostname={address}"),
            "trigger" => format!("--url=http://{address}"),
            _ => format!("--server=http://{address}"),
        };
        let run = self.on(stage, "one", &[&[flag.as_str()], rest].concat());
        run.env("GITHUB_TOKEN", "x")
    }
}

/// Plays the scenes of a kind, the verbs side by side, each under both names.
fn play(kind: Kind) {
    let scenes: Vec<&Scene> = SCENES.iter().filter(|scene| scene.kind == kind).collect();
    std::thread::scope(|threads| {
        for scene in scenes {
            for verb in scene.verbs {
                threads.spawn(move || play_one(scene, verb));
            }
        }
    });
}

fn play_one(scene: &Scene, verb: &'static str) {
    let stage = Stage::new();
    (scene.before)(&stage);
    for as_flux in [false, true] {
        let output = (scene.run)(&stage, &Call { verb, as_flux });
        let want = match scene.kind {
            Kind::Interrupted => 130,
            // 1 says that there are differences.
            _ if verb == "diff" => 2,
            _ if as_flux => 1,
            kind => i32::from(kind.exit_code()),
        };
        assert_eq!(
            output.code, want,
            "{verb}, {}, as flux: {as_flux}\nstdout:\n{}\nstderr:\n{}",
            scene.what, output.stdout, output.stderr
        );
        assert!(!output.stderr.is_empty(), "{verb}, {}", scene.what);
    }
}

#[test]
fn failed() {
    play(Kind::Failed);
}

#[test]
fn usage() {
    play(Kind::Usage);
}

#[test]
fn not_found() {
    play(Kind::NotFound);
}

#[test]
fn refused() {
    play(Kind::Refused);
}

#[test]
fn unreachable() {
    play(Kind::Unreachable);
}

#[test]
fn timed_out() {
    play(Kind::TimedOut);
}

#[test]
fn not_ready() {
    play(Kind::NotReady);
}

#[test]
fn conflict() {
    play(Kind::Conflict);
}

#[test]
fn interrupted() {
    play(Kind::Interrupted);
}

#[test]
fn every_verb_has_a_place_for_every_code() {
    let mut placed = BTreeSet::new();
    for scene in SCENES {
        placed.extend(
            scene
                .verbs
                .iter()
                .map(|verb| (*verb, scene.kind.exit_code())),
        );
    }
    for (verb, kind, file) in ELSEWHERE {
        let text = crate::docs::read(file);
        let code = kind.exit_code();
        assert!(text.contains(&format!("failure({code})")), "{verb} {code}");
        assert!(placed.insert((verb, code)), "{verb} {code} is played here");
    }
    for (verbs, kind, why) in IMPOSSIBLE {
        assert!(!why.is_empty());
        for verb in *verbs {
            let code = kind.exit_code();
            assert!(placed.insert((verb, code)), "{verb} {code} can happen");
        }
    }
    let root = cli::root(Identity::Reflux);
    let verbs: Vec<&str> = root.get_subcommands().map(|verb| verb.get_name()).collect();
    let mut missing = Vec::new();
    for verb in &verbs {
        for kind in Kind::ALL {
            if !placed.contains(&(verb, kind.exit_code())) {
                missing.push((*verb, kind.word()));
            }
        }
    }
    assert!(missing.is_empty(), "no place: {missing:?}");
    let unknown: Vec<_> = placed.iter().filter(|(v, _)| !verbs.contains(v)).collect();
    assert!(unknown.is_empty(), "no such verbs: {unknown:?}");
}
