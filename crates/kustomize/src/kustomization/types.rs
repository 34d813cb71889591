//! The types of a kustomization file's fields, as kustomize's own reader has them.
//!
//! The reading itself is elsewhere; this only says what is wrong before it starts, in the words of Go's JSON decoder,
//! which looks at fields in alphabetical order and names a field by the types that it passed on the way.

use crate::error::Error;
use crate::yaml::{Data, Node, Scalar};

/// What a field may hold. Texts and integers may have names of their own.
enum Type {
    Text(&'static str),
    Flag,
    Int(&'static str),
    /// A list of texts.
    Texts(&'static str),
    /// A mapping of texts.
    Pairs,
    Struct(&'static Struct),
    List(&'static Struct),
    /// A list of pointers, which its name shows.
    Pointers(&'static Struct),
    /// What is refused wherever it is used.
    Any,
}

/// A field's name, and what it may hold.
type Field = (&'static str, Type);

/// A mapping with known fields.
struct Struct {
    name: &'static str,
    /// Fields, by the types that they are taken over from, each with a dot behind it; its own come from none.
    fields: &'static [(&'static str, &'static [Field])],
}

const TEXT: Type = Type::Text("string");
const TEXTS: Type = Type::Texts("string");

/// What several types take over.
const GVK: &[Field] = &[("group", TEXT), ("kind", TEXT), ("version", TEXT)];
const NAMES: &[Field] = &[("name", TEXT), ("namespace", TEXT)];
const GENERATOR_ARGS: &[Field] = &[
    ("behavior", TEXT),
    ("name", TEXT),
    ("namespace", TEXT),
    ("options", Type::Struct(&GENERATOR_OPTIONS)),
];
const SOURCES: &[Field] = &[
    ("env", TEXT),
    ("envs", TEXTS),
    ("files", TEXTS),
    ("literals", TEXTS),
];

static OBJECT_META: Struct = Struct {
    name: "ObjectMeta",
    fields: &[(
        "",
        &[
            ("annotations", Type::Pairs),
            ("labels", Type::Pairs),
            ("name", TEXT),
            ("namespace", TEXT),
        ],
    )],
};
static LABEL: Struct = Struct {
    name: "Label",
    fields: &[(
        "",
        &[
            ("fields", Type::List(&FIELD_SPEC)),
            ("includeSelectors", Type::Flag),
            ("includeTemplates", Type::Flag),
            ("pairs", Type::Pairs),
        ],
    )],
};
static FIELD_SPEC: Struct = Struct {
    name: "FieldSpec",
    fields: &[
        ("", &[("create", Type::Flag), ("path", TEXT)]),
        ("Gvk.", GVK),
    ],
};
static SELECTOR: Struct = Struct {
    name: "Selector",
    fields: &[
        ("", &[("annotationSelector", TEXT), ("labelSelector", TEXT)]),
        ("ResId.", NAMES),
        ("ResId.Gvk.", GVK),
    ],
};
static PATCH: Struct = Struct {
    name: "Patch",
    fields: &[(
        "",
        &[
            ("options", Type::Struct(&PATCH_ARGS)),
            ("patch", TEXT),
            ("path", TEXT),
            ("target", Type::Struct(&SELECTOR)),
        ],
    )],
};
static PATCH_ARGS: Struct = Struct {
    name: "PatchArgs",
    fields: &[(
        "",
        &[
            ("allowKindChange", Type::Flag),
            ("allowNameChange", Type::Flag),
        ],
    )],
};
static IMAGE: Struct = Struct {
    name: "Image",
    fields: &[(
        "",
        &[
            ("digest", TEXT),
            ("name", TEXT),
            ("newName", TEXT),
            ("newTag", TEXT),
            ("tagSuffix", TEXT),
        ],
    )],
};
static REPLICA: Struct = Struct {
    name: "Replica",
    fields: &[("", &[("count", Type::Int("int64")), ("name", TEXT)])],
};
static REPLACEMENT_FIELD: Struct = Struct {
    name: "ReplacementField",
    fields: &[
        ("", &[("path", TEXT)]),
        (
            "Replacement.",
            &[
                ("source", Type::Struct(&SOURCE_SELECTOR)),
                ("sourceValue", TEXT),
                ("targets", Type::Pointers(&TARGET_SELECTOR)),
            ],
        ),
    ],
};
static SOURCE_SELECTOR: Struct = Struct {
    name: "SourceSelector",
    fields: &[
        (
            "",
            &[
                ("fieldPath", TEXT),
                ("options", Type::Struct(&FIELD_OPTIONS)),
            ],
        ),
        ("ResId.", NAMES),
        ("ResId.Gvk.", GVK),
    ],
};
static TARGET_SELECTOR: Struct = Struct {
    name: "TargetSelector",
    fields: &[(
        "",
        &[
            ("fieldPaths", TEXTS),
            ("options", Type::Struct(&FIELD_OPTIONS)),
            ("reject", Type::Pointers(&SELECTOR)),
            ("select", Type::Struct(&SELECTOR)),
        ],
    )],
};
static FIELD_OPTIONS: Struct = Struct {
    name: "FieldOptions",
    fields: &[(
        "",
        &[
            ("create", Type::Flag),
            ("delimiter", TEXT),
            ("encoding", TEXT),
            ("index", Type::Int("int")),
        ],
    )],
};
static VAR: Struct = Struct {
    name: "Var",
    fields: &[(
        "",
        &[
            ("fieldref", Type::Struct(&FIELD_SELECTOR)),
            ("name", TEXT),
            ("objref", Type::Struct(&TARGET)),
        ],
    )],
};
static FIELD_SELECTOR: Struct = Struct {
    name: "FieldSelector",
    fields: &[("", &[("fieldPath", TEXT)])],
};
static TARGET: Struct = Struct {
    name: "Target",
    fields: &[
        (
            "",
            &[("apiVersion", TEXT), ("name", TEXT), ("namespace", TEXT)],
        ),
        ("Gvk.", GVK),
    ],
};
static SORT_OPTIONS: Struct = Struct {
    name: "SortOptions",
    fields: &[(
        "",
        &[
            ("legacySortOptions", Type::Struct(&LEGACY_SORT_OPTIONS)),
            ("order", Type::Text("types.SortOrder")),
        ],
    )],
};
static LEGACY_SORT_OPTIONS: Struct = Struct {
    name: "LegacySortOptions",
    fields: &[("", &[("orderFirst", TEXTS), ("orderLast", TEXTS)])],
};
static GENERATOR_OPTIONS: Struct = Struct {
    name: "GeneratorOptions",
    fields: &[(
        "",
        &[
            ("annotations", Type::Pairs),
            ("disableNameSuffixHash", Type::Flag),
            ("immutable", Type::Flag),
            ("labels", Type::Pairs),
        ],
    )],
};
static CONFIG_MAP_ARGS: Struct = Struct {
    name: "ConfigMapArgs",
    fields: &[
        ("GeneratorArgs.", GENERATOR_ARGS),
        ("GeneratorArgs.KvPairSources.", SOURCES),
    ],
};
static SECRET_ARGS: Struct = Struct {
    name: "SecretArgs",
    fields: &[
        ("", &[("type", TEXT)]),
        ("GeneratorArgs.", GENERATOR_ARGS),
        ("GeneratorArgs.KvPairSources.", SOURCES),
    ],
};
static KUSTOMIZATION: Struct = Struct {
    name: "Kustomization",
    fields: &[
        (
            "",
            &[
                ("bases", TEXTS),
                ("buildMetadata", TEXTS),
                ("commonAnnotations", Type::Pairs),
                ("commonLabels", Type::Pairs),
                ("components", TEXTS),
                ("configMapGenerator", Type::List(&CONFIG_MAP_ARGS)),
                ("configurations", TEXTS),
                ("crds", TEXTS),
                ("generatorOptions", Type::Struct(&GENERATOR_OPTIONS)),
                ("generators", TEXTS),
                ("helmChartInflationGenerator", Type::Any),
                ("helmCharts", Type::Any),
                ("helmGlobals", Type::Any),
                ("imageTags", Type::List(&IMAGE)),
                ("images", Type::List(&IMAGE)),
                ("labels", Type::List(&LABEL)),
                ("metadata", Type::Struct(&OBJECT_META)),
                ("namePrefix", TEXT),
                ("nameSuffix", TEXT),
                ("namespace", TEXT),
                ("openapi", Type::Pairs),
                ("patches", Type::List(&PATCH)),
                ("patchesJson6902", Type::List(&PATCH)),
                (
                    "patchesStrategicMerge",
                    Type::Texts("types.PatchStrategicMerge"),
                ),
                ("replacements", Type::List(&REPLACEMENT_FIELD)),
                ("replicas", Type::List(&REPLICA)),
                ("resources", TEXTS),
                ("secretGenerator", Type::List(&SECRET_ARGS)),
                ("sortOptions", Type::Struct(&SORT_OPTIONS)),
                ("transformers", TEXTS),
                ("validators", TEXTS),
                ("vars", Type::List(&VAR)),
            ],
        ),
        ("TypeMeta.", &[("apiVersion", TEXT), ("kind", TEXT)]),
    ],
};

impl Struct {
    /// The field of this name, in any case, and where it is taken over from.
    fn field(&self, key: &str) -> Option<(&'static str, &'static Field)> {
        self.fields.iter().find_map(|(from, fields)| {
            let mut fields = fields.iter();
            let field = fields.find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            Some((*from, field))
        })
    }
}

/// Refuses a kustomization file with fields that do not exist, or hold what they can't.
pub(super) fn check(file: &str, node: &Node) -> Result<(), Error> {
    let found = match describe(node) {
        "null" => return Ok(()),
        found => found,
    };
    if node.as_mapping().is_none() {
        let message = format!(
            "invalid Kustomization: json: cannot unmarshal {found} into Go value of type types.Kustomization"
        );
        return Err(Error::new(message).at(file, node.position));
    }
    let place = Place {
        file,
        path: String::new(),
        of: &KUSTOMIZATION,
    };
    place.structure(node, &KUSTOMIZATION)
}

/// What a value is to a JSON decoder.
fn describe(node: &Node) -> &'static str {
    match &node.data {
        Data::Scalar(_, Scalar::Null | Scalar::Blank) => "null",
        Data::Scalar(_, Scalar::Bool(_)) => "bool",
        Data::Scalar(_, Scalar::Int(_) | Scalar::Float(_)) => "number",
        Data::Scalar(..) => "string",
        Data::Sequence(_) => "array",
        Data::Mapping(_) => "object",
    }
}

/// A field on the way into the file.
struct Place<'a> {
    file: &'a str,
    /// The fields up to here, by their names, with the types that they are taken over from.
    path: String,
    /// The type that has the field.
    of: &'static Struct,
}

impl Place<'_> {
    fn refuse(&self, node: &Node, wanted: &str) -> Result<(), Error> {
        let (found, of, path) = (describe(node), self.of.name, &self.path);
        let message = format!(
            "invalid Kustomization: json: cannot unmarshal {found} into Go struct field {of}.{path} of type {wanted}"
        );
        Err(Error::new(message).at(self.file, node.position))
    }

    fn structure(&self, node: &Node, of: &'static Struct) -> Result<(), Error> {
        let Some(entries) = node.as_mapping() else {
            return self.refuse(node, &format!("types.{}", of.name));
        };
        for (key, entry) in entries {
            let Some((from, (name, wanted))) = of.field(key) else {
                let message = format!("invalid Kustomization: json: unknown field \"{key}\"");
                return Err(Error::new(message).at(self.file, entry.key));
            };
            let dot = if self.path.is_empty() { "" } else { "." };
            let place = Place {
                file: self.file,
                path: format!("{}{dot}{from}{name}", self.path),
                of,
            };
            place.value(&entry.value, wanted)?;
        }
        Ok(())
    }

    fn value(&self, node: &Node, wanted: &Type) -> Result<(), Error> {
        if node.is_null() {
            return Ok(());
        }
        match wanted {
            Type::Any => Ok(()),
            Type::Text(name) => self.text(node, name),
            Type::Flag => match node.data {
                Data::Scalar(_, Scalar::Bool(_)) => Ok(()),
                _ => self.refuse(node, "bool"),
            },
            Type::Int(name) => match &node.data {
                // Whether it is whole and small enough is for the reading to see.
                Data::Scalar(_, Scalar::Int(_) | Scalar::Float(_)) => Ok(()),
                _ => self.refuse(node, name),
            },
            Type::Texts(name) => {
                self.list(node, &format!("[]{name}"), |item| self.text(item, name))
            }
            Type::Pairs => match node.as_mapping() {
                Some(entries) => entries
                    .values()
                    .try_for_each(|entry| self.text(&entry.value, "string")),
                None => self.refuse(node, "map[string]string"),
            },
            Type::Struct(of) => self.structure(node, of),
            Type::List(of) => self.list(node, &format!("[]types.{}", of.name), |item| {
                self.value(item, &Type::Struct(of))
            }),
            Type::Pointers(of) => self.list(node, &format!("[]*types.{}", of.name), |item| {
                self.value(item, &Type::Struct(of))
            }),
        }
    }

    fn text(&self, node: &Node, name: &str) -> Result<(), Error> {
        if node.is_null() || node.as_text().is_some() {
            return Ok(());
        }
        self.refuse(node, name)
    }

    fn list(
        &self,
        node: &Node,
        name: &str,
        item: impl FnMut(&Node) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match node.as_sequence() {
            Some(items) => items.iter().try_for_each(item),
            None => self.refuse(node, name),
        }
    }
}
