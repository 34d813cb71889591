//! What programs read: the formats of `-o`, and the shapes of answers. Pure: values in, text out.
//!
//! A command makes its answer as a value with a type; [`Format::write`] is the one writer that
//! turns it into JSON, YAML, or what a template or columns make of it. Tables for people (`wide`)
//! and lists of names are the command's own.
//!
//! - [`jsonpath`]: kubectl's templates. [`CustomColumns`]: kubectl's tables made of paths.
//! - [`objects`]: objects of the cluster, alone or as kubectl's List.
//! - [`journal`]: the lines of `-o jsonl`.
//! - [`sort_by`] and [`choose`]: `--sort-by` and `--columns`.

mod choose;
mod custom_columns;
mod format;
mod go;
pub mod journal;
pub mod jsonpath;
pub mod objects;
mod quantity;
mod sort;
mod tabs;

pub use choose::choose;
pub use custom_columns::CustomColumns;
pub use format::{Asked, Format, Word};
pub use quantity::same_quantity;
pub use sort::{SortBy, sort_by};
