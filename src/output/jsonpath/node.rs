//! What a template is made of.

/// A part of a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Piece {
    /// What stands outside braces.
    Text(String),
    /// What stands between braces: steps, each on the results of the one before.
    Action(Vec<Node>),
}

/// One step of an action.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A literal text.
    Text(String),
    /// A literal whole number.
    Integer(i64),
    /// A literal number with a fraction.
    Float(f64),
    /// A literal boolean.
    Boolean(bool),
    /// A field of an object.
    Field(String),
    /// Every value in an object, every byte of a string.
    Wildcard,
    /// The value and everything below it.
    Recursive,
    /// Items of a list.
    Slice(Slice),
    /// The results of several paths.
    Union(Vec<Vec<Node>>),
    /// The items of a list that pass a test.
    Filter(Filter),
    /// `range`: what follows is repeated for each result.
    Range,
    /// `end`: the end of what is repeated.
    End,
}

/// Which items of a list: from `start` to before `end`, every `step`th.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Bound,
    pub(super) step: Option<i64>,
}

/// Where a slice ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bound {
    /// Behind the last item.
    Open,
    /// Behind the one item that is asked for.
    One,
    /// Before that item; a negative number counts from the end.
    At(i64),
}

/// A test of one item.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Filter {
    /// The path leads somewhere.
    Exists(Vec<Node>),
    /// Both sides have one result each, and they compare so.
    Compare(Vec<Node>, Operator, Vec<Node>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Operator {
    /// The operator of these signs.
    pub(super) fn parse(signs: &str) -> Option<Self> {
        Some(match signs {
            "==" => Operator::Equal,
            "!=" => Operator::NotEqual,
            "<" => Operator::Less,
            "<=" => Operator::LessOrEqual,
            ">" => Operator::Greater,
            ">=" => Operator::GreaterOrEqual,
            _ => return None,
        })
    }
}
