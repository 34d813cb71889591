//! Which of YAML's scalar styles can hold a text, by the rules of Go's encoder.

/// What a text allows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Analysis {
    /// It may stand without quotes in a block.
    pub(super) plain: bool,
    /// It may stand in single quotes.
    pub(super) single_quoted: bool,
    /// It may stand as a literal block.
    pub(super) block: bool,
}

/// The characters that break a line in YAML 1.1.
pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The characters that Go's encoder writes without an escape: none beyond the basic plane.
pub(super) fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// The whitespace at the edges of a text and around its line breaks.
#[derive(Default)]
struct Whitespace {
    leading_space: bool,
    leading_break: bool,
    trailing_space: bool,
    trailing_break: bool,
    break_then_space: bool,
    space_then_break: bool,
}

impl Whitespace {
    fn of(text: &str) -> Self {
        let mut found = Self {
            leading_space: text.starts_with(' '),
            leading_break: text.starts_with(is_break),
            trailing_space: text.ends_with(' '),
            trailing_break: text.ends_with(is_break),
            ..Self::default()
        };
        for (before, after) in text.chars().zip(text.chars().skip(1)) {
            found.break_then_space |= is_break(before) && after == ' ';
            found.space_then_break |= before == ' ' && is_break(after);
        }
        found
    }

    fn at_an_edge(&self) -> bool {
        self.leading_space || self.leading_break || self.trailing_space || self.trailing_break
    }
}

/// Whether a character of `text` means something else in a block than text.
fn has_indicator(text: &str) -> bool {
    if text.starts_with("---") || text.starts_with("...") {
        return true;
    }
    let blank = |c: Option<char>| c.is_none_or(|c| matches!(c, ' ' | '\t'));
    let mut chars = text.chars().peekable();
    let Some(first) = chars.next() else {
        return false;
    };
    let at_start = match first {
        '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
        | '@' | '`' => true,
        '?' | ':' | '-' => blank(chars.peek().copied()),
        _ => false,
    };
    let mut before = first;
    at_start || {
        let mut found = false;
        while let Some(c) = chars.next() {
            let after_blank = matches!(before, ' ' | '\t' | '\0') || is_break(before);
            found |= (c == ':' && blank(chars.peek().copied())) || (c == '#' && after_blank);
            before = c;
        }
        found
    }
}

impl Analysis {
    /// Finds out what `text` allows.
    pub(super) fn of(text: &str) -> Self {
        let whitespace = Whitespace::of(text);
        let multiline = text.contains(is_break);
        let unprintable = !text.chars().all(is_printable);
        let broken = whitespace.space_then_break || unprintable;
        let single_quoted = !(broken || whitespace.break_then_space);
        Self {
            plain: single_quoted && !multiline && !whitespace.at_an_edge() && !has_indicator(text),
            single_quoted,
            block: !(broken || whitespace.trailing_space || text.is_empty()),
        }
    }
}
