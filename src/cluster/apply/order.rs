//! The order in which objects are applied and reported: what others need comes first.

use super::ObjectName;

/// Kinds that others depend on, in the order in which flux applies them; the rest follows.
const FIRST: &[&str] = &[
    "CustomResourceDefinition",
    "Namespace",
    "ClusterRole",
    "ClusterRoleBinding",
    "ResourceQuota",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "ConfigMap",
    "Secret",
    "Service",
    "Deployment",
];

/// What to sort objects by: the rank of the kind, then names.
pub(super) fn key(name: &ObjectName) -> (usize, &str, &str, Option<&str>, &str) {
    let rank = FIRST.iter().position(|kind| *kind == name.kind);
    (
        rank.unwrap_or(FIRST.len()),
        name.group(),
        &name.kind,
        name.namespace.as_deref(),
        &name.name,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_need_comes_first() {
        let name = |kind: &str, name: &str| ObjectName {
            api_version: "g/v1".to_owned(),
            kind: kind.to_owned(),
            namespace: None,
            name: name.to_owned(),
        };
        let mut names = [
            name("NetworkPolicy", "n"),
            name("Deployment", "b"),
            name("Namespace", "z"),
            name("Deployment", "a"),
            name("CustomResourceDefinition", "c"),
            name("ServiceAccount", "s"),
        ];
        names.sort_by(|a, b| key(a).cmp(&key(b)));
        let sorted: Vec<String> = names.iter().map(ToString::to_string).collect();
        assert_eq!(
            sorted,
            [
                "CustomResourceDefinition/c",
                "Namespace/z",
                "ServiceAccount/s",
                "Deployment/a",
                "Deployment/b",
                "NetworkPolicy/n"
            ]
        );
    }
}
