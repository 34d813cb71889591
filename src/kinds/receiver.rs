//! Receiver: an address at which notification-controller is told that something has changed.

use flux_api::notification::ReceiverSpec;

use super::{ALL, Fixed, Kind, Noun, READY, SUSPENDED, WHOLE_MESSAGE, field_suspended, through};

/// The row of Receiver.
pub static RECEIVER: Kind = Kind {
    group: "notification.toolkit.fluxcd.io",
    version: "v1",
    kind: "Receiver",
    plural: "receivers",
    short_names: &[],
    singular: Noun {
        path: &["receiver"],
        aliases: &[],
    },
    list: Noun {
        path: &["receivers"],
        aliases: &["receiver"],
    },
    human: "receiver",
    title: "Receiver",
    controller: "notification-controller",
    actions: ALL,
    columns: &[SUSPENDED, READY, WHOLE_MESSAGE],
    source_column: None,
    source: None,
    reconciled_first: None,
    credentials: None,
    revision: |_| None,
    done: |_| "Receiver reconciliation completed".to_owned(),
    fixed: Fixed::Never,
    suspended: field_suspended,
    requests: &[],
    pruned: None,
    normalize: through::<ReceiverSpec>,
    example: "github",
};
