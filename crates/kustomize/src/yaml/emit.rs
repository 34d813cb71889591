//! Writes values as Go's YAML encoder does, byte for byte.
//!
//! The layout follows the encoder's own notions: a column, an indentation, and whether what was written last was
//! whitespace or nothing but indentation. Lines are folded at the first single space beyond [`WIDTH`].

use super::analyze::{Analysis, is_break, is_printable};
use super::form::{Form, Written};
use super::order;
use super::scalar::{Dialect, Scalar, is_base60};

/// The column after which a space becomes a line break.
const WIDTH: usize = 80;
/// The longest key, in bytes, that stands on one line with its value.
const SIMPLE_KEY: usize = 128;
const INDENT: usize = 2;

/// Where a node stands; it decides how it may be laid out.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Item,
    /// A key, on one line with its value or after `?`.
    Key {
        simple: bool,
    },
    Value,
}

/// How a scalar may be written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
    Literal,
}

/// Adds the document that holds `value`, with the line break at its end, to a text that ends in one.
pub(super) fn document<V: Written>(out: &mut String, value: &V) {
    let mut emitter = Emitter {
        out,
        column: 0,
        indent: None,
        whitespace: true,
        indention: true,
    };
    emitter.node(value, Place::Root);
    emitter.line();
}

/// A scalar on a line of its own, in a style or in one that can hold it.
pub(super) fn on_one_line(text: &str, style: Style) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let mut emitter = Emitter {
        out: &mut out,
        column: 0,
        indent: None,
        whitespace: true,
        indention: true,
    };
    emitter.scalar(text, style, Place::Key { simple: true });
    out
}

/// The text so far and where its end stands on the page.
struct Emitter<'o> {
    out: &'o mut String,
    column: usize,
    /// The indentation of the innermost open collection; `None` before the root.
    indent: Option<usize>,
    /// What was written last is whitespace (or nothing).
    whitespace: bool,
    /// Nothing but indentation and indicators stands on the current line.
    indention: bool,
}

impl Emitter<'_> {
    fn node<V: Written>(&mut self, value: &V, place: Place) {
        match value.form() {
            Form::Word(word) => self.scalar(&word, Style::Plain, place),
            Form::Text(text) => self.text(&text, place),
            Form::List([]) => self.empty("[", "]"),
            Form::Mapping(entries) if entries.is_empty() => self.empty("{", "}"),
            Form::List(items) => self.sequence(items, place),
            Form::Mapping(mut entries) => {
                order::sort(&mut entries);
                self.mapping(&entries);
            }
        }
    }

    fn empty(&mut self, open: &str, close: &str) {
        self.indicator(open, true, false);
        self.indicator(close, false, false);
    }

    fn sequence<V: Written>(&mut self, items: &[V], place: Place) {
        let outer = self.indent;
        let in_line_with_key = place == Place::Value && !self.indention;
        self.indent = Some(outer.map_or(0, |outer| {
            if in_line_with_key {
                outer
            } else {
                outer + INDENT
            }
        }));
        for item in items {
            self.line();
            self.indicator("-", true, true);
            self.node(item, Place::Item);
        }
        self.indent = outer;
    }

    fn mapping<V: Written>(&mut self, entries: &[(&str, &V)]) {
        let outer = self.indent;
        self.indent = Some(outer.map_or(0, |outer| outer + INDENT));
        for (key, value) in entries {
            self.line();
            if key.len() <= SIMPLE_KEY && !key.contains(is_break) {
                self.text(key, Place::Key { simple: true });
                self.indicator(":", false, false);
            } else {
                self.indicator("?", true, true);
                self.text(key, Place::Key { simple: false });
                self.line();
                self.indicator(":", true, true);
            }
            self.node(*value, Place::Value);
        }
        self.indent = outer;
    }

    fn text(&mut self, text: &str, place: Place) {
        let style = if text.contains('\n') {
            Style::Literal
        } else if Dialect::Kubernetes.resolve(text) == Scalar::Text && !is_base60(text) {
            Style::Plain
        } else {
            Style::Double
        };
        self.scalar(text, style, place);
    }

    fn scalar(&mut self, text: &str, wanted: Style, place: Place) {
        let analysis = Analysis::of(text);
        let style = match wanted {
            Style::Plain if analysis.plain => Style::Plain,
            Style::Plain | Style::Single if analysis.single_quoted => Style::Single,
            Style::Literal if analysis.block => Style::Literal,
            _ => Style::Double,
        };
        let foldable = place != Place::Key { simple: true };
        let outer = self.indent;
        self.indent = Some(outer.map_or(INDENT, |outer| outer + INDENT));
        match style {
            Style::Plain => self.plain(text, foldable),
            Style::Single => self.single_quoted(text, foldable),
            Style::Double => self.double_quoted(text, foldable),
            Style::Literal => self.literal(text),
        }
        self.indent = outer;
    }

    fn plain(&mut self, text: &str, foldable: bool) {
        if !self.whitespace {
            self.put(' ');
        }
        // A text that can't be folded, or ends before that, goes as it is.
        let fits = self.column.saturating_add(text.len()) <= WIDTH;
        if (fits || !foldable) && !text.is_empty() {
            self.put_all(text);
            return self.end_scalar();
        }
        let mut chars = text.chars().peekable();
        let mut after_space = false;
        while let Some(c) = chars.next() {
            let fold = c == ' '
                && foldable
                && !after_space
                && self.column > WIDTH
                && chars.peek() != Some(&' ');
            if fold {
                self.line();
            } else {
                self.put(c);
            }
            after_space = c == ' ';
            self.indention &= after_space;
        }
        self.end_scalar();
    }

    fn single_quoted(&mut self, text: &str, foldable: bool) {
        self.indicator("'", true, false);
        let mut chars = text.char_indices().peekable();
        let (mut after_space, mut after_break) = (false, false);
        while let Some((at, c)) = chars.next() {
            let inside = at > 0 && chars.peek().is_some_and(|(_, next)| *next != ' ');
            if c == ' ' {
                if foldable && !after_space && self.column > WIDTH && inside {
                    self.line();
                } else {
                    self.put(c);
                }
                after_space = true;
            } else if is_break(c) {
                self.put_break(c);
                after_break = true;
            } else {
                if after_break {
                    self.line();
                }
                if c == '\'' {
                    self.put(c);
                }
                self.put(c);
                self.indention = false;
                (after_space, after_break) = (false, false);
            }
        }
        self.indicator("'", false, false);
        self.end_scalar();
    }

    fn double_quoted(&mut self, text: &str, foldable: bool) {
        self.indicator("\"", true, false);
        // The encoder takes a text that starts with a byte order mark for one made of them.
        let marked = text.starts_with('\u{feff}');
        let mut chars = text.char_indices().peekable();
        let mut after_space = false;
        while let Some((at, c)) = chars.next() {
            if marked || !is_printable(c) || is_break(c) || matches!(c, '"' | '\\') {
                self.escape(c);
                after_space = false;
            } else if c == ' ' {
                let next = chars.peek().map(|(_, next)| *next);
                if foldable && !after_space && self.column > WIDTH && at > 0 && next.is_some() {
                    self.line();
                    if next == Some(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(c);
                }
                after_space = true;
            } else {
                self.put(c);
                after_space = false;
            }
        }
        self.indicator("\"", false, false);
        self.end_scalar();
    }

    fn escape(&mut self, c: char) {
        let short = match c {
            '\0' => Some('0'),
            '\u{7}' => Some('a'),
            '\u{8}' => Some('b'),
            '\t' => Some('t'),
            '\n' => Some('n'),
            '\u{b}' => Some('v'),
            '\u{c}' => Some('f'),
            '\r' => Some('r'),
            '\u{1b}' => Some('e'),
            '"' | '\\' => Some(c),
            '\u{85}' => Some('N'),
            '\u{a0}' => Some('_'),
            '\u{2028}' => Some('L'),
            '\u{2029}' => Some('P'),
            _ => None,
        };
        let code = u32::from(c);
        let escaped = match (short, code) {
            (Some(short), _) => format!("\\{short}"),
            (None, ..=0xff) => format!("\\x{code:02X}"),
            (None, ..=0xffff) => format!("\\u{code:04X}"),
            (None, _) => format!("\\U{code:08X}"),
        };
        escaped.chars().for_each(|c| self.put(c));
    }

    fn literal(&mut self, text: &str) {
        self.indicator("|", true, false);
        if text.starts_with(' ') || text.starts_with(is_break) {
            self.indicator("2", false, false);
        }
        let mut from_end = text.chars().rev();
        match (from_end.next().is_some_and(is_break), from_end.next()) {
            (false, _) => self.indicator("-", false, false),
            (true, None) => self.indicator("+", false, false),
            (true, Some(before)) if is_break(before) => self.indicator("+", false, false),
            (true, Some(_)) => {}
        }
        self.put_break('\n');
        self.whitespace = true;
        for line in text.split_inclusive(is_break) {
            let end = line.chars().next_back().filter(|c| is_break(*c));
            let content = &line[..line.len() - end.map_or(0, char::len_utf8)];
            if !content.is_empty() {
                self.line();
                self.put_all(content);
                self.indention = false;
            }
            if let Some(end) = end {
                self.put_break(end);
            }
        }
    }

    fn end_scalar(&mut self) {
        self.whitespace = false;
        self.indention = false;
    }

    /// Writes an indicator, after a space where it `needs_space` and none was written yet.
    fn indicator(&mut self, indicator: &str, needs_space: bool, keeps_indention: bool) {
        if needs_space && !self.whitespace {
            self.put(' ');
        }
        self.put_all(indicator);
        self.whitespace = matches!(indicator, "[" | "{");
        self.indention &= keeps_indention;
    }

    /// Goes to the indentation, on a new line unless the current one holds no more than that.
    fn line(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.whitespace) {
            self.put_break('\n');
        }
        while self.column < indent {
            self.put(' ');
        }
        self.whitespace = true;
        self.indention = true;
    }

    fn put(&mut self, c: char) {
        self.out.push(c);
        self.column += 1;
    }

    /// Writes characters of which none breaks the line.
    fn put_all(&mut self, text: &str) {
        self.out.push_str(text);
        self.column += text.chars().count();
    }

    fn put_break(&mut self, c: char) {
        self.out.push(c);
        self.column = 0;
        self.indention = true;
    }
}
