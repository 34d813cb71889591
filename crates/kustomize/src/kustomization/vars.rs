//! The entries of `vars`.

use super::fields::Fields;
use crate::error::Error;
use crate::id::Gvk;
use crate::vars::Var;
use crate::yaml::Node;

const OBJECT: [&str; 6] = [
    "apiVersion",
    "group",
    "version",
    "kind",
    "name",
    "namespace",
];
const DEFAULT_PATH: &str = "metadata.name";

impl Var {
    pub(super) fn parse(file: &str, node: &Node) -> Result<Self, Error> {
        let fields = Fields::of(file, node, &["name", "objref", "fieldref"])?;
        let empty = Node::mapping();
        let object = Fields::of(file, fields.get("objref").unwrap_or(&empty), &OBJECT)?;
        let field = Fields::of(
            file,
            fields.get("fieldref").unwrap_or(&empty),
            &["fieldPath"],
        )?;
        let mut target = Gvk {
            group: object.text("group")?,
            version: object.text("version")?,
            kind: object.text("kind")?,
        };
        let (name, path) = (fields.text("name")?, field.text("fieldPath")?);
        let written = Self::shown(&name, &target, &path);
        let api_version = object.text("apiVersion")?;
        match api_version.split('/').collect::<Vec<_>>().as_slice() {
            [group, version] => {
                (target.group, target.version) = ((*group).to_owned(), (*version).to_owned());
            }
            [version] if !version.is_empty() => (*version).clone_into(&mut target.version),
            _ => {}
        }
        Ok(Self {
            position: node.position,
            name,
            target,
            object_name: object.text("name")?,
            namespace: object.text("namespace")?,
            path: if path.is_empty() {
                DEFAULT_PATH.into()
            } else {
                path
            },
            written,
        })
    }
}
