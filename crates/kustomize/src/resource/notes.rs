//! What kustomize notes in annotations while it builds, where a file says it: an object may come out of another build.
//!
//! The annotations themselves go at the end, as all of kustomize's own do.

use super::{Previous, Resource};
use crate::error::Error;

const DOMAIN: &str = "internal.config.kubernetes.io/";

impl Resource {
    /// Believes what the annotations say the object was called before, and whether its name is to get a hash.
    ///
    /// # Errors
    ///
    /// Where they do not give a name, a namespace and a kind each time.
    pub(crate) fn read_notes(&mut self) -> Result<(), Error> {
        let annotations = self.node.at(&["metadata", "annotations"]);
        let is_own = |key: &String| key.starts_with(DOMAIN);
        let written = annotations.and_then(|node| node.as_mapping());
        if !written.is_some_and(|entries| entries.keys().any(is_own)) {
            return Ok(());
        }
        let annotations = self.annotations();
        let noted = |key: &str| annotations.get(&format!("{DOMAIN}{key}"));
        let list = |key: &str| -> Vec<String> {
            let text = noted(key).map(String::as_str).unwrap_or_default();
            text.split(',').map(str::to_owned).collect()
        };
        if noted("previousNames").is_some() {
            let (names, namespaces) = (list("previousNames"), list("previousNamespaces"));
            let kinds = list("previousKinds");
            if names.len() != namespaces.len() || names.len() != kinds.len() {
                let message = "number of previous names, number of previous namespaces, number of previous kinds not equal";
                return Err(Error::new(message).at(&self.file, self.node.position));
            }
            let ids = names.into_iter().zip(namespaces).zip(kinds);
            self.previous = ids
                .map(|((name, namespace), kind)| Previous {
                    kind,
                    name,
                    namespace,
                })
                .collect();
        }
        let fixes = |key: &str| noted(key).map_or_else(Vec::new, |_| list(key));
        let (prefixes, suffixes) = (fixes("prefixes"), fixes("suffixes"));
        let needs_hash = noted("needsHashSuffix").is_some_and(|text| text == "enabled");
        (self.prefixes, self.suffixes) = (prefixes, suffixes);
        self.needs_hash = needs_hash && matches!(self.kind(), "ConfigMap" | "Secret");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::{self, Dialect};

    #[test]
    fn what_an_object_was_called_comes_in_threes() {
        let read = |kinds: &str| {
            let text = format!(
                "kind: Farm\nmetadata:\n  name: farm\n  annotations:\n    {DOMAIN}previousNames: a,b\n    \
                 {DOMAIN}previousNamespaces: c,d\n    {DOMAIN}previousKinds: {kinds}\n"
            );
            let node = yaml::parse(&text, Dialect::Resource).unwrap().remove(0);
            let mut resource = Resource::new(node, "farm.yaml".into());
            resource.read_notes().map(|()| resource)
        };
        let resource = read("Barn,Farm").unwrap();
        assert_eq!(resource.first_name(), "a");
        assert_eq!(resource.previous_ids().count(), 2);
        let error = read("Barn").unwrap_err().to_string();
        assert!(error.starts_with("farm.yaml:1:1: number of previous names"));
    }
}
