//! Text to [`Piece`]s.
//!
//! The places where kubectl's grammar is not what one would expect are kept, because templates
//! depend on them: a key in brackets is read as a path (`['a.b']` is two fields, `['a\.b']` one),
//! commas separate alternatives even between quotes, and a filter ends at the first parenthesis
//! behind its first quoted text.

use super::Error;
use super::node::{Bound, Filter, Node, Operator, Piece, Slice};
use super::quote::unquote;

/// How deep templates may nest: ranges in ranges, filters in filters.
const DEPTH: usize = 16;

/// Reads a whole template.
pub(super) fn template(text: &str) -> Result<Vec<Piece>, Error> {
    let pieces = Parser::new(text, 0)?.pieces()?;
    bound_ranges(&pieces)?;
    Ok(pieces)
}

/// Refuses ranges that nest too deep, because they are evaluated one inside the other.
fn bound_ranges(pieces: &[Piece]) -> Result<(), Error> {
    let mut depth = 0_usize;
    for piece in pieces {
        let Piece::Action(nodes) = piece else {
            continue;
        };
        for node in nodes {
            match node {
                Node::Range => depth += 1,
                Node::End => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        if depth > DEPTH {
            return Err(too_deep());
        }
    }
    Ok(())
}

fn too_deep() -> Error {
    Error::new(format!("nested more than {DEPTH} times"))
}

struct Parser<'t> {
    input: &'t str,
    position: usize,
    /// How many texts this one is a part of.
    depth: usize,
}

impl<'t> Parser<'t> {
    fn new(input: &'t str, depth: usize) -> Result<Self, Error> {
        if depth > DEPTH {
            return Err(too_deep());
        }
        Ok(Parser {
            input,
            position: 0,
            depth,
        })
    }

    fn rest(&self) -> &'t str {
        &self.input[self.position..]
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest().chars().next()?;
        self.position += next.len_utf8();
        Some(next)
    }

    /// The byte before the sign that was just read, which is one byte long.
    fn is_escaped(&self) -> bool {
        self.position >= 2 && self.input.as_bytes()[self.position - 2] == b'\\'
    }

    fn pieces(mut self) -> Result<Vec<Piece>, Error> {
        let mut pieces = Vec::new();
        while !self.rest().is_empty() {
            let text = self.rest().split('{').next().unwrap_or_default();
            if !text.is_empty() {
                pieces.push(Piece::Text(text.to_owned()));
            }
            self.position += text.len();
            if self.next().is_some() {
                pieces.push(Piece::Action(self.action()?));
            }
        }
        Ok(pieces)
    }

    /// Reads what stands between braces by itself: a part of a longer action.
    fn nested(&self, text: &str) -> Result<Vec<Node>, Error> {
        let text = format!("{{{text}}}");
        let pieces = Parser::new(&text, self.depth + 1)?.pieces()?;
        match pieces.into_iter().next() {
            Some(Piece::Action(nodes)) => Ok(nodes),
            _ => Ok(Vec::new()),
        }
    }

    /// Reads up to the closing brace; the opening one is behind.
    fn action(&mut self) -> Result<Vec<Node>, Error> {
        let mut nodes = Vec::new();
        loop {
            if self.rest().starts_with("[?(") {
                self.position += 3;
                nodes.push(Node::Filter(self.filter()?));
                continue;
            }
            if self.rest().starts_with("..") {
                self.position += 2;
                self.recursive(&mut nodes)?;
                continue;
            }
            let start = self.position;
            match self.next() {
                None | Some('\r' | '\n') => return Err(Error::new("unclosed action")),
                Some('}') => return Ok(nodes),
                Some(' ' | '@' | '$') => {}
                Some('[') => self.brackets(&mut nodes)?,
                Some(quote @ ('"' | '\'')) => nodes.push(self.quoted(quote)?),
                Some('.') => nodes.push(self.field()),
                Some(c) if matches!(c, '+' | '-') || c.is_numeric() => {
                    nodes.push(self.number(start)?);
                }
                Some(c) if c == '_' || c.is_alphabetic() => {
                    nodes.push(self.identifier(start)?);
                }
                Some(c) => {
                    return Err(Error::new(format!("unexpected character {c:?}")));
                }
            }
        }
    }

    fn recursive(&mut self, nodes: &mut Vec<Node>) -> Result<(), Error> {
        if nodes.last() == Some(&Node::Recursive) {
            return Err(Error::new("two recursive descents in a row"));
        }
        nodes.push(Node::Recursive);
        let next = self.rest().chars().next();
        if next.is_some_and(|c| c == '_' || c.is_alphanumeric()) {
            nodes.push(self.field());
        }
        Ok(())
    }

    /// Reads a field's name, in which a backslash takes the meaning off the next sign.
    fn field(&mut self) -> Node {
        let start = self.position;
        while let Some(c) = self.rest().chars().next().filter(|c| !ends_word(*c)) {
            self.position += c.len_utf8();
            if c == '\\' {
                self.next();
            }
        }
        match &self.input[start..self.position] {
            "*" => Node::Wildcard,
            name => Node::Field(name.replace('\\', "")),
        }
    }

    fn number(&mut self, start: usize) -> Result<Node, Error> {
        let rest = self.rest();
        let digits = rest.trim_start_matches(|c: char| c == '.' || c.is_numeric());
        self.position += rest.len() - digits.len();
        let text = &self.input[start..self.position];
        if let Ok(integer) = text.parse() {
            return Ok(Node::Integer(integer));
        }
        text.parse()
            .map(Node::Float)
            .map_err(|_| Error::new(format!("{text:?} is not a number")))
    }

    fn identifier(&mut self, start: usize) -> Result<Node, Error> {
        let rest = self.rest();
        self.position += rest.find(ends_word).unwrap_or(rest.len());
        match &self.input[start..self.position] {
            "true" => Ok(Node::Boolean(true)),
            "false" => Ok(Node::Boolean(false)),
            "range" if self.depth == 0 => Ok(Node::Range),
            "end" if self.depth == 0 => Ok(Node::End),
            word => Err(Error::new(format!(
                "unknown word {word:?}: a field is written .{word}"
            ))),
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Node, Error> {
        let start = self.position;
        loop {
            match self.next() {
                None | Some('\n') => return Err(Error::new("unterminated quoted text")),
                Some(c) if c == quote && !self.is_escaped() => break,
                Some(_) => {}
            }
        }
        let inner = &self.input[start..self.position - 1];
        unquote(inner, quote).map(Node::Text).ok_or_else(|| {
            Error::new(format!(
                "{quote}{inner}{quote} has an escape that is not valid"
            ))
        })
    }

    /// Reads what stands in brackets: items, a key, or several of them; the opening one is behind.
    fn brackets(&mut self, nodes: &mut Vec<Node>) -> Result<(), Error> {
        let inner = match self.rest().find([']', '\n']) {
            Some(end) if self.rest().as_bytes()[end] == b']' => &self.rest()[..end],
            _ => return Err(Error::new("unterminated brackets")),
        };
        self.position += inner.len() + 1;
        if inner.contains(',') {
            let alternative = |text: &str| self.nested(&format!("[{}]", text.trim_matches(' ')));
            let union = inner
                .split(',')
                .map(alternative)
                .collect::<Result<_, _>>()?;
            nodes.push(Node::Union(union));
            return Ok(());
        }
        let key = inner.strip_prefix('\'').and_then(|t| t.strip_suffix('\''));
        match key.filter(|key| !key.contains('\'')) {
            Some(key) => nodes.extend(self.nested(&format!(".{key}"))?),
            None => nodes.push(Node::Slice(slice(inner)?)),
        }
        Ok(())
    }

    /// Reads a filter; `[?(` is behind.
    fn filter(&mut self) -> Result<Filter, Error> {
        let start = self.position;
        // The quote that the first quoted text began with, and whether that text has ended.
        let (mut quote, mut ended) = (None, false);
        loop {
            match self.next() {
                None | Some('\n') => return Err(Error::new("unterminated filter")),
                Some(c @ ('"' | '\'')) => match quote {
                    None => quote = Some(c),
                    Some(first) => ended |= first == c && !self.is_escaped(),
                },
                Some(')') if quote.is_some() == ended => break,
                Some(_) => {}
            }
        }
        let text = &self.input[start..self.position - 1];
        if self.next() != Some(']') {
            return Err(Error::new("a filter ends in )]"));
        }
        let Some((left, signs, right)) = comparison(text) else {
            return self.nested(text).map(Filter::Exists);
        };
        let left = self.nested(left)?;
        let right = self.nested(right)?;
        let operator = Operator::parse(signs).ok_or_else(|| {
            Error::new(format!(
                "unknown operator {signs:?}: there are ==, !=, <, <=, > and >="
            ))
        })?;
        Ok(Filter::Compare(left, operator, right))
    }
}

/// Takes a comparison apart: what is left of its signs, the signs, what is right of them.
fn comparison(text: &str) -> Option<(&str, &str, &str)> {
    let is_sign = |c: char| matches!(c, '!' | '<' | '>' | '=');
    let start = text.find(is_sign).filter(|start| *start > 0)?;
    let signs = &text[start..];
    let length = signs.find(|c| !is_sign(c)).unwrap_or(signs.len());
    // Something has to be right of the signs, if only the last of them.
    let length = length.min(signs.len() - 1);
    (length > 0).then(|| (&text[..start], &signs[..length], &signs[length..]))
}

/// Reads `1`, `-1`, `1:3`, `:2`, `::2`, `*`.
fn slice(text: &str) -> Result<Slice, Error> {
    let text = if text == "*" { ":" } else { text };
    let number = |text: &str| -> Result<Option<i64>, Error> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if text.is_empty() {
            return Ok(None);
        }
        let number = text.parse().ok().filter(|_| !digits.starts_with('+'));
        let refusal = || Error::new(format!("{text:?} is not an index, a slice or a 'key'"));
        number.map(Some).ok_or_else(refusal)
    };
    let mut parts = text.splitn(3, ':');
    let start = number(parts.next().unwrap_or_default())?;
    let end = match parts.next().map(number).transpose()? {
        None => Bound::One,
        Some(None) => Bound::Open,
        Some(Some(end)) => Bound::At(end),
    };
    let step = parts.next().map(number).transpose()?.flatten();
    Ok(Slice { start, end, step })
}

/// Whether a word ends before this sign.
fn ends_word(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\r' | '\n' | '.' | ',' | '[' | ']' | '$' | '@' | '{' | '}'
    )
}
