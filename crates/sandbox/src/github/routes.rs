//! The endpoints: one row each, with the path as GitHub's OpenAPI description writes it.

use http::Method;

use super::errors::ApiError;
use super::reply::Reply;
use super::rest::Call;
use super::spec::Permission;
use super::{
    branches, commits, compare, contents, git_data, keys, orgs, pulls, repos, teams, users,
};

/// What a handler looks like.
pub(crate) type Handler = fn(&mut Call<'_>) -> Result<Reply, ApiError>;

/// Who may call an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Anyone.
    Public,
    /// Any signed-in user.
    User,
    /// A user with this permission on the repository in the path.
    Repository(Permission),
}

/// What a caller below the level is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// 404, as if it were not there.
    Hidden,
    /// 403, naming the right.
    AdminRights,
}

/// The rights that an endpoint asks of user and token.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Access {
    pub(crate) level: Level,
    /// The permission and level of fine-grained tokens; an empty name asks for none.
    pub(crate) fine: (&'static str, &'static str),
    /// Scopes of classic tokens, any of which will do.
    pub(crate) scopes: &'static [&'static str],
    pub(crate) denial: Denial,
}

impl Access {
    const fn new(
        level: Level,
        fine: (&'static str, &'static str),
        scopes: &'static [&'static str],
    ) -> Self {
        Self {
            level,
            fine,
            scopes,
            denial: Denial::Hidden,
        }
    }

    const fn plain(mut self) -> Self {
        self.denial = Denial::AdminRights;
        self
    }

    /// Whether the endpoint changes something.
    pub(crate) fn writes(&self) -> bool {
        self.fine.1 == "write"
    }
}

const REPO: &[&str] = &["repo"];
const ORG: &[&str] = &["admin:org", "read:org", "repo", "user", "write:org"];
const READ: Level = Level::Repository(Permission::Pull);
const WRITE: Level = Level::Repository(Permission::Push);
const OWN: Level = Level::Repository(Permission::Admin);

const ANYONE: Access = Access::new(Level::Public, ("", ""), &[]);
const SIGNED_IN: Access = Access::new(Level::User, ("", ""), &[]);
const CREATE: Access = Access::new(
    Level::User,
    ("administration", "write"),
    &["public_repo", "repo"],
);
const METADATA: Access = Access::new(READ, ("metadata", "read"), REPO);
const CONTENTS: Access = Access::new(READ, ("contents", "read"), REPO);
const COMMIT: Access = Access::new(WRITE, ("contents", "write"), REPO);
const SETTINGS: Access = Access::new(OWN, ("administration", "read"), REPO);
const CHANGE: Access = Access::new(OWN, ("administration", "write"), REPO);
const DESTROY: Access = Access::new(OWN, ("administration", "write"), &["delete_repo"]).plain();
const PULLS: Access = Access::new(READ, ("pull_requests", "read"), REPO);
const PROPOSE: Access = Access::new(READ, ("pull_requests", "write"), REPO);
const MEMBERS: Access = Access::new(Level::User, ("members", "read"), ORG).plain();
const GRANT: Access = Access::new(Level::User, ("members", "read"), ORG);

/// One endpoint.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: Method,
    pub(crate) template: &'static str,
    pub(crate) access: Access,
    pub(crate) handler: Handler,
    /// The page of the manual that refusals point at.
    pub(crate) docs: &'static str,
}

const fn row(
    method: Method,
    template: &'static str,
    access: Access,
    handler: Handler,
    docs: &'static str,
) -> Route {
    Route {
        method,
        template,
        access,
        handler,
        docs,
    }
}

const GET: Method = Method::GET;
const POST: Method = Method::POST;
const PUT: Method = Method::PUT;
const PATCH: Method = Method::PATCH;
const DELETE: Method = Method::DELETE;

/// Every endpoint served. Longer paths stand before the ones that would swallow them.
#[rustfmt::skip]
pub(crate) static ROUTES: &[Route] = &[
    row(GET, "/meta", ANYONE, users::meta, "meta/meta#get-apiname-meta-information"),
    row(GET, "/rate_limit", ANYONE, users::rate_limit, "rate-limit/rate-limit#get-rate-limit-status-for-the-authenticated-user"),
    row(GET, "/user", SIGNED_IN, users::current, "users/users#get-the-authenticated-user"),
    row(GET, "/user/repos", SIGNED_IN, repos::list_own, "repos/repos#list-repositories-for-the-authenticated-user"),
    row(POST, "/user/repos", CREATE, repos::create_own, "repos/repos#create-a-repository-for-the-authenticated-user"),
    row(GET, "/user/orgs", SIGNED_IN, orgs::list_own, "orgs/orgs#list-organizations-for-the-authenticated-user"),
    row(GET, "/user/memberships/orgs/{org}", MEMBERS, orgs::own_membership, "orgs/members#get-an-organization-membership-for-the-authenticated-user"),
    row(GET, "/users/{username}", ANYONE, users::get, "users/users#get-a-user"),
    row(GET, "/orgs/{org}", ANYONE, orgs::get, "orgs/orgs#get-an-organization"),
    row(GET, "/orgs/{org}/repos", ANYONE, repos::list_organization, "repos/repos#list-organization-repositories"),
    row(POST, "/orgs/{org}/repos", CREATE, repos::create_in_organization, "repos/repos#create-an-organization-repository"),
    row(GET, "/orgs/{org}/memberships/{username}", MEMBERS, orgs::membership, "orgs/members#get-organization-membership-for-a-user"),
    row(GET, "/orgs/{org}/teams", MEMBERS, teams::list, "teams/teams#list-teams"),
    row(GET, "/orgs/{org}/teams/{team_slug}", GRANT, teams::get, "teams/teams#get-a-team-by-name"),
    row(GET, "/orgs/{org}/teams/{team_slug}/members", GRANT, teams::members, "teams/members#list-team-members"),
    row(GET, "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", GRANT, teams::check, "teams/teams#check-team-permissions-for-a-repository"),
    row(PUT, "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", GRANT, teams::grant, "teams/teams#add-or-update-team-repository-permissions"),
    row(DELETE, "/orgs/{org}/teams/{team_slug}/repos/{owner}/{repo}", GRANT, teams::revoke, "teams/teams#remove-a-repository-from-a-team"),

    row(GET, "/repos/{owner}/{repo}", METADATA, repos::get, "repos/repos#get-a-repository"),
    row(PATCH, "/repos/{owner}/{repo}", CHANGE.plain(), repos::update, "repos/repos#update-a-repository"),
    row(DELETE, "/repos/{owner}/{repo}", DESTROY, repos::delete, "repos/repos#delete-a-repository"),
    row(GET, "/repos/{owner}/{repo}/teams", SETTINGS, teams::of_repository, "repos/repos#list-repository-teams"),
    row(GET, "/repos/{owner}/{repo}/collaborators/{username}/permission", METADATA, repos::collaborator, "collaborators/collaborators#get-repository-permissions-for-a-user"),

    row(GET, "/repos/{owner}/{repo}/git/ref/{ref}", CONTENTS, git_data::refs::get, "git/refs#get-a-reference"),
    row(GET, "/repos/{owner}/{repo}/git/matching-refs/{ref}", CONTENTS, git_data::refs::matching, "git/refs#list-matching-references"),
    row(POST, "/repos/{owner}/{repo}/git/refs", COMMIT, git_data::refs::create, "git/refs#create-a-reference"),
    row(PATCH, "/repos/{owner}/{repo}/git/refs/{ref}", COMMIT, git_data::refs::update, "git/refs#update-a-reference"),
    row(DELETE, "/repos/{owner}/{repo}/git/refs/{ref}", COMMIT, git_data::refs::delete, "git/refs#delete-a-reference"),
    row(POST, "/repos/{owner}/{repo}/git/commits", COMMIT, git_data::commits::create, "git/commits#create-a-commit"),
    row(GET, "/repos/{owner}/{repo}/git/commits/{commit_sha}", CONTENTS, git_data::commits::get, "git/commits#get-a-commit-object"),
    row(POST, "/repos/{owner}/{repo}/git/trees", COMMIT, git_data::trees::create, "git/trees#create-a-tree"),
    row(GET, "/repos/{owner}/{repo}/git/trees/{tree_sha}", CONTENTS, git_data::trees::get, "git/trees#get-a-tree"),
    row(POST, "/repos/{owner}/{repo}/git/blobs", COMMIT, git_data::blobs::create, "git/blobs#create-a-blob"),
    row(GET, "/repos/{owner}/{repo}/git/blobs/{file_sha}", CONTENTS, git_data::blobs::get, "git/blobs#get-a-blob"),

    row(GET, "/repos/{owner}/{repo}/commits", CONTENTS, commits::list, "commits/commits#list-commits"),
    row(GET, "/repos/{owner}/{repo}/commits/{ref}", CONTENTS, commits::get, "commits/commits#get-a-commit"),
    row(GET, "/repos/{owner}/{repo}/compare/{basehead}", CONTENTS, compare::get, "commits/commits#compare-two-commits"),
    row(GET, "/repos/{owner}/{repo}/branches", CONTENTS, branches::list, "branches/branches#list-branches"),
    row(GET, "/repos/{owner}/{repo}/branches/{branch}/protection", SETTINGS, branches::protection, "branches/branch-protection#get-branch-protection"),
    row(GET, "/repos/{owner}/{repo}/branches/{branch}", CONTENTS, branches::get, "branches/branches#get-a-branch"),
    row(GET, "/repos/{owner}/{repo}/rules/branches/{branch}", METADATA, branches::rules, "repos/rules#get-rules-for-a-branch"),
    row(GET, "/repos/{owner}/{repo}/contents/{path}", CONTENTS, contents::read::get, "repos/contents#get-repository-content"),
    row(PUT, "/repos/{owner}/{repo}/contents/{path}", COMMIT, contents::write::put, "repos/contents#create-or-update-file-contents"),
    row(DELETE, "/repos/{owner}/{repo}/contents/{path}", COMMIT, contents::write::delete, "repos/contents#delete-a-file"),

    row(GET, "/repos/{owner}/{repo}/keys", SETTINGS, keys::list, "deploy-keys/deploy-keys#list-deploy-keys"),
    row(POST, "/repos/{owner}/{repo}/keys", CHANGE, keys::create, "deploy-keys/deploy-keys#create-a-deploy-key"),
    row(GET, "/repos/{owner}/{repo}/keys/{key_id}", SETTINGS, keys::get, "deploy-keys/deploy-keys#get-a-deploy-key"),
    row(DELETE, "/repos/{owner}/{repo}/keys/{key_id}", CHANGE, keys::delete, "deploy-keys/deploy-keys#delete-a-deploy-key"),

    row(GET, "/repos/{owner}/{repo}/pulls", PULLS, pulls::list, "pulls/pulls#list-pull-requests"),
    row(POST, "/repos/{owner}/{repo}/pulls", PROPOSE, pulls::create, "pulls/pulls#create-a-pull-request"),
    row(GET, "/repos/{owner}/{repo}/pulls/{pull_number}", PULLS, pulls::get, "pulls/pulls#get-a-pull-request"),
    row(PUT, "/repos/{owner}/{repo}/pulls/{pull_number}/merge", COMMIT, pulls::merge, "pulls/pulls#merge-a-pull-request"),
];
