//! The types of a kustomization file's fields, as kustomize's own reader has them: a table, which `check` goes by.

/// What a field may hold. Texts and integers may have names of their own.
pub(super) enum Type {
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
pub(super) type Field = (&'static str, Type);

/// A mapping with known fields.
pub(super) struct Struct {
    pub(super) name: &'static str,
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
pub(super) static KUSTOMIZATION: Struct = Struct {
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
    pub(super) fn field(&self, key: &str) -> Option<(&'static str, &'static Field)> {
        self.fields.iter().find_map(|(from, fields)| {
            let mut fields = fields.iter();
            let field = fields.find(|(name, _)| name.eq_ignore_ascii_case(key))?;
            Some((*from, field))
        })
    }
}
