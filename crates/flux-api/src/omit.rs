//! Which fields stay out of the JSON: the rules of Go's `omitempty`.
//!
//! The controllers are Go programs, and what `flux` prints is what Go's encoder makes of their
//! types. Three rules cover every optional field:
//! - a Go string: `Option<String>` with [`text`], so that an empty text is left out like none;
//! - a Go bool, number, list or map: the plain type with [`zero`];
//! - a Go pointer: `Option` with `Option::is_none`, so that a value given is always written.

/// Whether a text is absent or empty.
pub(crate) fn text(value: &Option<String>) -> bool {
    value.as_deref().is_none_or(str::is_empty)
}

/// Whether a value is its type's zero: `false`, `0`, an empty list or map.
pub(crate) fn zero<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
