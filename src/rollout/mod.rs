//! How far a revision has come: from its source through everything that is built from it.
//!
//! Pure: [`Records`] remember what watches have shown, [`Seen`] what of it does not show any more,
//! and [`assess`] says from both who is there, who is not, and why.

mod assess;
mod record;
mod records;
mod revision;
mod seen;

pub use assess::{Assessment, Progress, Standing, Verdict, assess};
pub use record::{Artifact, FOLLOWED, Id, Record, Role, role};
pub use records::{Field, Records, Sight};
pub use revision::{Invalid, Revision};
pub use seen::Seen;
