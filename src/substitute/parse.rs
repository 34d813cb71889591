//! From text to what is to be evaluated.

use super::Error;
use super::characters::is_of_name;
use super::scan::{Accept, Escapes, Mode, Scanner, Token};

/// How deep substitutions may stand in each other: far beyond use, far from the stack's end.
const DEEPEST: usize = 500;

/// A part of a text.
#[derive(Debug)]
pub(super) enum Node {
    /// Text that stays.
    Text(Vec<u8>),
    /// `${…}`
    Variable {
        /// The variable.
        name: String,
        /// What is done with its value; empty for nothing.
        operator: Vec<u8>,
        /// With what.
        arguments: Vec<Node>,
    },
}

/// The parts of `text`, in order.
pub(super) fn parse(text: &[u8]) -> Result<Vec<Node>, Error> {
    let mut parser = Parser {
        scanner: Scanner::new(text),
        depth: 0,
    };
    let mut nodes = Vec::new();
    loop {
        let mode = Mode {
            accept: Some(|_, _| true),
            open: true,
            close: false,
            escapes: Escapes::Dollar,
        };
        match parser.scanner.scan(mode) {
            Token::Text(text) => nodes.push(Node::Text(text)),
            Token::Open => nodes.push(parser.variable()?),
            Token::End => return Ok(nodes),
            Token::Close | Token::Other => return Err(Error::BadSubstitution),
        }
    }
}

struct Parser<'t> {
    scanner: Scanner<'t>,
    depth: usize,
}

const fn text(accept: Accept) -> Mode {
    Mode {
        accept: Some(accept),
        open: false,
        close: false,
        escapes: Escapes::None,
    }
}

const CLOSE: Mode = Mode {
    accept: None,
    open: false,
    close: true,
    escapes: Escapes::None,
};

fn not_closing(character: char, _: usize) -> bool {
    character != '}'
}

impl Parser<'_> {
    /// What follows `${`.
    fn variable(&mut self) -> Result<Node, Error> {
        if self.depth == DEEPEST {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let node = self.inner();
        self.depth -= 1;
        node
    }

    fn inner(&mut self) -> Result<Node, Error> {
        if self.next() == Some('#') {
            return self.length();
        }
        let name = self.name().ok_or(Error::VariableName)?;
        match self.next() {
            Some(':') => match self.scanner.peek_behind(1) {
                Some(('=' | '-' | '?' | '+', _)) => {
                    self.default(name, |character, length| match length {
                        1 => character == ':',
                        2 => matches!(character, '=' | '-' | '?' | '+'),
                        _ => false,
                    })
                }
                // Anything longer than a byte is refused, as in Flux.
                Some((_, 1)) => self.substring(name),
                _ => Err(Error::BadSubstitution),
            },
            Some('=') => self.default(name, |character, length| character == '=' && length == 1),
            Some(',' | '^') => self.case(name),
            Some('/') => self.replacement(name),
            Some('#') => self.removal(name, |character, length| character == '#' && length < 3),
            Some('%') => self.removal(name, |character, length| character == '%' && length < 3),
            _ if self.scanner.scan(CLOSE) == Token::Close => Ok(Node::Variable {
                name,
                operator: Vec::new(),
                arguments: Vec::new(),
            }),
            _ => Err(Error::MissingClosingBrace),
        }
    }

    /// `${#name}`
    fn length(&mut self) -> Result<Node, Error> {
        let operator = self.operator(|character, length| character == '#' && length == 1)?;
        let name = self.name().ok_or(Error::BadSubstitution)?;
        self.closed(name, operator, Vec::new())
    }

    /// `${name:-word}` and its like; the word may hold further variables.
    fn default(&mut self, name: String, accept: Accept) -> Result<Node, Error> {
        let operator = self.operator(accept).map_err(|_| Error::Default)?;
        let mut arguments = Vec::new();
        while self.next() != Some('}') {
            arguments.push(self.argument(not_closing, Escapes::None)?);
        }
        self.closed(name, operator, arguments)
    }

    /// `${name:offset}`, `${name:offset:length}`
    fn substring(&mut self, name: String) -> Result<Node, Error> {
        let operator = self.operator(|character, length| character == ':' && length == 1)?;
        let offset = self.argument(|c, _| c != ':' && c != '}', Escapes::None)?;
        let colons = Mode {
            close: true,
            ..text(|character, _| character == ':')
        };
        match self.scanner.scan(colons) {
            Token::Close => Ok(Node::Variable {
                name,
                operator,
                arguments: vec![offset],
            }),
            Token::Text(_) => {
                let length = self.argument(not_closing, Escapes::None)?;
                self.closed(name, operator, vec![offset, length])
            }
            _ => Err(Error::BadSubstitution),
        }
    }

    /// `${name#pattern}`, `${name##pattern}`, `${name%pattern}`, `${name%%pattern}`
    fn removal(&mut self, name: String, accept: Accept) -> Result<Node, Error> {
        let operator = self.operator(accept)?;
        let pattern = self.argument(not_closing, Escapes::None)?;
        self.closed(name, operator, vec![pattern])
    }

    /// `${name/old/new}`, `${name//old/new}`, `${name/#old/new}`, `${name/%old/new}`
    fn replacement(&mut self, name: String) -> Result<Node, Error> {
        let operator = self.operator(|character, length| match length {
            1 => character == '/',
            2 => matches!(character, '/' | '#' | '%'),
            _ => false,
        })?;
        let mut arguments = vec![self.argument(|c, _| c != '/', Escapes::All)?];
        self.operator(|character, _| character == '/')?;
        if self.next() != Some('}') {
            arguments.push(self.argument(not_closing, Escapes::All)?);
        }
        self.closed(name, operator, arguments)
    }

    /// `${name,}`, `${name,,}`, `${name^}`, `${name^^}`
    fn case(&mut self, name: String) -> Result<Node, Error> {
        let operator = self.operator(|c, length| matches!(c, ',' | '^') && length < 3)?;
        self.closed(name, operator, Vec::new())
    }

    fn name(&mut self) -> Option<String> {
        match self
            .scanner
            .scan(text(|character, _| is_of_name(character)))
        {
            Token::Text(name) => String::from_utf8(name).ok(),
            _ => None,
        }
    }

    fn operator(&mut self, accept: Accept) -> Result<Vec<u8>, Error> {
        match self.scanner.scan(text(accept)) {
            Token::Text(operator) => Ok(operator),
            _ => Err(Error::BadSubstitution),
        }
    }

    fn argument(&mut self, accept: Accept, escapes: Escapes) -> Result<Node, Error> {
        let mode = Mode {
            open: true,
            escapes,
            ..text(accept)
        };
        match self.scanner.scan(mode) {
            Token::Open => self.variable(),
            Token::Text(text) => Ok(Node::Text(text)),
            _ => Err(Error::Argument),
        }
    }

    /// The variable, if a brace ends it here.
    fn closed(
        &mut self,
        name: String,
        operator: Vec<u8>,
        arguments: Vec<Node>,
    ) -> Result<Node, Error> {
        match self.scanner.scan(CLOSE) {
            Token::Close => Ok(Node::Variable {
                name,
                operator,
                arguments,
            }),
            _ => Err(Error::BadSubstitution),
        }
    }

    fn next(&self) -> Option<char> {
        self.scanner.peek().map(|(character, _)| character)
    }
}
