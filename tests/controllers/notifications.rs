//! Provider, Alert and Receiver: events out, web hooks in.

use reflux::kinds::{ALERT, GIT_REPOSITORY, PROVIDER, RECEIVER};
use sandbox::sources::call;
use serde_json::Value;

use crate::life::Life;
use crate::place::{Place, becomes, eventually};
use crate::stage::{block_on, stage};

/// Commits a file and has the source fetched; returns the number of the commit.
fn commit(place: &Place, text: &str) -> String {
    let revision = stage().commit(&place.name, &[("one.yaml", text)]);
    let args = ["reconcile", "source", "git", "apps"];
    place.reflux(&args).success();
    revision.trim_start_matches("main@sha1:").to_owned()
}

/// Whether an alert about that commit came in.
fn told(place: &Place, commit: &str) -> bool {
    let path = format!("/{}/alerts", place.name);
    stage().web.received().iter().any(|received| {
        let event: Value = serde_json::from_slice(&received.body).unwrap_or_default();
        received.path == path
            && event["involvedObject"]["kind"] == "GitRepository"
            && event["metadata"].to_string().contains(commit)
    })
}

#[test]
fn an_alert_and_its_provider_live() {
    let place = Place::new("alerts");
    place.follow("apps", &[("one.yaml", "a: 0\n")]);
    let provider = Life::of(&place, &PROVIDER, "web");
    let address = format!("--address={}/{}/alerts", stage().web.url(), place.name);
    provider.create(&["--type=generic", &address]);
    let alert = Life::of(&place, &ALERT, "news");
    alert.create(&[
        "--provider-ref=web",
        "--event-severity=info",
        "--event-source=GitRepository/*",
    ]);
    // The controller reads alerts from a cache of its own, which may lag behind.
    let mut number = 0;
    eventually("an alert", || {
        number += 1;
        let commit = commit(&place, &format!("a: {number}\n"));
        told(&place, &commit).then_some(())
    });

    alert.suspend();
    let unheard = commit(&place, "b: 1\n");
    alert.resume();
    eventually("an alert again", || {
        number += 1;
        let commit = commit(&place, &format!("a: {number}\n"));
        told(&place, &commit).then_some(())
    });
    assert!(!told(&place, &unheard), "a suspended alert speaks");

    provider.suspend();
    provider.resume();
    alert.delete();
    provider.delete();
}

/// Sends a web hook to the Receiver; returns the status of the answer.
fn hook(receiver: &Life<'_>) -> u16 {
    let path = receiver.object().data["status"]["webhookPath"]
        .as_str()
        .unwrap()
        .to_owned();
    let url = format!("{}{path}", stage().flux.receiver_url());
    let answer = block_on(call(http::Method::POST, &url, &[], b"{}".to_vec())).unwrap();
    answer.status.as_u16()
}

/// A Receiver `hooks` of that type for the GitRepository `apps`.
fn receiver<'a>(place: &'a Place, of_type: &str) -> Life<'a> {
    place.follow("apps", &[("one.yaml", "a: 0\n")]);
    place.file("token", "open-sesame");
    let of_type = format!("--type={of_type}");
    let secret = ["create", "secret", "receiver", "token", &of_type];
    let flags = [TOKEN, "--hostname=flux.example.com"];
    place.reflux(&[&secret[..], &flags].concat()).success();
    let life = Life::of(place, &RECEIVER, "hooks");
    life.create(&[
        &of_type,
        "--secret-ref=token",
        "--resource=GitRepository/apps",
    ]);
    life
}

const TOKEN: &str = "--token-file=token";

#[test]
fn a_receiver_lives() {
    let place = Place::new("hooks");
    let life = receiver(&place, "generic");
    let source = Life::of(&place, &GIT_REPOSITORY, "apps");
    let first = stage().commit(&place.name, &[("one.yaml", "a: 1\n")]);
    assert_eq!(hook(&life), 200);
    source.reaches(&first);

    life.reconcile(&[]);
    life.suspend();
    becomes(|| hook(&life), 503);
    let second = stage().commit(&place.name, &[("one.yaml", "a: 2\n")]);
    life.resume();
    becomes(|| hook(&life), 200);
    source.reaches(&second);
    life.delete();
}

#[test]
fn a_receiver_is_triggered() {
    let place = Place::new("trigger");
    let _life = receiver(&place, "generic-hmac");
    let source = Life::of(&place, &GIT_REPOSITORY, "apps");
    let url = format!("--url={}", stage().flux.receiver_url());
    let trigger = |of_type: &str| {
        let words = ["trigger", "receiver", "hooks", "--retries=0"];
        place.reflux(&[&words[..], &[&url, TOKEN, of_type]].concat())
    };
    let revision = stage().commit(&place.name, &[("one.yaml", "a: 1\n")]);
    let error = trigger("--type=generic").failure();
    assert!(error.contains("400"), "{error}");
    assert!(source.revision() != Some(revision.clone()), "unsigned");
    trigger("--type=generic-hmac").success();
    source.reaches(&revision);
}
