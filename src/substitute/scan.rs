//! Tokens of a text with variables.

use super::characters;

/// What a scan found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// Accepted characters, without the escapes among them.
    Text(Vec<u8>),
    /// `${`
    Open,
    /// `}`
    Close,
    /// The end of the text.
    End,
    /// A character that nothing accepts here.
    Other,
}

/// Which escapes stand for the character behind them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Escapes {
    /// None.
    None,
    /// `$$`
    Dollar,
    /// `$$`, `\/` and `\\`
    All,
}

/// Whether a token may go on with a character; the number is its length in bytes with it.
pub(super) type Accept = fn(char, usize) -> bool;

/// What a scan may find.
#[derive(Clone, Copy)]
pub(super) struct Mode {
    /// Which characters belong to text; `None` finds no text.
    pub(super) accept: Option<Accept>,
    /// Whether `${` is a token.
    pub(super) open: bool,
    /// Whether `}` is one.
    pub(super) close: bool,
    /// The escapes in text.
    pub(super) escapes: Escapes,
}

/// A place in a text.
pub(super) struct Scanner<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Scanner<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        Scanner { text, at: 0 }
    }

    /// The character here and its length, which is not taken.
    pub(super) fn peek(&self) -> Option<(char, usize)> {
        characters::first(self.rest())
    }

    /// The character behind the one here, which has `width` bytes.
    pub(super) fn peek_behind(&self, width: usize) -> Option<(char, usize)> {
        characters::first(self.rest().get(width..)?)
    }

    /// Takes the next token.
    pub(super) fn scan(&mut self, mode: Mode) -> Token {
        let Some((first, width)) = self.peek() else {
            return Token::End;
        };
        if mode.open && self.rest().starts_with(b"${") {
            self.at += 2;
            return Token::Open;
        }
        if mode.close && first == '}' {
            self.at += width;
            return Token::Close;
        }
        let text = mode.accept.map(|accept| self.text(mode, accept));
        match text {
            Some(text) if !text.is_empty() => Token::Text(text),
            _ => {
                self.at += width;
                Token::Other
            }
        }
    }

    fn text(&mut self, mode: Mode, accept: Accept) -> Vec<u8> {
        let mut text = Vec::new();
        while let Some((character, width)) = self.peek() {
            if mode.open && self.rest().starts_with(b"${") {
                break;
            }
            if self.is_escape(character, mode.escapes) {
                text.extend_from_slice(&self.rest()[1..2]);
                self.at += 2;
            } else if accept(character, text.len() + width) {
                text.extend_from_slice(&self.rest()[..width]);
                self.at += width;
            } else {
                break;
            }
        }
        text
    }

    fn is_escape(&self, character: char, escapes: Escapes) -> bool {
        let next = self.rest().get(1);
        match (character, escapes) {
            ('$', Escapes::Dollar | Escapes::All) => next == Some(&b'$'),
            ('\\', Escapes::All) => matches!(next, Some(b'/' | b'\\')),
            _ => false,
        }
    }

    fn rest(&self) -> &'t [u8] {
        self.text.get(self.at..).unwrap_or_default()
    }
}
