//! Each fault does to a client what its name says, at the moment it says.

#![expect(clippy::panic, clippy::unwrap_used, reason = "tests fail by panicking")]

use std::time::{Duration, Instant};

use futures::{StreamExt as _, TryStreamExt as _};
use http::Method;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ListParams, PostParams, WatchEvent, WatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client};
use sandbox::faults::{Fault, FaultProxy, Moment, Rule};
use serde_json::json;

/// A proxy, and a namespace seen through it and past it.
struct Scene {
    proxy: FaultProxy,
    through: Api<ConfigMap>,
    direct: Api<ConfigMap>,
}

async fn scene() -> Scene {
    let plane = sandbox::shared();
    let namespace = plane.namespace("faults").await.unwrap();
    let proxy = FaultProxy::start(plane).unwrap();
    let api = |client: Client| Api::namespaced(client, &namespace);
    Scene {
        through: api(client(&proxy).await),
        direct: api(plane.client().await.unwrap()),
        proxy,
    }
}

/// A client that takes the first answer: kube's own would retry what it thinks will pass.
async fn client(proxy: &FaultProxy) -> Client {
    let kubeconfig = Kubeconfig::read_from(proxy.kubeconfig()).unwrap();
    let mut config =
        kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
            .await
            .unwrap();
    config.default_retry = false;
    Client::try_from(config).unwrap()
}

impl Scene {
    async fn create(&self, name: &str) -> kube::Result<ConfigMap> {
        let object = serde_json::from_value(json!({"metadata": {"name": name}})).unwrap();
        self.through.create(&PostParams::default(), &object).await
    }

    async fn exists(&self, name: &str) -> bool {
        self.direct.get_opt(name).await.unwrap().is_some()
    }
}

fn code(result: kube::Result<ConfigMap>) -> u16 {
    match result.unwrap_err() {
        kube::Error::Api(status) => status.code,
        error => panic!("not a status: {error}"),
    }
}

#[tokio::test]
async fn without_rules_it_only_records() {
    let scene = scene().await;
    scene.create("one").await.unwrap();
    scene.through.list(&ListParams::default()).await.unwrap();
    let requests = scene.proxy.requests();
    let methods: Vec<_> = requests.iter().map(|one| one.method.as_str()).collect();
    assert_eq!(methods, ["POST", "GET"]);
    assert!(requests[0].is_write() && requests[0].path.contains("/configmaps"));
    scene.proxy.forget_requests();
    assert!(scene.proxy.requests().is_empty());
}

#[tokio::test]
async fn statuses_before_and_after_effect() {
    let scene = scene().await;
    for status in [403, 500, 502, 504] {
        for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
            scene.proxy.clear();
            let fault = Fault::status(status);
            let trap = scene
                .proxy
                .add(Rule::new(fault).method(Method::POST).at(moment).nth(1));
            let name = format!("{status}-{moment:?}").to_lowercase();
            assert_eq!(code(scene.create(&name).await), status);
            assert_eq!(
                scene.exists(&name).await,
                moment == Moment::AfterEffect,
                "{name}"
            );
            assert_eq!(trap.applied(), 1);
        }
    }
}

#[tokio::test]
async fn too_many_requests_says_when_to_come_back() {
    let scene = scene().await;
    scene
        .proxy
        .add(Rule::new(Fault::too_many_requests(Duration::from_secs(7))));
    let request = http::Request::get("/version")
        .body(Vec::new().into())
        .unwrap();
    let answer = client(&scene.proxy).await.send(request).await.unwrap();
    assert_eq!(answer.status(), 429);
    assert_eq!(answer.headers()["retry-after"], "7");
    // A client that does retry gets through once the rule is used up.
    scene.proxy.clear();
    let trap = scene
        .proxy
        .add(Rule::new(Fault::too_many_requests(Duration::from_secs(1))).times(1));
    scene
        .proxy
        .client()
        .await
        .unwrap()
        .apiserver_version()
        .await
        .unwrap();
    assert_eq!(trap.applied(), 1);
}

fn is_reset(error: &kube::Error) -> bool {
    let causes = std::iter::successors(Some(error as &dyn std::error::Error), |one| one.source());
    causes
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::ConnectionReset)
}

#[tokio::test]
async fn resets_before_and_after_effect() {
    let scene = scene().await;
    for moment in [Moment::BeforeEffect, Moment::AfterEffect] {
        scene.proxy.clear();
        scene
            .proxy
            .add(Rule::new(Fault::Reset).writes().at(moment).nth(1));
        let name = format!("{moment:?}").to_lowercase();
        let error = scene.create(&name).await.unwrap_err();
        assert!(is_reset(&error), "{error:?}");
        assert_eq!(scene.exists(&name).await, moment == Moment::AfterEffect);
    }
    // The next request finds a connection again.
    scene.create("after").await.unwrap();
}

#[tokio::test]
async fn delays_and_stalls() {
    let scene = scene().await;
    scene
        .proxy
        .add(Rule::new(Fault::Delay(Duration::from_millis(300))).nth(1));
    let begun = Instant::now();
    scene.create("late").await.unwrap();
    assert!(begun.elapsed() >= Duration::from_millis(300));
    scene.proxy.clear();
    scene.proxy.add(Rule::new(Fault::Stall));
    let stalled = tokio::time::timeout(Duration::from_millis(500), scene.create("never")).await;
    assert!(stalled.is_err());
    assert!(!scene.exists("never").await);
}

#[tokio::test]
async fn answers_are_cut() {
    let scene = scene().await;
    scene.create("one").await.unwrap();
    scene.proxy.add(
        Rule::new(Fault::Cut { bytes: 40 })
            .method(Method::GET)
            .nth(1),
    );
    let error = scene.through.get("one").await.unwrap_err();
    assert!(!matches!(error, kube::Error::Api(_)), "{error}");
    scene.through.get("one").await.unwrap();
}

#[tokio::test]
async fn watches_stream_until_they_are_ended() {
    let scene = scene().await;
    scene
        .proxy
        .add(Rule::new(Fault::EndAfter(Duration::from_millis(700))).watches());
    let begun = Instant::now();
    let mut events = scene
        .through
        .watch(&WatchParams::default(), "0")
        .await
        .unwrap()
        .boxed();
    scene.create("seen").await.unwrap();
    let mut names = Vec::new();
    while let Some(event) = events.try_next().await.unwrap() {
        if let WatchEvent::Added(object) = event {
            assert!(
                begun.elapsed() < Duration::from_millis(650),
                "it came while the watch was open"
            );
            names.extend(object.metadata.name);
        }
    }
    assert!(names.contains(&"seen".to_owned()), "{names:?}");
    assert!(begun.elapsed() >= Duration::from_millis(700));
}

#[tokio::test]
async fn watches_expire() {
    let scene = scene().await;
    scene.proxy.add(Rule::new(Fault::Expired).watches().nth(1));
    let mut events = scene
        .through
        .watch(&WatchParams::default(), "1")
        .await
        .unwrap()
        .boxed();
    match events.try_next().await.unwrap() {
        Some(WatchEvent::Error(status)) => assert_eq!(status.code, 410),
        other => panic!("{other:?}"),
    }
    assert!(events.try_next().await.unwrap().is_none());
}
