//! `get --watch`: it prints the list, then every change, until it is told to stop.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use kube::api::{DeleteParams, Patch, PatchParams};
use reflux::kinds::KUSTOMIZATION;
use sandbox::faults::{Fault, FaultProxy, Rule};
use serde_json::json;

use crate::support::cluster::{Namespace, block_on, control_plane, namespace, ready};

const PATIENCE: Duration = Duration::from_secs(30);

struct Watch {
    child: Child,
    lines: Receiver<String>,
}

fn spawn(kubeconfig: &Path, ns: &Namespace, args: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_reflux"))
        .args(["get", "ks", "--watch", "-n", &ns.name])
        .args(args)
        .env_clear()
        .env("KUBECONFIG", kubeconfig)
        .env("LANG", "C.UTF-8")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

impl Watch {
    fn start(kubeconfig: &Path, ns: &Namespace, args: &[&str]) -> Self {
        let mut child = spawn(kubeconfig, ns, args);
        let (sender, lines) = channel();
        for stream in [
            Box::new(child.stdout.take().unwrap()) as Box<dyn std::io::Read + Send>,
            Box::new(child.stderr.take().unwrap()),
        ] {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines() {
                    let Ok(line) = line else { break };
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Watch { child, lines }
    }

    #[track_caller]
    fn next(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn set_message(ns: &Namespace, name: &str, message: &str) {
    let patch = json!({"status": {"conditions": [crate::support::cluster::condition(
        "Ready", "True", "Succeeded", message, 1)]}});
    let api = ns.api(&KUSTOMIZATION);
    block_on(api.patch_status(name, &PatchParams::default(), &Patch::Merge(patch))).unwrap();
}

#[test]
fn changes_follow_the_list() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let watch = Watch::start(&ns.kubeconfig, &ns, &["--timeout=1s"]);
    assert!(watch.next().starts_with("NAME"));
    assert!(watch.next().contains("all is well"));
    // The deadline of other commands is not a watch's.
    std::thread::sleep(Duration::from_millis(1500));
    set_message(&ns, "apps", "changed");
    assert!(watch.next().contains("changed"));
    block_on(
        ns.api(&KUSTOMIZATION)
            .delete("apps", &DeleteParams::default()),
    )
    .unwrap();
    assert!(watch.next().contains("apps deleted"));
}

#[test]
fn it_ends_when_nobody_reads() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let mut child = spawn(&ns.kubeconfig, &ns, &["--no-header"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().contains("all is well"));
    drop(lines);
    set_message(&ns, "apps", "changed");
    let started = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if started.elapsed() > PATIENCE => {
                child.kill().unwrap();
                panic!("it goes on");
            }
            None => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert!(status.success(), "{status}");
}

#[test]
fn a_watch_that_breaks_is_taken_up_again_without_repeats() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let proxy = FaultProxy::start(control_plane()).unwrap();
    proxy.add(Rule::new(Fault::EndAfter(Duration::from_millis(300))).watches());
    let watch = Watch::start(&proxy.kubeconfig(), &ns, &["--no-header"]);
    assert!(watch.next().contains("all is well"));
    for number in 0..5 {
        std::thread::sleep(Duration::from_millis(500));
        let message = format!("change {number}");
        set_message(&ns, "apps", &message);
        assert!(watch.next().contains(&message), "{number}");
    }
}
