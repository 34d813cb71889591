//! What happens to runs, and what has to come of it.

use k8s_openapi::api::core::v1::ServiceAccount;
use kube::api::{Api, Patch, PatchParams, PostParams};
use reflux::error::Kind;
use reflux::kinds::KUSTOMIZATION;
use sandbox::User;
use sandbox::faults::{Fault, FaultProxy, Rule};
use serde_json::{Value, json};

use super::{Answering, Call, Scene, Silent, Stage, closed_port};
use crate::support::Output;
use crate::support::cluster::{block_on, control_plane, ready};
use crate::support::controller::Controller;

/// Those that ask the API server before anything else.
const CLUSTER: &[&str] = &[
    "build",
    "check",
    "create",
    "delete",
    "diff",
    "export",
    "get",
    "install",
    "reconcile",
    "resume",
    "suspend",
    "uninstall",
    "version",
    "wait",
];

/// Those that take names of objects which have to be there.
const NAMED: &[&str] = &[
    "build",
    "delete",
    "diff",
    "export",
    "get",
    "reconcile",
    "resume",
    "suspend",
    "wait",
];

/// Those that write to the API server.
const WRITING: &[&str] = &[
    "create",
    "delete",
    "install",
    "reconcile",
    "resume",
    "suspend",
    "uninstall",
];

const ALL: &[&str] = &[
    "bootstrap",
    "build",
    "check",
    "completion",
    "create",
    "delete",
    "diff",
    "envsubst",
    "export",
    "get",
    "install",
    "kustomize",
    "reconcile",
    "resume",
    "suspend",
    "trigger",
    "uninstall",
    "version",
    "wait",
];

pub(super) static SCENES: &[Scene] = &[
    Scene {
        kind: Kind::Failed,
        what: "the API server understands nothing",
        verbs: CLUSTER,
        before: an_object,
        run: |stage, call| through(stage, call, Rule::new(Fault::status(400))),
    },
    Scene {
        kind: Kind::Failed,
        what: "a controller that has given up",
        verbs: &["wait"],
        before: an_unseen_object,
        run: hopeless,
    },
    Scene {
        kind: Kind::Failed,
        what: "the webhook is broken",
        verbs: &["trigger"],
        before: nothing,
        run: |stage, call| webhook(stage, call, "500 Internal Server Error"),
    },
    Scene {
        kind: Kind::Usage,
        what: "a flag that does not exist",
        verbs: ALL,
        before: nothing,
        run: |stage, call| call.on(stage, "one", &["--no-such-flag"]).run(),
    },
    Scene {
        kind: Kind::NotFound,
        what: "a context that does not exist",
        verbs: CLUSTER,
        before: an_object,
        run: |stage, call| call.on(stage, "one", &["--context=nope"]).run(),
    },
    Scene {
        kind: Kind::NotFound,
        what: "a context that does not exist",
        verbs: &["bootstrap"],
        before: nothing,
        run: |stage, call| call.at(stage, &closed_port(), &["--context=nope"]).run(),
    },
    Scene {
        kind: Kind::NotFound,
        what: "an object that does not exist",
        verbs: NAMED,
        before: an_object,
        run: |stage, call| call.on(stage, "nobody", &[]).run(),
    },
    Scene {
        kind: Kind::NotFound,
        what: "a webhook that does not exist",
        verbs: &["trigger"],
        before: nothing,
        run: |stage, call| webhook(stage, call, "404 Not Found"),
    },
    Scene {
        kind: Kind::Refused,
        what: "a token that nobody knows",
        verbs: CLUSTER,
        before: an_object,
        run: |stage, call| call.on(stage, "one", &["--token=wrong"]).run(),
    },
    Scene {
        kind: Kind::Refused,
        what: "a service account without rights",
        // What `check` may not read is a check that failed; `version` asks only what anybody may.
        verbs: &[
            "build",
            "create",
            "delete",
            "diff",
            "export",
            "get",
            "install",
            "reconcile",
            "resume",
            "suspend",
            "uninstall",
            "wait",
        ],
        before: an_object,
        run: |stage, call| {
            let token = format!("--token={}", service_account(stage));
            call.on(stage, "one", &[&token]).run()
        },
    },
    Scene {
        kind: Kind::Refused,
        what: "a user who may only read",
        verbs: WRITING,
        before: an_object,
        run: |stage, call| {
            let kubeconfig = control_plane().kubeconfig_of(User::Reader);
            call.with(stage, kubeconfig, &[])
        },
    },
    Scene {
        kind: Kind::Refused,
        what: "a webhook that refuses",
        verbs: &["trigger"],
        before: nothing,
        run: |stage, call| webhook(stage, call, "403 Forbidden"),
    },
    Scene {
        kind: Kind::Unreachable,
        what: "a port where nobody listens",
        verbs: &[
            "bootstrap",
            "build",
            "check",
            "create",
            "delete",
            "diff",
            "export",
            "get",
            "install",
            "reconcile",
            "resume",
            "suspend",
            "trigger",
            "uninstall",
            "version",
            "wait",
        ],
        before: an_object,
        run: |stage, call| call.at(stage, &closed_port(), &[]).run(),
    },
    Scene {
        kind: Kind::TimedOut,
        what: "a server that does not answer",
        verbs: &[
            "build",
            "check",
            "create",
            "delete",
            "diff",
            "export",
            "get",
            "install",
            "reconcile",
            "resume",
            "suspend",
            "trigger",
            "uninstall",
            "version",
            "wait",
        ],
        before: an_object,
        run: |stage, call| {
            let server = Silent::new();
            call.at(stage, &server.address(), &["--timeout=1s"]).run()
        },
    },
    Scene {
        kind: Kind::TimedOut,
        what: "neither the host nor the API server answers",
        verbs: &["bootstrap"],
        before: nothing,
        run: |stage, call| {
            let server = Silent::new();
            let api = format!("--server=http://{}", server.address());
            let rest = ["--timeout=1s", api.as_str()];
            call.at(stage, &server.address(), &rest).run()
        },
    },
    Scene {
        kind: Kind::TimedOut,
        what: "a controller that does not come",
        verbs: &["create", "reconcile", "resume", "wait"],
        before: an_unseen_object,
        run: |stage, call| call.on(stage, "one", &["--timeout=1s"]).run(),
    },
    Scene {
        kind: Kind::TimedOut,
        what: "a finalizer that nobody takes off",
        verbs: &["delete"],
        before: |stage| {
            an_object(stage);
            patch(
                stage,
                &json!({"metadata": {"finalizers": ["example.com/keep"]}}),
            );
        },
        run: |stage, call| call.on(stage, "one", &["--timeout=1s"]).run(),
    },
    Scene {
        kind: Kind::NotReady,
        what: "an object that is suspended",
        verbs: &["reconcile"],
        before: |stage| {
            an_object(stage);
            patch(stage, &json!({"spec": {"suspend": true}}));
        },
        run: |stage, call| call.on(stage, "one", &[]).run(),
    },
    Scene {
        kind: Kind::NotReady,
        what: "a controller that has given up",
        verbs: &["create", "reconcile", "resume"],
        before: an_unseen_object,
        run: hopeless,
    },
    Scene {
        kind: Kind::NotReady,
        what: "a cluster without Flux's controllers",
        verbs: &["check"],
        before: nothing,
        run: |stage, call| call.on(stage, "one", &[]).run(),
    },
    Scene {
        kind: Kind::Conflict,
        what: "somebody else who is always faster",
        verbs: WRITING,
        before: an_object,
        run: |stage, call| through(stage, call, Rule::new(Fault::status(409)).writes()),
    },
    Scene {
        kind: Kind::Interrupted,
        what: "Ctrl-C while the server is silent",
        verbs: &[
            "bootstrap",
            "build",
            "check",
            "create",
            "delete",
            "diff",
            "export",
            "get",
            "install",
            "reconcile",
            "resume",
            "suspend",
            "trigger",
            "uninstall",
            "version",
            "wait",
        ],
        before: an_object,
        run: |stage, call| {
            let server = Silent::new();
            let run = call.at(stage, &server.address(), &[]);
            run.interrupted(|| server.asked())
        },
    },
    Scene {
        kind: Kind::Interrupted,
        what: "Ctrl-C while a controller is waited for",
        verbs: &["create", "reconcile", "resume"],
        before: an_unseen_object,
        run: |stage, call| {
            let run = call.on(stage, "one", &[]);
            run.interrupted_after("waiting for Kustomization reconciliation")
        },
    },
];

fn nothing(_: &Stage) {}

/// A Kustomization `one`, whose controller has nothing more to say.
fn an_object(stage: &Stage) {
    stage.ns.sample(&KUSTOMIZATION, "one", ready());
}

/// A Kustomization `one` that no controller has seen.
fn an_unseen_object(stage: &Stage) {
    stage.ns.sample(&KUSTOMIZATION, "one", Value::Null);
}

/// The token of a service account that may do nothing.
fn service_account(stage: &Stage) -> String {
    let api: Api<ServiceAccount> = Api::namespaced(stage.ns.client(), &stage.ns.name);
    let account = serde_json::from_value(json!({"metadata": {"name": "nobody"}})).unwrap();
    let request = serde_json::from_value(json!({
        "metadata": {}, "spec": {"audiences": [], "expirationSeconds": 600},
    }));
    block_on(async {
        // The second run finds it there.
        let _ = api.create(&PostParams::default(), &account).await;
        let answer = api
            .create_token_request("nobody", &PostParams::default(), &request.unwrap())
            .await;
        answer.unwrap().status.unwrap().token.unwrap()
    })
}

fn patch(stage: &Stage, patch: &Value) {
    let api = stage.ns.api(&KUSTOMIZATION);
    let patch = Patch::Merge(patch);
    block_on(api.patch("one", &PatchParams::default(), &patch)).unwrap();
}

/// The usual run while the controller calls everything hopeless.
fn hopeless(stage: &Stage, call: &Call) -> Output {
    let _controller = Controller::start(&stage.ns, |_| ("False", "Stalled", "it is hopeless"));
    call.on(stage, "one", &[]).run()
}

/// The usual run through a proxy with that rule.
fn through(stage: &Stage, call: &Call, rule: Rule) -> Output {
    let proxy = FaultProxy::start(control_plane()).unwrap();
    proxy.add(rule);
    call.with(stage, proxy.kubeconfig(), &[])
}

fn webhook(stage: &Stage, call: &Call, status: &'static str) -> Output {
    call.at(stage, Answering::new(status).address(), &[]).run()
}
