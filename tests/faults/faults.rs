//! What goes wrong.

use std::time::Duration;

use http::Method;
use sandbox::faults::{Fault, Request, Rule};

/// One way to misbehave.
pub(crate) struct Trouble {
    pub(crate) name: &'static str,
    pub(crate) rule: fn() -> Rule,
    /// Whether it is about watches, which not every verb has.
    pub(crate) watches: bool,
    /// Whether it does not pass: the verb has to give up.
    pub(crate) lasts: bool,
    /// The exit codes that fit where the verb gives up.
    pub(crate) codes: &'static [i32],
}

const fn passing(name: &'static str, rule: fn() -> Rule) -> Trouble {
    Trouble {
        name,
        rule,
        watches: false,
        lasts: false,
        codes: &[],
    }
}

/// Whether the request is for objects of Flux: a list, a watch or a single one.
fn of_flux(request: &Request) -> bool {
    request.path.contains(".toolkit.fluxcd.io/")
}

fn is_read(request: &Request) -> bool {
    of_flux(request) && request.method == Method::GET && !request.is_watch()
}

pub(crate) const FAULTS: &[Trouble] = &[
    passing("429 with Retry-After", || {
        Rule::new(Fault::too_many_requests(Duration::from_secs(1)))
            .when(of_flux)
            .times(2)
    }),
    passing("500 on reads", || {
        Rule::new(Fault::status(500)).when(is_read).times(2)
    }),
    passing("500 on all, once", || {
        Rule::new(Fault::status(500)).when(of_flux).nth(1)
    }),
    passing("504 on all, once", || {
        Rule::new(Fault::status(504)).when(of_flux).nth(1)
    }),
    passing("reset of a connection", || {
        Rule::new(Fault::Reset).when(of_flux).nth(1)
    }),
    passing("reset in the midst of an answer", || {
        Rule::new(Fault::Cut { bytes: 150 }).when(is_read).nth(1)
    }),
    Trouble {
        watches: true,
        ..passing("watches closed every second", || {
            Rule::new(Fault::EndAfter(Duration::from_secs(1))).watches()
        })
    },
    Trouble {
        watches: true,
        ..passing("410 Gone on watches", || {
            Rule::new(Fault::Expired).watches().times(2)
        })
    },
    Trouble {
        watches: true,
        ..passing("watches reset", || {
            Rule::new(Fault::Reset).watches().times(3)
        })
    },
    Trouble {
        name: "500 without end",
        rule: || Rule::new(Fault::status(500)).when(of_flux),
        watches: false,
        lasts: true,
        codes: &[1, 6],
    },
    Trouble {
        name: "429 without end",
        rule: || Rule::new(Fault::too_many_requests(Duration::from_secs(1))).when(of_flux),
        watches: false,
        lasts: true,
        codes: &[1, 6],
    },
    Trouble {
        name: "no answer for 30 s",
        rule: || Rule::new(Fault::Stall).when(of_flux),
        watches: false,
        lasts: true,
        codes: &[6],
    },
];
