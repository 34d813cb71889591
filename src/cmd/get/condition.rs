//! `--status-selector`: objects by one of their conditions.

use kube::api::DynamicObject;

use crate::error::{Error, Result};
use crate::kinds::{Fixed, Kind, status};

/// `type=status` or `type!=status`, without regard to case.
pub(super) struct ConditionSelector {
    kind: String,
    status: String,
    equal: bool,
}

impl ConditionSelector {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let (kind, status, equal) = match (text.split_once("!="), text.split_once('=')) {
            (Some((kind, status)), _) => (kind, status, false),
            (None, Some((kind, status))) => (kind, status, true),
            (None, None) => {
                return Err(Error::usage(format!(
                    "expected status selector in type=status or type!=status format, but found: \
                     {text}"
                )));
            }
        };
        Ok(ConditionSelector {
            kind: kind.to_owned(),
            status: status.to_owned(),
            equal,
        })
    }

    pub(super) fn matches(&self, kind: &Kind, object: &DynamicObject) -> bool {
        let found = match kind.fixed {
            // Without conditions, they are as if Ready were True.
            Fixed::Always(_) => {
                self.kind.eq_ignore_ascii_case("Ready") && self.status.eq_ignore_ascii_case("True")
            }
            Fixed::Never | Fixed::When(..) => status::condition(object, &self.kind)
                .is_some_and(|c| c.status.eq_ignore_ascii_case(&self.status)),
        };
        found == self.equal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn condition_selectors() {
        let selector = ConditionSelector::parse("Ready!=True").unwrap();
        assert!(!selector.equal && selector.kind == "Ready" && selector.status == "True");
        assert!(ConditionSelector::parse("ready=false").unwrap().equal);
        assert!(ConditionSelector::parse("ready").is_err());
    }
}
