//! `create tenant`.

use clap::{ArgMatches, Args, Command};
use k8s_openapi::api::core::v1::{Namespace, ServiceAccount};
use k8s_openapi::api::rbac::v1::RoleBinding;
use kube::Api;

use super::{Noun, Request, leaf, some};
use crate::cluster::Cluster;
use crate::cluster::stored::{self, Change};
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::flags::List;
use crate::manifests::tenant::{Room, Tenant};
use crate::yaml;

pub(super) const NOUN: Noun = Noun {
    path: &["tenant"],
    run,
};

#[derive(Args)]
struct TenantArgs {
    /// A namespace of the tenant's; commas or repeats for several
    #[arg(long, value_name = "NAMESPACE")]
    with_namespace: Option<Vec<List>>,
    /// The cluster role whose rights the tenant has in its namespaces
    #[arg(long, default_value = "cluster-admin", value_name = "NAME")]
    cluster_role: String,
    /// The service account that the tenant works as; the tenant's own name unless given
    #[arg(long, value_name = "NAME")]
    with_service_account: Option<String>,
    /// Leave the namespaces themselves alone; they must exist
    #[arg(long)]
    skip_namespace: bool,
}

pub(super) fn command() -> Command {
    leaf::<TenantArgs>(
        Command::new("tenant")
            .about("Create or update a tenant")
            .long_about(
                "Create or update a tenant: namespaces, and in each of them a service account \
                 with the rights of a cluster role, which the tenant's objects are reconciled \
                 with.\n\n\
                 This command is a preview and may change.",
            )
            .after_help(
                "Examples:\n  \
                 # A tenant with a namespace of its own\n  \
                 {bin} create tenant dev-team --with-namespace=frontend --label=environment=dev\n\n  \
                 # Two namespaces, as YAML for the repository\n  \
                 {bin} create tenant dev-team --with-namespace=frontend,backend --export > dev-team.yaml",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: TenantArgs = arguments(matches)?;
    let namespaces = args.with_namespace.as_deref().map(List::all);
    let tenant = Tenant {
        name: request.name.clone(),
        namespaces: namespaces.clone().unwrap_or_default(),
        cluster_role: args.cluster_role,
        account: some(&args.with_service_account),
        labels: request.labels.clone(),
    };
    let rooms = tenant.rooms()?;
    if namespaces.is_none() {
        return Err(Error::usage("with-namespace is required"));
    }
    if request.export {
        return rooms
            .iter()
            .try_for_each(|room| print(request, room, args.skip_namespace));
    }
    request.context.block_on(async {
        let cluster = request.context.cluster().await?;
        for room in &rooms {
            apply(request, &cluster, room, args.skip_namespace).await?;
        }
        request.context.ui.success("tenant setup completed");
        Ok(())
    })
}

fn print(request: &Request<'_>, room: &Room, skip_namespace: bool) -> Result<()> {
    let mut text = String::new();
    if !skip_namespace {
        text += &yaml::to_document(&room.namespace)?;
    }
    text += &yaml::to_document(&room.account)?;
    text += &yaml::to_document(&room.binding)?;
    request.context.ui.answer(&text)
}

async fn apply(
    request: &Request<'_>,
    cluster: &Cluster,
    room: &Room,
    skip_namespace: bool,
) -> Result<()> {
    let ui = &request.context.ui;
    let name = |metadata: &kube::api::ObjectMeta| metadata.name.clone().unwrap_or_default();
    let namespace = name(&room.namespace.metadata);
    if !skip_namespace {
        ui.action(format!("applying namespace {namespace}"));
        let api: Api<Namespace> = Api::all(cluster.client().clone());
        let change = |existing| labelled(existing, &room.namespace);
        stored::put(cluster, &api, &room.namespace, change).await?;
    }
    let account = name(&room.account.metadata);
    ui.action(format!("applying service account {account}"));
    let api: Api<ServiceAccount> = cluster.namespaced(&namespace);
    let change = |existing| labelled(existing, &room.account);
    stored::put(cluster, &api, &room.account, change).await?;

    let binding = name(&room.binding.metadata);
    ui.action(format!("applying role binding {binding}"));
    let api: Api<RoleBinding> = cluster.namespaced(&namespace);
    let change = |existing| bound(existing, &room.binding);
    stored::put(cluster, &api, &room.binding, change).await?;
    Ok(())
}

/// An object of which only the labels matter.
fn labelled<K: kube::Resource>(mut existing: K, wanted: &K) -> Change<K> {
    if stored::add_metadata(existing.meta_mut(), wanted.meta()) {
        Change::Update(existing)
    } else {
        Change::None
    }
}

/// The role of a binding cannot be changed; who has it can. Others whom somebody bound stay while
/// the tenant's own are there.
fn bound(mut existing: RoleBinding, wanted: &RoleBinding) -> Change<RoleBinding> {
    if existing.role_ref != wanted.role_ref {
        return Change::Recreate(wanted.clone());
    }
    let labels = stored::add_metadata(&mut existing.metadata, &wanted.metadata);
    let present = existing.subjects.as_deref().unwrap_or_default();
    let complete = wanted.subjects.iter().flatten().all(|subject| {
        // The server fills in the group of a user, and that of an account is empty.
        present.iter().any(|other| {
            (&other.kind, &other.name, &other.namespace)
                == (&subject.kind, &subject.name, &subject.namespace)
        })
    });
    if !complete {
        existing.subjects.clone_from(&wanted.subjects);
    }
    if labels || !complete {
        Change::Update(existing)
    } else {
        Change::None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn binding(role: &str, account: &str) -> RoleBinding {
        let tenant = Tenant {
            name: "dev".to_owned(),
            namespaces: vec!["web".to_owned()],
            cluster_role: role.to_owned(),
            account: Some(account.to_owned()),
            labels: request_labels(),
        };
        tenant.rooms().unwrap().remove(0).binding
    }

    fn request_labels() -> std::collections::BTreeMap<String, String> {
        [("a".to_owned(), "b".to_owned())].into()
    }

    #[test]
    fn a_binding_is_written_only_where_it_must() {
        let wanted = binding("view", "dev");
        assert!(matches!(bound(wanted.clone(), &wanted), Change::None));
        assert!(matches!(
            bound(binding("edit", "dev"), &wanted),
            Change::Recreate(_)
        ));
        let Change::Update(updated) = bound(binding("view", "old"), &wanted) else {
            panic!("not updated");
        };
        assert_eq!(updated.subjects, wanted.subjects);

        let mut shared = wanted.clone();
        let other = binding("view", "other").subjects.unwrap();
        shared.subjects.get_or_insert_default().extend(other);
        assert!(matches!(bound(shared, &wanted), Change::None));
    }

    #[test]
    fn labels_of_others_stay() {
        let wanted = binding("view", "dev");
        let mut existing = wanted.clone();
        existing.metadata.labels = Some([("x".to_owned(), "y".to_owned())].into());
        let Change::Update(updated) = bound(existing, &wanted) else {
            panic!("not updated");
        };
        let labels = updated.metadata.labels.unwrap();
        assert_eq!((labels["x"].as_str(), labels["a"].as_str()), ("y", "b"));
    }
}
