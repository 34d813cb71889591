//! Regular expressions as Go's `regexp` reads them: whether it takes one, and what its groups are
//! called.
//!
//! The controllers are Go programs. Rust's `regex` takes other expressions than they do (`a**`,
//! `[a&&b]`), refuses some that they take (`a{,2}`, `[[a]`), and is no judge of these. Nothing is
//! matched here. How large a compiled expression may get is left for the controller to say.

use regex::Regex;

/// Checks a regular expression; the result is the names of its groups, in order.
///
/// # Errors
/// With the text of Go's `regexp` for what is wrong.
pub fn go_regex(pattern: &str) -> Result<Vec<String>, String> {
    let mut parser = Parser {
        rest: pattern,
        names: Vec::new(),
        level: Level::default(),
        open: Vec::new(),
    };
    let mut repeated = false;
    while let Some(c) = parser.next() {
        repeated = parser.item(c, repeated)?;
    }
    if parser.open.is_empty() {
        Ok(parser.names)
    } else {
        Err("missing closing )".to_owned())
    }
}

/// How often a part may be repeated, repetitions inside of it included.
const LIMIT: u32 = 1000;

const POSIX: &[&str] = &[
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

struct Parser<'a> {
    /// What has not been read yet.
    rest: &'a str,
    names: Vec<String>,
    /// The group that is being read, and those around it.
    level: Level,
    open: Vec<Level>,
}

/// A group that is being read. Parts are held by the number of times that they repeat.
#[derive(Default)]
struct Level {
    /// What stands before, if it can be repeated.
    last: Option<u32>,
    /// The part that repeats most.
    most: u32,
}

impl Level {
    fn push(&mut self, repeats: u32) {
        self.last = Some(repeats);
        self.most = self.most.max(repeats);
    }
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn take(&mut self, prefix: &str) -> bool {
        match self.rest.strip_prefix(prefix) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Reads the item that `c` begins; the answer is whether it is a repetition.
    fn item(&mut self, c: char, repeated: bool) -> Result<bool, String> {
        match c {
            '(' if self.take("?") => self.flags_or_group()?,
            '(' => self.group(),
            ')' => self.close()?,
            '|' => self.level.last = None,
            '[' => {
                self.class()?;
                self.level.push(1);
            }
            '*' | '+' | '?' => return self.repeat(None, repeated),
            '{' => match self.counts()? {
                Some(counts) => return self.repeat(Some(counts), repeated),
                None => self.level.push(1),
            },
            '\\' => self.escaped()?,
            _ => self.level.push(1),
        }
        Ok(false)
    }

    fn group(&mut self) {
        self.open.push(std::mem::take(&mut self.level));
    }

    fn close(&mut self) -> Result<(), String> {
        let outer = self.open.pop().ok_or("unexpected )")?;
        let inner = std::mem::replace(&mut self.level, outer);
        self.level.push(inner.most.max(1));
        Ok(())
    }

    /// Reads what follows `(?`: a named group, a plain one, or flags, maybe with a group.
    fn flags_or_group(&mut self) -> Result<(), String> {
        if self.take("P<") || self.take("<") {
            let (name, rest) = self.rest.split_once('>').ok_or("invalid named capture")?;
            let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            if name.is_empty() || !name.chars().all(is_word) {
                return Err(format!("invalid named capture: {name:?}"));
            }
            self.names.push(name.to_owned());
            self.rest = rest;
            self.group();
            return Ok(());
        }
        let (mut negative, mut empty) = (false, false);
        while let Some(c) = self.next() {
            match c {
                'i' | 'm' | 's' | 'U' => empty = false,
                '-' if !negative => (negative, empty) = (true, true),
                ':' if !empty => {
                    self.group();
                    return Ok(());
                }
                ')' if !empty => return Ok(()),
                _ => break,
            }
        }
        Err("invalid or unsupported Perl syntax".to_owned())
    }

    /// Reads the lazy mark of a repetition and applies it to what stands before. `counts` is what
    /// the braces hold, where it has braces.
    fn repeat(
        &mut self,
        counts: Option<(u32, Option<u32>)>,
        repeated: bool,
    ) -> Result<bool, String> {
        self.take("?");
        if repeated {
            return Err("invalid nested repetition operator".to_owned());
        }
        let last = self.level.last;
        let last = last.ok_or("missing argument to repetition operator")?;
        let Some((min, max)) = counts else {
            return Ok(true);
        };
        let times = max.unwrap_or(min);
        // Go does not look into what is repeated no times at all.
        let repeats = match max {
            Some(0) => 1,
            _ => last.saturating_mul(times.max(1)),
        };
        if times >= 2 && repeats > LIMIT {
            return Err("invalid repeat count".to_owned());
        }
        self.level.push(repeats);
        Ok(true)
    }

    /// Reads `min}`, `min,}` or `min,max}` behind a brace; none where the brace is just itself.
    fn counts(&mut self) -> Result<Option<(u32, Option<u32>)>, String> {
        let Some((inside, rest)) = self.rest.split_once('}') else {
            return Ok(None);
        };
        let (min, max) = match inside.split_once(',') {
            Some((min, "")) => (count(min), Some(None)),
            Some((min, max)) => (count(min), count(max).map(Some)),
            None => (count(inside), count(inside).map(Some)),
        };
        let (Some(min), Some(max)) = (min, max) else {
            return Ok(None);
        };
        if min > LIMIT || max.is_some_and(|max| max > LIMIT || max < min) {
            return Err(format!("invalid repeat count: `{{{inside}}}`"));
        }
        self.rest = rest;
        Ok(Some((min, max)))
    }

    /// Reads what follows a backslash outside of brackets.
    fn escaped(&mut self) -> Result<(), String> {
        if self.take("Q") {
            let (literal, rest) = self.rest.split_once("\\E").unwrap_or((self.rest, ""));
            if !literal.is_empty() {
                self.level.push(1);
            }
            self.rest = rest;
            return Ok(());
        }
        let is_assertion = ["A", "b", "B", "z"].iter().any(|word| self.take(word));
        if !is_assertion && !self.set()? {
            self.character()?;
        }
        self.level.push(1);
        Ok(())
    }

    /// Reads the name of a set of characters behind a backslash, if there is one.
    fn set(&mut self) -> Result<bool, String> {
        if ["d", "D", "s", "S", "w", "W"].iter().any(|w| self.take(w)) {
            return Ok(true);
        }
        if !self.take("p") && !self.take("P") {
            return Ok(false);
        }
        let bad = |name: &str| format!("invalid character class range: `\\p{{{name}}}`");
        let name = if self.take("{") {
            let (name, rest) = self.rest.split_once('}').ok_or_else(|| bad(self.rest))?;
            self.rest = rest;
            name.to_owned()
        } else {
            self.next().map(String::from).unwrap_or_default()
        };
        if is_property(name.strip_prefix('^').unwrap_or(&name)) {
            Ok(true)
        } else {
            Err(bad(&name))
        }
    }

    /// Reads a character in its escaped form, behind the backslash.
    fn character(&mut self) -> Result<u32, String> {
        let bad = || "invalid escape sequence".to_owned();
        let c = self
            .next()
            .ok_or("trailing backslash at end of expression")?;
        let is_octal = |c: char| ('0'..='7').contains(&c);
        match c {
            // A single digit would refer to a group, which Go does not have.
            '1'..='7' if !self.rest.starts_with(is_octal) => Err(bad()),
            '0'..='7' => {
                let mut value = c.to_digit(8).unwrap_or_default();
                for _ in 0..2 {
                    let Some(digit) = self.rest.chars().next().and_then(|c| c.to_digit(8)) else {
                        break;
                    };
                    self.next();
                    value = value * 8 + digit;
                }
                Ok(value)
            }
            'x' if self.take("{") => {
                let (digits, rest) = self.rest.split_once('}').ok_or_else(bad)?;
                self.rest = rest;
                hexadecimal(digits).ok_or_else(bad)
            }
            'x' => {
                let digits = self.rest.get(..2).ok_or_else(bad)?;
                self.rest = &self.rest[2..];
                hexadecimal(digits).ok_or_else(bad)
            }
            'a' | 'f' | 'n' | 'r' | 't' | 'v' => Ok(match c {
                'a' => 0x07,
                'f' => 0x0c,
                'n' => 0x0a,
                'r' => 0x0d,
                't' => 0x09,
                _ => 0x0b,
            }),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() => Ok(u32::from(c)),
            _ => Err(bad()),
        }
    }

    /// Reads what follows an opening bracket, up to the closing one.
    fn class(&mut self) -> Result<(), String> {
        self.take("^");
        let mut first = true;
        while first || !self.take("]") {
            first = false;
            if self.posix_set()? {
                continue;
            }
            let before = self.rest;
            if self.take("\\") {
                if self.set()? {
                    continue;
                }
                self.rest = before;
            }
            let low = self.class_character()?;
            // A dash at the end stands for itself.
            if self.rest.len() >= 2 && !self.rest.starts_with("-]") && self.take("-") {
                let high = self.class_character()?;
                if high < low {
                    let range = &before[..before.len() - self.rest.len()];
                    return Err(format!("invalid character class range: `{range}`"));
                }
            }
        }
        Ok(())
    }

    /// Reads `[:name:]`, if it is there.
    fn posix_set(&mut self) -> Result<bool, String> {
        let Some(after) = self.rest.strip_prefix("[:") else {
            return Ok(false);
        };
        let Some((name, rest)) = after.split_once(":]") else {
            return Ok(false);
        };
        if !POSIX.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Err(format!("invalid character class range: `[:{name}:]`"));
        }
        self.rest = rest;
        Ok(true)
    }

    fn class_character(&mut self) -> Result<u32, String> {
        match self.next() {
            None => Err("missing closing ]".to_owned()),
            Some('\\') => self.character(),
            Some(c) => Ok(u32::from(c)),
        }
    }
}

/// A number without leading zeros; one that is too large for anything is the largest.
fn count(digits: &str) -> Option<u32> {
    let is_number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let padded = digits.len() > 1 && digits.starts_with('0');
    (is_number && !padded).then(|| digits.parse().unwrap_or(u32::MAX))
}

fn hexadecimal(digits: &str) -> Option<u32> {
    let is_number = digits.bytes().all(|b| b.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16).ok()?;
    (is_number && value <= u32::from(char::MAX)).then_some(value)
}

/// Whether Unicode has a general category or a script of that name, however it is spelled. Go 1.26
/// does not find scripts whose names have several words; later ones may.
fn is_property(name: &str) -> bool {
    let plain: String = name
        .chars()
        .filter(|c| !matches!(c, '_' | '-' | ' '))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    if !plain.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    // The first two Rust has not; it has no text with half a character in it.
    if matches!(&*plain, "cs" | "surrogate" | "lc" | "casedletter") {
        return true;
    }
    let has = |property: &str| Regex::new(&format!("\\p{{{property}={plain}}}")).is_ok();
    // Rust also knows scripts by their codes, which have four letters; these are names, too.
    const SHORT: &[&str] = &[
        "ahom", "cham", "kawi", "lisu", "miao", "modi", "newa", "thai", "toto",
    ];
    has("gc") || ((plain.len() != 4 || SHORT.contains(&&*plain)) && has("sc"))
}

#[cfg(test)]
mod tests;
