//! The Git Data API: references, commits, trees and blobs as they are.

pub(crate) mod blobs;
pub(crate) mod commits;
pub(crate) mod refs;
pub(crate) mod trees;

use git2::Oid;

use super::errors::ApiError;

/// Reads a full object number.
pub(crate) fn full_oid(text: &str) -> Option<Oid> {
    (text.len() == 40)
        .then(|| Oid::from_str(text).ok())
        .flatten()
}

/// Reads the object number of a `GET`: 422 where it is none, as 404 is for those not there.
pub(crate) fn requested_oid(text: &str) -> Result<Oid, ApiError> {
    full_oid(text).ok_or_else(|| {
        ApiError::unprocessable(
            "The sha parameter must be exactly 40 characters and contain only [0-9a-f].",
        )
    })
}
