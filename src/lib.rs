//! reflux: GitOps on Kubernetes from the command line.
//!
//! The program is this library; `main.rs` only hands it the process. One run goes one way:
//! arguments → [`cli`] → a verb in [`cmd`] builds a request → a pure module decides → an adapter
//! acts → the verb prints once.
//!
//! - Pure, values in and values out: [`kinds`] (the table of Flux kinds), [`manifests`]
//!   (generation), [`flags`] (values with rules), [`output`] (what programs read), [`rollout`]
//!   (how far a revision has come), [`substitute`] (variables in text), [`build`] (Flux's build
//!   of a folder), [`diff`] (what a change does to objects), [`identity`], `bootstrap::plan`.
//! - Adapters, one outside system each: [`cluster`] (Kubernetes), `bootstrap::provider` (the Git
//!   host), `git`, [`web`] (any other server), [`env`](mod@env), [`ui`].
//! - Commands: [`cmd`], [`cli`], `bootstrap::run`.
//!
//! Arrows point from commands to adapters to pure modules, never back; lints in `clippy.toml` hold
//! that. `CONTRIBUTING.md` has the map and says how to add a kind or a verb.

pub mod bootstrap;
pub mod build;
pub mod cli;
pub mod cluster;
pub mod cmd;
pub mod complete;
pub mod context;
pub mod diff;
pub mod env;
pub mod error;
pub mod flags;
pub mod git;
pub mod identity;
pub mod kinds;
pub mod manifests;
pub mod output;
pub mod rollout;
pub mod substitute;
pub mod ui;
pub mod web;
pub mod yaml;

use std::ffi::OsString;

pub use env::Env;
pub use ui::Streams;

use context::Context;
use error::Error;
use identity::Identity;
use ui::{Settings, Ui};

/// Runs one command line and returns the exit code. `arguments` begins with the program's name.
pub fn run(arguments: Vec<OsString>, env: Env, streams: Streams) -> u8 {
    let identity = Identity::of(arguments.first().map(OsString::as_os_str));
    let exit_codes = identity.exit_codes(&env);
    if let Some(shell) = env.get(env::COMPLETE) {
        let ui = Ui::new(streams, &env, Settings::default());
        // Whoever presses TAB has no use for an error.
        let text = complete::answer(shell, identity, arguments, &env).unwrap_or_default();
        return u8::from(ui.answer(&text).and_then(|()| ui.flush()).is_err());
    }
    let parsed = match cli::parse(identity, arguments.clone()) {
        Ok(parsed) => parsed,
        Err(stop) => {
            let ui = Ui::new(streams, &env, Settings::default());
            let verb = cli::verb_of(identity, arguments);
            return stop.finish(&ui, identity, exit_codes.of_verb(verb.as_deref()));
        }
    };
    let exit_codes = exit_codes.of_verb(Some(parsed.verb.name));
    let settings = Settings {
        color: parsed.globals.color,
        quiet: parsed.globals.quiet,
    };
    let context = Context {
        ui: Ui::new(streams, &env, settings),
        globals: parsed.globals,
        env,
        identity,
        started: std::time::Instant::now(),
    };
    let result = (parsed.verb.run)(&context, &parsed.matches);
    match result.and_then(|()| context.ui.flush()) {
        Ok(()) => 0,
        Err(error) => fail(&context.ui, identity, &error, exit_codes),
    }
}

fn fail(ui: &Ui, identity: Identity, error: &Error, exit_codes: identity::ExitCodes) -> u8 {
    // What was answered before the failure still counts; a second failure has nothing to add.
    let _ = ui.flush();
    ui.error(error, identity.name());
    exit_codes.of_error(error)
}
