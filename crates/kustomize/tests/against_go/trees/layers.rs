//! The shape of a tree: which kustomizations there are, what they build on, and where their objects stand.

use serde_json::{Map, Value, json};

use super::dice::Dice;
use super::{Content, Tree, fields, generators, objects, wrong};

/// An object as a layer sees it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    /// As it was written.
    pub(crate) object: Value,
    pub(crate) first_name: String,
    pub(crate) first_namespace: String,
    /// What it is called by now, as far as that is easily said.
    pub(crate) name: String,
    pub(crate) namespace: String,
}

impl Seen {
    pub(crate) fn new(object: Value) -> Self {
        let text = |key: &str| {
            let text = object["metadata"][key].as_str();
            text.unwrap_or_default().to_owned()
        };
        let (name, namespace) = (text("name"), text("namespace"));
        Self {
            object,
            first_name: name.clone(),
            first_namespace: namespace.clone(),
            name,
            namespace,
        }
    }

    pub(crate) fn kind(&self) -> &str {
        self.object["kind"].as_str().unwrap_or_default()
    }

    pub(crate) fn api_version(&self) -> &str {
        self.object["apiVersion"].as_str().unwrap_or_default()
    }

    fn is_like(&self, other: &Self) -> bool {
        self.kind() == other.kind()
            && self.first_name == other.first_name
            && self.first_namespace == other.first_namespace
    }
}

/// A directory that is built, and the objects that it amounts to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Layer {
    pub(crate) directory: String,
    pub(crate) objects: Vec<Seen>,
    /// Whether others are built on it, or beside it.
    is_shared: bool,
}

/// How much a kustomization says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Base,
    /// A base that is used twice, or together with another.
    Shared,
    Overlay,
    Component,
    /// The kustomization that is built.
    Top,
}

/// The tree that a seed stands for.
pub(crate) fn generate(seed: u64) -> Tree {
    let mut dice = Dice::new(seed);
    let dice = &mut dice;
    let mut tree = Tree {
        style: dice.seed(),
        target: "app".into(),
        ..Tree::default()
    };
    let tree_ref = &mut tree;
    match dice.below(12) {
        0..3 => {
            layer(dice, tree_ref, "app", Role::Top, Vec::new());
        }
        3..7 => {
            let base = layer(dice, tree_ref, "base", Role::Base, Vec::new());
            layer(dice, tree_ref, "app", Role::Top, vec![base]);
        }
        7..9 => {
            let base = layer(dice, tree_ref, "base", Role::Base, Vec::new());
            let middle = layer(dice, tree_ref, "middle", Role::Overlay, vec![base]);
            layer(dice, tree_ref, "app", Role::Top, vec![middle]);
        }
        9 => {
            let base = layer(dice, tree_ref, "base", Role::Shared, Vec::new());
            let other = layer(dice, tree_ref, "other", Role::Shared, Vec::new());
            layer(dice, tree_ref, "app", Role::Top, vec![base, other]);
        }
        10 => {
            let base = layer(dice, tree_ref, "base", Role::Shared, Vec::new());
            let twins = ["east", "west"]
                .map(|name| layer(dice, tree_ref, name, Role::Overlay, vec![base.clone()]));
            layer(dice, tree_ref, "app", Role::Top, twins.into());
        }
        _ => {
            let base = layer(dice, tree_ref, "app/base", Role::Base, Vec::new());
            layer(dice, tree_ref, "app", Role::Top, vec![base]);
        }
    }
    wrong::maybe_break(dice, &mut tree);
    tree
}

/// Makes a directory with its kustomization, on top of others.
fn layer(
    dice: &mut Dice,
    tree: &mut Tree,
    directory: &str,
    role: Role,
    below: Vec<Layer>,
) -> Layer {
    let mut layer = Layer {
        directory: directory.to_owned(),
        objects: Vec::new(),
        is_shared: role == Role::Shared,
    };
    let mut kustomization = Map::new();
    let mut resources = Vec::new();
    let mut bases = Vec::new();
    for below in below {
        let path = path_to(dice, tree, directory, &below.directory);
        if dice.chance(8) {
            bases.push(path);
        } else {
            resources.push(path);
        }
        layer.objects.extend(below.objects);
    }
    let has_own = layer.objects.is_empty() || dice.chance(35);
    if has_own {
        let count = if layer.objects.is_empty() {
            2 + dice.below(5)
        } else {
            1 + dice.below(2)
        };
        resources.extend(own(dice, tree, &mut layer, count));
    }
    if dice.chance(50) {
        kustomization.insert(
            "apiVersion".into(),
            "kustomize.config.k8s.io/v1beta1".into(),
        );
        kustomization.insert("kind".into(), "Kustomization".into());
    }
    if !resources.is_empty() {
        kustomization.insert("resources".into(), json!(resources));
    }
    if !bases.is_empty() {
        kustomization.insert("bases".into(), json!(bases));
    }
    generators::files(tree, directory);
    if !matches!(role, Role::Base | Role::Shared) && dice.chance(25) {
        kustomization.insert("components".into(), components(dice, tree, &mut layer));
    }
    fields::fill(dice, tree, &mut layer, role, &mut kustomization);
    let name = dice.pick(&[
        "kustomization.yaml",
        "kustomization.yaml",
        "kustomization.yaml",
        "kustomization.yml",
        "Kustomization",
    ]);
    tree.add(
        &format!("{directory}/{name}"),
        vec![Value::Object(kustomization)],
    );
    layer
}

/// A way from a directory to another: straight, roundabout, or through a symbolic link.
fn path_to(dice: &mut Dice, tree: &mut Tree, from: &str, to: &str) -> String {
    let path = match to.strip_prefix(from) {
        Some(below) => below.trim_start_matches('/').to_owned(),
        None => format!("../{to}"),
    };
    match dice.below(12) {
        0 => format!("{path}/"),
        1 => format!("./{path}"),
        2 => format!("../{from}/{path}"),
        3 => {
            let name = format!("to-{}", to.replace('/', "-"));
            tree.files
                .insert(format!("{from}/{name}"), Content::Link(path));
            name
        }
        _ => path,
    }
}

/// Adds objects of a layer's own, and returns the files that they stand in.
fn own(dice: &mut Dice, tree: &mut Tree, layer: &mut Layer, count: usize) -> Vec<String> {
    let mut made: Vec<Value> = Vec::new();
    for _ in 0..count {
        let seen = Seen::new(objects::object(dice));
        // A prefix can't tell these apart where a layer is used twice.
        let is_fixed = matches!(
            seen.kind(),
            "Namespace" | "CustomResourceDefinition" | "APIService"
        );
        if is_fixed && layer.is_shared {
            continue;
        }
        if dice.chance(98) && layer.objects.iter().any(|known| known.is_like(&seen)) {
            continue;
        }
        made.push(seen.object.clone());
        layer.objects.push(seen);
    }
    let at = dice.below(made.len() + 1);
    let second = made.split_off(at);
    let mut names = Vec::new();
    for (documents, name) in [(made, "objects.yaml"), (second, "more.yml")] {
        if documents.is_empty() {
            continue;
        }
        names.push(name.to_owned());
        let path = format!("{}/{name}", layer.directory);
        let documents = match dice.below(12) {
            0 => vec![json!({ "apiVersion": "v1", "kind": "List", "items": documents })],
            1 => vec![Value::Null].into_iter().chain(documents).collect(),
            _ => documents,
        };
        if dice.chance(5) {
            let depth = "../".repeat(path.matches('/').count());
            tree.files
                .insert(path, Content::Link(format!("{depth}shared-{name}")));
            tree.add(&format!("shared-{name}"), documents);
        } else {
            tree.add(&path, documents);
        }
    }
    names
}

/// `components` of a layer, which see its objects.
fn components(dice: &mut Dice, tree: &mut Tree, layer: &mut Layer) -> Value {
    let mut names = Vec::new();
    for name in dice.some(&["component", "extras"], 2) {
        if tree
            .files
            .keys()
            .any(|path| path.starts_with(&format!("{name}/")))
        {
            continue;
        }
        let outer = Layer {
            directory: name.to_owned(),
            objects: layer.objects.clone(),
            is_shared: layer.is_shared,
        };
        let made = component(dice, tree, outer);
        layer.objects = made.objects;
        let depth = "../".repeat(layer.directory.matches('/').count() + 1);
        names.push(format!("{depth}{name}"));
    }
    json!(names)
}

fn component(dice: &mut Dice, tree: &mut Tree, mut component: Layer) -> Layer {
    let directory = component.directory.clone();
    let mut kustomization = Map::new();
    kustomization.insert(
        "apiVersion".into(),
        "kustomize.config.k8s.io/v1alpha1".into(),
    );
    kustomization.insert("kind".into(), "Component".into());
    if dice.chance(30) {
        let resources = own(dice, tree, &mut component, 1);
        kustomization.insert("resources".into(), json!(resources));
    }
    generators::files(tree, &directory);
    fields::fill(
        dice,
        tree,
        &mut component,
        Role::Component,
        &mut kustomization,
    );
    tree.add(
        &format!("{directory}/kustomization.yaml"),
        vec![Value::Object(kustomization)],
    );
    component
}
