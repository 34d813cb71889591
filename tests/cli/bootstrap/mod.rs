//! `bootstrap github`: what it says, commits, applies and refuses, against a GitHub of our own
//! and a real API server with a stand-in for the controllers.

mod converge;
mod host;
mod plan;
mod proxy;
mod refusals;
mod signing;
mod stage;
mod wait;
