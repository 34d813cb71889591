//! What a user wrote of the kustomization that is built, so that errors and origins name that: a
//! line of the folder's own file, or a field of the Flux Kustomization. The generated text is
//! nobody's.

use kustomize::yaml::{self, Node, Position};

use super::all::{id, title};
use super::generate::Generated;
use super::spec::{Kustomization, Spec};

/// Where something of the generated kustomization comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// At a place in the folder's own file.
    Here(Position),
    /// In this field of the Flux Kustomization.
    Spec(String),
    /// Nowhere: Flux put it there.
    Nowhere,
}

/// The generated kustomization beside what it was made from.
pub(super) struct Positions<'g> {
    generated: &'g Generated,
    kustomization: &'g Kustomization,
    node: Option<Node>,
}

/// The deepest node that begins before a place, as far as it is known.
struct Search {
    wanted: Position,
    best: Position,
    written: Written,
}

impl<'g> Positions<'g> {
    pub(super) fn new(generated: &'g Generated, kustomization: &'g Kustomization) -> Self {
        Positions {
            generated,
            kustomization,
            node: yaml::parse_first(&generated.content).ok().flatten(),
        }
    }

    /// The error as the user should see it: what is wrong with the generated file is told of what
    /// it was made from.
    pub(super) fn of_error(&self, error: kustomize::Error) -> kustomize::Error {
        let own = self.generated.path.display().to_string();
        let has_file = self.generated.user.is_some();
        let folder = self.generated.path.parent().unwrap_or(&self.generated.path);
        let shown = if has_file {
            own.clone()
        } else {
            folder.display().to_string()
        };
        let mut chain: Vec<String> = error.chain().to_vec();
        let mut file = error.file().map(str::to_owned);
        let mut position = error.position();
        if file.as_deref() == Some(own.as_str()) {
            let written = position.map(|position| self.written(position));
            position = None;
            match written {
                Some(Written::Here(place)) => position = Some(place),
                Some(Written::Spec(field)) => {
                    chain.retain(|step| *step != own);
                    file = Some(format!("{field} of {}", title(&id(self.kustomization))));
                }
                Some(Written::Nowhere) | None => file = Some(shown.clone()),
            }
        }
        for step in &mut chain {
            if *step == own {
                step.clone_from(&shown);
            }
        }
        error.placed(chain, file, position)
    }

    /// Where a place of the generated text comes from.
    pub(super) fn written(&self, wanted: Position) -> Written {
        let mut search = Search {
            wanted,
            best: Position::default(),
            written: Written::Nowhere,
        };
        let (Some(node), user) = (&self.node, self.generated.user.as_ref()) else {
            return Written::Nowhere;
        };
        let spec = &self.kustomization.spec;
        for (key, entry) in node
            .as_mapping()
            .into_iter()
            .flat_map(|fields| fields.iter())
        {
            let user = user.and_then(|user| user.as_mapping()?.get(key));
            let at = match user {
                Some(user) => Written::Here(user.key),
                None => Written::Nowhere,
            };
            search.see(entry.key, &at);
            if let Some(field) = whole(key, spec) {
                search.see(entry.value.position, &Written::Spec(field.to_owned()));
                continue;
            }
            match entry.value.as_sequence() {
                Some(items) => search.items(key, items, user.map(|user| &user.value)),
                None => search.mirror(&entry.value, user.map(|user| &user.value)),
            }
        }
        search.written
    }
}

/// The field of the Flux Kustomization that a whole field comes from.
fn whole(key: &str, spec: &Spec) -> Option<&'static str> {
    match key {
        "namespace" if !spec.target_namespace.is_empty() => Some("spec.targetNamespace"),
        "namePrefix" if !spec.name_prefix.is_empty() => Some("spec.namePrefix"),
        "nameSuffix" if !spec.name_suffix.is_empty() => Some("spec.nameSuffix"),
        "buildMetadata" if !spec.build_metadata.is_empty() => Some("spec.buildMetadata"),
        _ => None,
    }
}

impl Search {
    fn see(&mut self, at: Position, written: &Written) {
        if at <= self.wanted && at >= self.best && at.line > 0 {
            self.best = at;
            self.written = written.clone();
        }
    }

    /// The items of a list. Those of the user come first and in their order, some of them left out;
    /// then come those of the Flux Kustomization.
    fn items(&mut self, key: &str, items: &[Node], user: Option<&Node>) {
        let user = user.and_then(Node::as_sequence).unwrap_or_default();
        let mut rest = user.iter();
        let mut added = 0;
        for item in items {
            let same = match key {
                // Those that were there may have been changed.
                "images" => user.iter().find(|own| own.get("name") == item.get("name")),
                _ => rest.find(|own| own.to_json() == item.to_json()),
            };
            if same.is_some() {
                self.mirror(item, same);
                continue;
            }
            let written = match key {
                "patches" | "images" => Written::Spec(format!("spec.{key}[{added}]")),
                "components" => Written::Spec("spec.components".to_owned()),
                _ => Written::Nowhere,
            };
            added += 1;
            self.see(item.position, &written);
        }
    }

    /// What is as the user has it.
    fn mirror(&mut self, node: &Node, user: Option<&Node>) {
        let Some(user) = user else {
            return self.see(node.position, &Written::Nowhere);
        };
        self.see(node.position, &Written::Here(user.position));
        for (key, entry) in node
            .as_mapping()
            .into_iter()
            .flat_map(|fields| fields.iter())
        {
            let Some(own) = user.as_mapping().and_then(|user| user.get(key)) else {
                continue;
            };
            self.see(entry.key, &Written::Here(own.key));
            self.mirror(&entry.value, Some(&own.value));
        }
        let items = node.as_sequence().unwrap_or_default();
        let own = user.as_sequence().unwrap_or_default();
        for (item, own) in items.iter().zip(own) {
            self.mirror(item, Some(own));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::all::memory::Memory;
    use super::super::{Options, build};
    use super::*;

    /// What is said of `app` where the Kustomization has this spec.
    fn error(spec: serde_json::Value, files: &[(&str, &str)]) -> String {
        let tree = Memory::tree(files);
        let object = json!({
            "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
            "metadata": {"name": "app", "namespace": "flux-system"}, "spec": spec,
        });
        let kustomization = Kustomization::of(&object).unwrap();
        let options = Options {
            is_artifact: true,
            ..Options::default()
        };
        let built = build(
            tree.files.as_ref(),
            "/app".as_ref(),
            &kustomization,
            &super::super::Variables::default(),
            &options,
        );
        built.unwrap_err().to_string()
    }

    #[test]
    fn errors_name_what_the_user_wrote() {
        let own = "# ours\nnamePrefix: a-\n\nresources: [a.yaml, none.yaml]\npatches:\n\
            - target: {kind: ConfigMap}\n  patch: |\n    - {op: remove, path: /data/none}\n";
        let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
        let plain = [("app/kustomization.yaml", own), ("app/a.yaml", map)];
        let starts = |text: &str, wanted: &str| assert!(text.starts_with(wanted), "{text}");
        starts(
            &error(json!({}), &plain),
            "kustomize build failed: /app/kustomization.yaml:4:21: ",
        );
        let good = own.replace(", none.yaml", "");
        let files = [
            ("app/kustomization.yaml", good.as_str()),
            ("app/a.yaml", map),
        ];
        starts(
            &error(json!({"targetNamespace": "x"}), &files),
            "kustomize build failed: /app/kustomization.yaml:7:",
        );
        let unpatched = good.split("patches:").next().unwrap();
        let files = [("app/kustomization.yaml", unpatched), ("app/a.yaml", map)];
        let remove = "- {op: remove, path: /data/none}";
        let patches = json!([
            {"patch": "- {op: add, path: /data, value: {}}", "target": {"kind": "ConfigMap"}},
            {"patch": remove, "target": {"kind": "ConfigMap"}},
        ]);
        starts(
            &error(json!({"patches": patches}), &files),
            "kustomize build failed: spec.patches[1] of Kustomization/flux-system/app: ",
        );
        starts(
            &error(json!({"components": ["../none"]}), &files),
            "kustomize build failed: spec.components of Kustomization/flux-system/app: ",
        );
        // Without a file, there is none to name.
        let broken = [("app/a.yaml", map), ("app/b.yaml", "a: b: c\n")];
        let text = error(json!({}), &broken);
        starts(&text, "kustomize build failed: /app → /app/b.yaml:1:");
        let text = error(json!({"patches": patches}), &[("app/a.yaml", map)]);
        starts(
            &text,
            "kustomize build failed: spec.patches[1] of Kustomization/flux-system/app: ",
        );
    }
}
