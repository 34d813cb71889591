//! `create image update`.

use clap::{ArgMatches, Args, Command};
use flux_api::image::{
    CommitSpec, CommitUser, CrossNamespaceSourceReference, GitCheckoutSpec, GitSpec,
    ImageUpdateAutomationSpec, PushSpec, SigningKey, SigningKeyType, UpdateStrategy,
    UpdateStrategyName,
};
use flux_api::source::GitRepositoryRef;

use super::super::{Noun, Request, leaf, reference, some};
use super::finish;
use crate::cmd::arguments;
use crate::error::{Error, Result};
use crate::kinds::IMAGE_UPDATE_AUTOMATION;

pub(in super::super) const NOUN: Noun = Noun {
    path: &["image", "update"],
    run,
};

// Flags of `create image update`.
#[derive(Args)]
struct UpdateArgs {
    /// The GitRepository whose manifests are updated
    #[arg(long, value_name = "NAME")]
    git_repo_ref: Option<String>,
    /// The namespace of the GitRepository, where it is another than the object's
    #[arg(long, value_name = "NAMESPACE")]
    git_repo_namespace: Option<String>,
    /// The folder with the manifests, where it is not the repository's root
    #[arg(long, value_name = "PATH")]
    git_repo_path: Option<String>,
    /// The branch to check out
    #[arg(long, value_name = "BRANCH")]
    checkout_branch: Option<String>,
    /// The branch to push to, where it is another; it is made if it is missing
    #[arg(long, value_name = "BRANCH")]
    push_branch: Option<String>,
    /// The template of the commit message, as Go's text/template has them
    #[arg(long, value_name = "TEMPLATE")]
    commit_template: Option<String>,
    /// The name of the commits' author
    #[arg(long, value_name = "NAME")]
    author_name: Option<String>,
    /// The e-mail address of the commits' author
    #[arg(long, value_name = "ADDRESS")]
    author_email: Option<String>,
    /// An existing secret with the key that signs commits
    #[arg(long, value_name = "NAME")]
    signing_key_secret: Option<String>,
    /// What kind of key that is: gpg (unless said otherwise) or ssh
    #[arg(long, value_name = "TYPE")]
    signing_key_type: Option<String>,
}

pub(super) fn command() -> Command {
    leaf::<UpdateArgs>(
        Command::new("update")
            .about("Create or update an ImageUpdateAutomation")
            .long_about(
                "Create or update an ImageUpdateAutomation and wait until it has run.\n\n\
                 It puts the images that ImagePolicies have chosen into the manifests of a Git \
                 repository, and commits and pushes them.",
            )
            .after_help(
                "Examples:\n  \
                 # Update the repository that the cluster follows\n  \
                 {bin} create image update flux-system --git-repo-ref=flux-system \\\n    \
                 --git-repo-path=./clusters/prod --checkout-branch=main \\\n    \
                 --author-name=flux --author-email=flux@example.com \\\n    \
                 --commit-template='{{range .Updated.Images}}{{println .}}{{end}}'\n\n  \
                 # Push to a branch that is merged later\n  \
                 {bin} create image update apps -n apps --git-repo-ref=flux-system \\\n    \
                 --git-repo-namespace=flux-system --checkout-branch=main \\\n    \
                 --push-branch=image-updates --author-name=flux --author-email=flux@example.com",
            ),
    )
}

fn run(request: &Request<'_>, matches: &ArgMatches) -> Result<()> {
    let args: UpdateArgs = arguments(matches)?;
    let required = |text: &Option<String>, refusal: &str| {
        some(text).ok_or_else(|| Error::usage(refusal.to_owned()))
    };
    let repository = required(
        &args.git_repo_ref,
        "a reference to a GitRepository is required (--git-repo-ref)",
    )?;
    let branch = required(
        &args.checkout_branch,
        "the Git repository branch is required (--checkout-branch)",
    )?;
    let author = CommitUser {
        name: Some(required(
            &args.author_name,
            "the author name is required (--author-name)",
        )?),
        email: required(
            &args.author_email,
            "the author email is required (--author-email)",
        )?,
    };
    let git = GitSpec {
        checkout: Some(GitCheckoutSpec {
            reference: GitRepositoryRef {
                branch: Some(branch),
                ..GitRepositoryRef::default()
            },
        }),
        commit: CommitSpec {
            author,
            signing_key: signing_key(&args)?,
            message_template: some(&args.commit_template),
            ..CommitSpec::default()
        },
        push: some(&args.push_branch).map(|branch| PushSpec {
            branch: Some(branch),
            ..PushSpec::default()
        }),
    };
    let spec = ImageUpdateAutomationSpec {
        source_ref: CrossNamespaceSourceReference {
            name: repository,
            namespace: some(&args.git_repo_namespace),
            ..CrossNamespaceSourceReference::default()
        },
        git_spec: Some(git),
        interval: request.interval,
        update: some(&args.git_repo_path).map(|path| UpdateStrategy {
            strategy: Some(UpdateStrategyName::Setters),
            path: Some(path),
        }),
        ..ImageUpdateAutomationSpec::default()
    };
    finish(request, &IMAGE_UPDATE_AUTOMATION, &spec)
}

fn signing_key(args: &UpdateArgs) -> Result<Option<SigningKey>> {
    let secret_ref = reference(&args.signing_key_secret);
    let kind = some(&args.signing_key_type);
    if kind.is_some() && secret_ref.is_none() {
        return Err(Error::usage(
            "--signing-key-type requires --signing-key-secret",
        ));
    }
    let kind: Option<SigningKeyType> = kind
        .map(|text| text.parse())
        .transpose()
        .map_err(|_| Error::usage("--signing-key-type must be one of: gpg, ssh"))?;
    Ok(secret_ref.map(|secret_ref| SigningKey {
        secret_ref,
        r#type: kind,
    }))
}
