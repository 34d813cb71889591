//! Variables in texts: every text is filled or refused, in bounded time and memory, with and without missing variables.
//!
//! The module is compiled in by itself, so that a fuzzer need not build the whole program.

#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;

#[path = "../../src/substitute/mod.rs"]
#[expect(dead_code, reason = "the program uses more of the module than its one entry")]
mod substitute;

use substitute::{Missing, substitute};

fuzz_target!(|text: &[u8]| {
    let lookup = |name: &str| match name {
        "a" => Some(Cow::Borrowed(b"value".as_slice())),
        "b" => Some(Cow::Borrowed(b"".as_slice())),
        "c" => Some(Cow::Borrowed("\u{e4}\u{1F600} x".as_bytes())),
        "n" => Some(Cow::Borrowed(b"2".as_slice())),
        _ => None,
    };
    let lenient = substitute(text, &lookup, Missing::Empty);
    let strict = substitute(text, &lookup, Missing::Refused);
    // What is complete is the same either way.
    if let Ok(strict) = strict {
        assert_eq!(lenient.ok(), Some(strict));
    }
});
