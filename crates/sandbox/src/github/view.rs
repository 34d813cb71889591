//! Accounts and repositories as answers show them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::auth;
use super::model::{Account, Repository, State, Team};
use super::spec::Permission;

/// A global node number in the older, readable form.
pub(crate) fn node_id(kind: &str, id: impl std::fmt::Display) -> String {
    STANDARD.encode(format!("0:{kind}:{id}"))
}

/// An account in short.
pub(crate) fn simple_user(state: &State, id: u64) -> Value {
    let Some(account) = state.accounts.get(&id) else {
        return Value::Null;
    };
    let login = &account.login;
    let url = state.urls.api(&format!("/users/{login}"));
    let kind = if account.organization.is_some() {
        "Organization"
    } else {
        "User"
    };
    json!({
        "login": login, "id": id, "node_id": node_id(kind, id),
        "avatar_url": state.urls.html(&format!("/avatars/u/{id}?")), "gravatar_id": "",
        "url": url, "html_url": state.urls.html(&format!("/{login}")),
        "followers_url": format!("{url}/followers"),
        "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"),
        "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"),
        "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"),
        "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"),
        "type": kind, "user_view_type": "public", "site_admin": false,
    })
}

/// A user in full, with the parts that only the user sees where `own`.
pub(crate) fn user(state: &State, account: &Account, own: bool) -> Value {
    let mut view = simple_user(state, account.id);
    let repositories = || {
        state
            .repositories
            .values()
            .filter(|one| one.owner == account.id)
    };
    let private = repositories().filter(|one| one.private).count();
    merge(
        &mut view,
        json!({
            "name": account.login, "company": null, "blog": "", "location": null, "email": null,
            "hireable": null, "bio": null, "twitter_username": null,
            "public_repos": repositories().count() - private, "public_gists": 0,
            "followers": 0, "following": 0,
            "created_at": account.created.strftime("%FT%TZ").to_string(),
            "updated_at": account.created.strftime("%FT%TZ").to_string(),
        }),
    );
    if own {
        merge(
            &mut view,
            json!({
                "private_gists": 0, "total_private_repos": private, "owned_private_repos": private,
                "disk_usage": 0, "collaborators": 0, "two_factor_authentication": true,
                "plan": { "name": "free", "space": 976_562_499, "collaborators": 0, "private_repos": 10_000 },
            }),
        );
    }
    view
}

/// An organisation in short.
pub(crate) fn simple_organization(state: &State, account: &Account) -> Value {
    let url = state.urls.api(&format!("/orgs/{}", account.login));
    json!({
        "login": account.login, "id": account.id, "node_id": node_id("Organization", account.id),
        "url": url, "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events"),
        "hooks_url": format!("{url}/hooks"), "issues_url": format!("{url}/issues"),
        "members_url": format!("{url}/members{{/member}}"),
        "public_members_url": format!("{url}/public_members{{/member}}"),
        "avatar_url": state.urls.html(&format!("/avatars/u/{}?", account.id)), "description": "",
    })
}

/// An organisation in full.
pub(crate) fn organization(state: &State, account: &Account) -> Value {
    let mut view = simple_organization(state, account);
    let closed = account.organization.as_ref().is_some_and(|one| one.closed);
    let public = state
        .repositories
        .values()
        .filter(|one| one.owner == account.id && !one.private);
    merge(
        &mut view,
        json!({
            "name": account.login, "has_organization_projects": true, "has_repository_projects": true,
            "public_repos": public.count(), "public_gists": 0, "followers": 0, "following": 0,
            "html_url": state.urls.html(&format!("/{}", account.login)), "type": "Organization",
            "created_at": account.created.strftime("%FT%TZ").to_string(),
            "updated_at": account.created.strftime("%FT%TZ").to_string(), "archived_at": null,
            "default_repository_permission": "read", "members_can_create_repositories": !closed,
            "members_can_create_private_repositories": !closed,
            "members_can_create_public_repositories": !closed,
        }),
    );
    view
}

/// A team in short.
pub(crate) fn team(state: &State, account: &Account, team: &Team, permission: Permission) -> Value {
    let url = state
        .urls
        .api(&format!("/organizations/{}/team/{}", account.id, team.id));
    let page = state
        .urls
        .html(&format!("/orgs/{}/teams/{}", account.login, team.slug));
    json!({
        "id": team.id, "node_id": node_id("Team", team.id), "name": team.name, "slug": team.slug,
        "description": "", "privacy": "closed", "notification_setting": "notifications_enabled",
        "permission": permission.grant_name(), "url": url, "html_url": page,
        "members_url": format!("{url}/members{{/member}}"), "repositories_url": format!("{url}/repos"),
        "type": "organization", "organization_id": account.id, "parent": null,
    })
}

/// The permission flags of one user.
pub(crate) fn permissions(permission: Option<Permission>) -> Value {
    let at_least = |least| permission.is_some_and(|held| held >= least);
    json!({
        "admin": at_least(Permission::Admin), "maintain": at_least(Permission::Maintain),
        "push": at_least(Permission::Push), "triage": at_least(Permission::Triage),
        "pull": at_least(Permission::Pull),
    })
}

/// Addresses below a repository's own: field and what follows.
const LINKS: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    (
        "notifications_url",
        "/notifications{?since,all,participating}",
    ),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];

/// A repository with what every view of it has.
pub(crate) fn repository(state: &State, repository: &Repository, viewer: Option<u64>) -> Value {
    let name = state.full_name(repository);
    let url = state.urls.api(&format!("/repos/{name}"));
    let page = state.urls.html(&format!("/{name}"));
    let mut view = json!({
        "id": repository.id, "node_id": node_id("Repository", repository.id),
        "name": repository.name, "full_name": name, "owner": simple_user(state, repository.owner),
        "private": repository.private, "visibility": visibility(repository), "url": url,
        "html_url": page, "description": repository.description, "homepage": repository.homepage,
        "fork": false, "archived": repository.archived, "disabled": false,
        "default_branch": repository.default_branch,
        "git_url": format!("git://{}/{name}.git", state.urls.host),
        "ssh_url": format!("ssh://git@{}/{name}.git", state.urls.ssh_host),
        "clone_url": format!("{page}.git"), "svn_url": page, "mirror_url": null,
        "created_at": repository.created.strftime("%FT%TZ").to_string(),
        "updated_at": repository.updated.strftime("%FT%TZ").to_string(),
        "pushed_at": repository.pushed.strftime("%FT%TZ").to_string(),
        "size": 0, "language": null, "license": null, "topics": [], "is_template": false,
        "forks": 0, "forks_count": 0, "watchers": 0, "watchers_count": 0, "stargazers_count": 0,
        "open_issues": 0, "open_issues_count": 0, "web_commit_signoff_required": false,
        "has_pages": false, "has_downloads": true, "allow_forking": true, "allow_rebase_merge": false,
    });
    if let Value::Object(fields) = &mut view {
        fields.extend(
            LINKS
                .iter()
                .map(|(field, rest)| ((*field).to_owned(), format!("{url}{rest}").into())),
        );
        fields.extend(
            repository
                .switches
                .iter()
                .map(|(field, on)| ((*field).to_owned(), (*on).into())),
        );
    }
    if viewer.is_some() {
        view["permissions"] = permissions(auth::permission(state, viewer, repository));
    }
    view
}

/// A repository in full.
pub(crate) fn full_repository(state: &State, one: &Repository, viewer: Option<u64>) -> Value {
    let mut view = repository(state, one, viewer);
    merge(
        &mut view,
        json!({ "subscribers_count": 0, "network_count": 0 }),
    );
    if let Some(owner) = state
        .accounts
        .get(&one.owner)
        .filter(|owner| owner.organization.is_some())
    {
        view["organization"] = simple_user(state, owner.id);
    }
    view
}

/// `private` or `public`.
pub(crate) fn visibility(repository: &Repository) -> &'static str {
    if repository.private {
        "private"
    } else {
        "public"
    }
}

/// Adds the fields of one object to another.
pub(crate) fn merge(view: &mut Value, more: Value) {
    if let (Value::Object(view), Value::Object(more)) = (view, more) {
        view.extend(more);
    }
}
