//! Runs the GitHub server until Ctrl-C, to look at with curl, git, or any client for GitHub Enterprise.
//!
//! ```text
//! cargo run -p reflux-sandbox --example github
//! ```
//!
//! Prints what a shell needs: where it is, whom to trust, and a token of `alice`, who owns the organisation `acme`.

use std::io::Write as _;

use sandbox::github::{GitHub, GitHubOptions, OrgRole, TokenSpec};
use secrecy::ExposeSecret as _;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let github = GitHub::start(GitHubOptions::default()).await?;
    github.add_user("alice")?;
    github.add_org("acme")?;
    github.add_member("acme", "alice", OrgRole::Owner)?;
    github.add_team("acme", "ops", &["alice"])?;
    let scopes = ["repo", "admin:org", "delete_repo"];
    let token = github.add_token(TokenSpec::classic("alice", &scopes))?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "GITHUB_HOST={}", github.host())?;
    writeln!(out, "GITHUB_API={}", github.api_url())?;
    writeln!(out, "GITHUB_SSH_HOST={}", github.ssh_host())?;
    writeln!(out, "GITHUB_CA_FILE={}", github.ca_file().display())?;
    // The token opens this server alone, and ends with it.
    writeln!(out, "GITHUB_TOKEN={}", token.expose_secret())?;
    out.flush()?;
    Ok(tokio::signal::ctrl_c().await?)
}
