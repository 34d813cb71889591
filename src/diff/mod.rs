//! What a change would do to objects, and how that is told.
//!
//! Pure: objects come in as values (before and after, with the places in them that hold secrets),
//! and a [`Report`] comes out, which [`human`], [`unified`], [`markdown`] and [`names`] write; its
//! JSON form is itself. Where the objects come from is the caller's business: a cluster
//! and its dry run, or two revisions of a repository.
//!
//! No value of a Secret gets past [`Change::between`]: what it keeps of an object is masked.

mod body;
mod change;
mod comment;
mod compare;
mod edits;
mod guess;
mod human;
mod ignore;
mod lists;
mod managed;
mod markdown;
mod mask;
mod names;
mod neat;
mod objects;
mod patch;
mod prepare;
mod removal;
mod report;
mod revisions;
mod secrets;
mod tree;
mod undeclared;
mod unified;

pub use change::{Action, Change, Side};
pub use comment::{Host, comment};
pub use edits::{Edit, EditAction};
pub use guess::guess;
pub use human::human;
pub use ignore::IgnoreRules;
pub use managed::{KUSTOMIZE_CONTROLLER, drop_leftovers, without_kubectl};
pub use markdown::markdown;
pub use names::names;
pub use objects::{in_metadata, is_drifted, owner_of};
pub use prepare::prepare;
pub use removal::{Removal, unseen};
pub use report::{Against, Failure, Report, Section, Summary};
pub use revisions::{Rendered, compare_lists};
pub use secrets::Secrets;
pub use undeclared::leave_out_unknown;
pub use unified::unified;
