//! Comparisons in filters: of two numbers of the same sort, two strings, or two booleans.

use std::cmp::Ordering;

use super::node::Operator;
use super::{Error, Item, Scalar};

/// Whether the two compare so.
pub(super) fn holds(left: &Item<'_>, operator: Operator, right: &Item<'_>) -> Result<bool, Error> {
    let (Some(a), Some(b)) = (left.scalar(), right.scalar()) else {
        let odd = if left.scalar().is_none() { left } else { right };
        return Err(Error::new(format!(
            "{} cannot be compared",
            odd.type_name()
        )));
    };
    let ordering = match (a, b) {
        (Scalar::Text(a), Scalar::Text(b)) => Some(a.cmp(b)),
        (Scalar::Integer(a), Scalar::Integer(b)) => Some(a.cmp(&b)),
        (Scalar::Float(a), Scalar::Float(b)) => a.partial_cmp(&b),
        (Scalar::Boolean(a), Scalar::Boolean(b)) => {
            if !matches!(operator, Operator::Equal | Operator::NotEqual) {
                return Err(Error::new("booleans have no order"));
            }
            Some(a.cmp(&b))
        }
        _ => return Err(mismatch(left, right)),
    };
    let is = |expected: Ordering| ordering == Some(expected);
    Ok(match operator {
        Operator::Equal => is(Ordering::Equal),
        Operator::NotEqual => !is(Ordering::Equal),
        Operator::Less => is(Ordering::Less),
        Operator::LessOrEqual => is(Ordering::Less) || is(Ordering::Equal),
        Operator::Greater => is(Ordering::Greater),
        Operator::GreaterOrEqual => is(Ordering::Greater) || is(Ordering::Equal),
    })
}

fn mismatch(left: &Item<'_>, right: &Item<'_>) -> Error {
    let (a, b) = (left.type_name(), right.type_name());
    if a == b {
        return Error::new("a whole number and one with a fraction cannot be compared");
    }
    Error::new(format!("{a} cannot be compared with {b}"))
}
