//! `create secret proxy`.

use clap::{ArgMatches, Args, Command};

use super::super::{Noun, Request, leaf};
use super::{BasicArgs, finish, metadata};
use crate::cmd::arguments;
use crate::error::Result;
use crate::manifests::secret::{self, Proxy};

pub(in super::super) const NOUN: Noun = Noun {
    path: &["secret", "proxy"],
    run,
};

#[derive(Args)]
struct ProxyArgs {
    /// The proxy's address, such as http://proxy.example.com:3128
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    #[command(flatten)]
    basic: BasicArgs,
}

pub(super) fn command() -> Command {
    leaf::<ProxyArgs>(
        Command::new("proxy")
            .about("Create or update a secret with the address of a proxy and its credentials")
            .after_help(
                "Examples:\n  \
                 # To be encrypted and committed; no process list shows the password\n  \
                 {bin} create secret proxy my-proxy --address=https://my-proxy.example.com \\\n    \
                 --username=me --password-file=- --export > proxy.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: ProxyArgs = arguments(matches)?;
    let proxy = Proxy {
        address: args.address.unwrap_or_default(),
        username: args.basic.username(),
        password: args.basic.password()?,
    };
    let secret = secret::proxy(&metadata(request), &proxy)?;
    finish(request, &secret, "proxy")
}
