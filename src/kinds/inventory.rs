//! The inventory that kustomize-controller keeps of what it applied.

use std::fmt;

use kube::api::DynamicObject;

/// One object of an inventory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its group; empty for Kubernetes' core.
    pub group: String,
    /// Its kind.
    pub kind: String,
    /// Its namespace; empty where it has none.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.namespace.is_empty() {
            write!(f, "{}/{}", self.kind, self.name)
        } else {
            write!(f, "{}/{}/{}", self.kind, self.namespace, self.name)
        }
    }
}

/// The entries of the object's inventory; what cannot be read is left out.
pub fn entries(object: &DynamicObject) -> Vec<Entry> {
    object.data["status"]["inventory"]["entries"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|entry| parse(entry["id"].as_str()?))
        .collect()
}

/// Reads `namespace_name_group_kind`. A colon in a name, as roles of the system have, is written as
/// two underscores.
pub(crate) fn parse(id: &str) -> Option<Entry> {
    let (rest, kind) = id.rsplit_once('_')?;
    let (rest, group) = rest.rsplit_once('_')?;
    let (namespace, name) = rest.split_once('_')?;
    Some(Entry {
        group: group.to_owned(),
        kind: kind.to_owned(),
        namespace: namespace.to_owned(),
        name: name.replace("__", ":"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers() {
        let text = |id| parse(id).map(|entry| (entry.to_string(), entry.group));
        assert_eq!(
            text("apps_web_apps_Deployment"),
            Some(("Deployment/apps/web".to_owned(), "apps".to_owned()))
        );
        assert_eq!(
            text("_system__node_rbac.authorization.k8s.io_ClusterRole"),
            Some((
                "ClusterRole/system:node".to_owned(),
                "rbac.authorization.k8s.io".to_owned()
            ))
        );
        assert_eq!(text("x"), None);
    }
}
