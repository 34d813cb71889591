//! Fields that no version of a kind has: a word that is misspelt, mostly.
//!
//! kustomize-controller reads objects of Kubernetes' own kinds into Go's types before it applies
//! them, and what has no place there is lost without a word. Here the server is asked first; what
//! it says it does not know is left out then, and told.

use serde_json::Value;

/// How the server says that it does not know a field, behind the field's path.
const UNKNOWN: &str = ": field not declared in schema";

/// Groups of the kinds that Go's client for Kubernetes has types for.
const GROUPS: &[&str] = &[
    "",
    "admissionregistration.k8s.io",
    "apps",
    "autoscaling",
    "batch",
    "certificates.k8s.io",
    "coordination.k8s.io",
    "discovery.k8s.io",
    "events.k8s.io",
    "flowcontrol.apiserver.k8s.io",
    "networking.k8s.io",
    "node.k8s.io",
    "policy",
    "rbac.authorization.k8s.io",
    "resource.k8s.io",
    "scheduling.k8s.io",
    "storage.k8s.io",
];

/// Takes the fields out of an object that the server says it does not know, and returns their
/// paths. Nothing is taken out where the controller would not do so either.
pub fn leave_out_unknown(object: &mut Value, refusal: &str) -> Vec<String> {
    if !refusal.contains(UNKNOWN) || !is_typed(object) {
        return Vec::new();
    }
    let paths = refusal.lines().filter_map(|line| {
        let line = line.strip_suffix(UNKNOWN)?;
        let start = line.rfind(": .").map_or(0, |colon| colon + 2);
        Some(line[start..].trim())
    });
    paths
        .filter(|path| remove(object, path))
        .map(str::to_owned)
        .collect()
}

/// Whether the controller reads the object into one of Go's types. Roles are exempt there.
fn is_typed(object: &Value) -> bool {
    let text = |field: &str| object[field].as_str().unwrap_or_default();
    let group = text("apiVersion")
        .split_once('/')
        .map_or("", |(group, _)| group);
    let is_role =
        group == "rbac.authorization.k8s.io" && matches!(text("kind"), "Role" | "ClusterRole");
    GROUPS.contains(&group) && !is_role
}

/// Removes what stands at a path as the server writes it: `.field`, `[0]`, `[key="value",…]`.
fn remove(object: &mut Value, path: &str) -> bool {
    let Some((parent, field)) = path.rsplit_once('.') else {
        return false;
    };
    let parent = steps(parent).and_then(|steps| {
        let mut at = object;
        for step in steps {
            at = follow(at, &step)?;
        }
        at.as_object_mut()
    });
    parent.is_some_and(|fields| fields.remove(field).is_some())
}

enum Step {
    Field(String),
    Place(usize),
    /// The item with these values.
    Item(Vec<(String, Value)>),
}

/// The steps of a path; none where it is not understood.
fn steps(mut path: &str) -> Option<Vec<Step>> {
    let mut steps = Vec::new();
    while !path.is_empty() {
        if let Some(rest) = path.strip_prefix('.') {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            steps.push(Step::Field(rest[..end].to_owned()));
            path = &rest[end..];
            continue;
        }
        let rest = path.strip_prefix('[')?;
        let end = rest.find(']')?;
        steps.push(match rest[..end].parse() {
            Ok(place) => Step::Place(place),
            Err(_) => Step::Item(keys(&rest[..end])?),
        });
        path = &rest[end + 1..];
    }
    Some(steps)
}

fn keys(text: &str) -> Option<Vec<(String, Value)>> {
    let key = |pair: &str| {
        let (key, value) = pair.split_once('=')?;
        Some((key.to_owned(), serde_json::from_str(value).ok()?))
    };
    text.split(',').map(key).collect()
}

fn follow<'v>(at: &'v mut Value, step: &Step) -> Option<&'v mut Value> {
    match step {
        Step::Field(field) => at.get_mut(field),
        Step::Place(place) => at.get_mut(place),
        Step::Item(keys) => {
            let fits = |item: &&mut Value| {
                // A key that is not there has its default, which is not known here.
                let mut keys = keys.iter();
                keys.all(|(key, value)| item.get(key).is_none_or(|own| own == value))
            };
            at.as_array_mut()?.iter_mut().find(fits)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn deployment() -> Value {
        json!({
            "apiVersion": "apps/v1", "kind": "Deployment", "top": 1,
            "spec": {"replcas": 2, "template": {"spec": {
                "containers": [
                    {"name": "a", "imagePolicy": "A"},
                    {"name": "b", "imagePolicy": "B", "ports": [{"containerPort": 1, "x": 1}]},
                ],
                "tolerations": [{"bar": 1}],
            }}},
        })
    }

    #[test]
    fn what_the_server_does_not_know_is_taken_out() {
        let one = "x dry-run failed: failed to create typed patch object (ns/w; apps/v1, \
                   Kind=Deployment): .spec.replcas: field not declared in schema";
        let mut object = deployment();
        assert_eq!(leave_out_unknown(&mut object, one), [".spec.replcas"]);
        assert_eq!(object["spec"].get("replcas"), None);
        assert!(leave_out_unknown(&mut object, one).is_empty());

        let container = ".spec.template.spec.containers[name=\"b\"]";
        let several = format!(
            "failed to create typed patch object (w): errors:\n  .top: field not declared in \
             schema\n  {container}.imagePolicy: field not declared in schema\n  \
             {container}.ports[containerPort=1,protocol=\"TCP\"].x: field not declared in schema\n  \
             .spec.template.spec.tolerations[0].bar: field not declared in schema"
        );
        assert_eq!(leave_out_unknown(&mut object, &several).len(), 4);
        let spec = &object["spec"]["template"]["spec"];
        let left = json!({
            "containers": [
                {"name": "a", "imagePolicy": "A"},
                {"name": "b", "ports": [{"containerPort": 1}]},
            ],
            "tolerations": [{}],
        });
        assert_eq!(*spec, left);
    }

    #[test]
    fn what_the_controller_would_refuse_stays() {
        let refusal = "failed: .spec.replcas: field not declared in schema";
        for (api_version, kind) in [
            ("source.toolkit.fluxcd.io/v1", "GitRepository"),
            ("rbac.authorization.k8s.io/v1", "ClusterRole"),
        ] {
            let mut object = deployment();
            object["apiVersion"] = api_version.into();
            object["kind"] = kind.into();
            assert!(leave_out_unknown(&mut object, refusal).is_empty(), "{kind}");
        }
        for other in [
            "failed: .spec.replcas: Required value",
            "",
            ".spec[: field not declared in schema",
        ] {
            assert!(
                leave_out_unknown(&mut deployment(), other).is_empty(),
                "{other}"
            );
        }
    }
}
