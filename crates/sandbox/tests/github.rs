//! The GitHub server, proved through its doors: REST, Git over HTTPS and SSH, failures.

#[path = "github/support.rs"]
mod support;

#[path = "github/auth.rs"]
mod auth;
#[path = "github/faults.rs"]
mod faults;
#[path = "github/git.rs"]
mod git;
#[path = "github/objects.rs"]
mod objects;
#[path = "github/rest.rs"]
mod rest;
#[path = "github/tour.rs"]
mod tour;
