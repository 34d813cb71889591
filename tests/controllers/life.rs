//! The steps of an object's life, each proved by what its controller makes of it.

use kube::api::DynamicObject;
use reflux::kinds::status::State;
use reflux::kinds::{Action, Kind};
use sandbox::Component;
use serde_json::Value;

use crate::place::{Place, becomes, eventually};
use crate::stage::stage;

/// One object and the words for it.
pub(crate) struct Life<'a> {
    place: &'a Place,
    kind: &'static Kind,
    name: &'a str,
}

impl<'a> Life<'a> {
    pub(crate) fn of(place: &'a Place, kind: &'static Kind, name: &'a str) -> Self {
        Self { place, kind, name }
    }

    /// `VERB WORDS NAME FLAGS`.
    fn run(&self, verb: &str, flags: &[&str]) -> crate::place::Output {
        let mut args = vec![verb];
        args.extend(self.kind.singular.path);
        args.push(self.name);
        args.extend(flags);
        self.place.reflux(&args)
    }

    /// Makes it; the program waits until it is ready.
    #[track_caller]
    pub(crate) fn create(&self, flags: &[&str]) {
        self.run("create", flags).success();
        self.is_ready();
    }

    /// Its controller says so, `get` shows it, and `export` knows it. This may need another look: a
    /// controller that has not read its own answer yet works on the object a second time, and says
    /// so.
    #[track_caller]
    pub(crate) fn is_ready(&self) {
        becomes(|| self.state(), Some(State::Ready));
        becomes(|| self.cell("READY").as_deref() == Some("True"), true);
        let manifest = self.run("export", &[]).success();
        let kind = format!("kind: {}\n", self.kind.kind);
        assert!(manifest.contains(&kind), "{manifest}");
        assert!(!manifest.contains("status:"), "{manifest}");
    }

    fn state(&self) -> Option<State> {
        let object = self.place.find(self.kind, self.name);
        object.map(|object| self.kind.state(&object))
    }

    /// What `get` shows of it below a header.
    fn cell(&self, header: &str) -> Option<String> {
        let mut args = vec!["get"];
        args.extend(self.kind.list.path);
        args.push(self.name);
        let table = self.place.reflux(&args).success();
        let mut rows = table.lines().map(|row| row.split('\t').map(str::trim));
        let column = rows.next()?.position(|cell| cell == header)?;
        rows.next()?.nth(column).map(str::to_owned)
    }

    /// Its controller answers the request.
    #[track_caller]
    pub(crate) fn reconcile(&self, flags: &[&str]) {
        let before = self.handled();
        self.run("reconcile", flags).success();
        let after = self.handled();
        assert!(after.is_some() && after != before, "{after:?}");
    }

    /// The last request that its controller has answered.
    fn handled(&self) -> Option<String> {
        let status = &self.object().data["status"];
        status["lastHandledReconcileAt"].as_str().map(str::to_owned)
    }

    /// It is suspended, and cannot be reconciled.
    #[track_caller]
    pub(crate) fn suspend(&self) {
        self.run("suspend", &[]).success();
        assert!((self.kind.suspended)(&self.object()));
        if self.kind.allows(Action::Reconcile) {
            let error = self.run("reconcile", &[]).failure();
            assert!(error.contains("resource is suspended"), "{error}");
            becomes(|| self.is_left_alone(), true);
        }
    }

    /// Whether its controller has said of it that it is suspended.
    fn is_left_alone(&self) -> bool {
        let component = Component::from_name(self.kind.controller).unwrap();
        let log = stage().flux.logs(component).unwrap();
        log.lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok())
            .any(|line| {
                let says = line["msg"].as_str().unwrap_or_default();
                says.contains("econciliation is suspended")
                    && line["controllerKind"] == self.kind.kind
                    && line["namespace"] == self.place.name
                    && line["name"] == self.name
            })
    }

    /// It is not suspended any more; the program waits until it is ready.
    #[track_caller]
    pub(crate) fn resume(&self) {
        self.run("resume", &[]).success();
        assert!(!(self.kind.suspended)(&self.object()));
        self.is_ready();
    }

    /// Suspended it stays as it is, whatever there is to find; resumed it reaches what `change`
    /// says that there is.
    #[track_caller]
    pub(crate) fn pause(&self, change: impl FnOnce() -> String) {
        self.suspend();
        let old = self.revision();
        let new = change();
        assert_eq!(self.revision(), old, "a suspended object moves");
        self.resume();
        self.reaches(&new);
    }

    /// It comes to stand for a revision that has this in it.
    #[track_caller]
    pub(crate) fn reaches(&self, revision: &str) {
        becomes(
            || self.revision().is_some_and(|now| now.contains(revision)),
            true,
        );
    }

    pub(crate) fn revision(&self) -> Option<String> {
        (self.kind.revision)(&self.object())
    }

    pub(crate) fn object(&self) -> DynamicObject {
        self.place.find(self.kind, self.name).unwrap()
    }

    /// It goes, once its controller has let it.
    #[track_caller]
    pub(crate) fn delete(&self) {
        self.run("delete", &["--silent"]).success();
        eventually(&format!("the end of {}", self.name), || {
            self.place
                .find(self.kind, self.name)
                .is_none()
                .then_some(())
        });
    }
}
