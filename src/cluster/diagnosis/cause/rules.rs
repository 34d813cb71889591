//! What the messages of Flux's controllers mean, and what to do about each.

/// What a message of a controller means.
pub(super) struct Rule {
    /// Alternatives; of each, all parts occur in the message in lower case.
    pub(super) says: &'static [&'static [&'static str]],
    /// The cause; `{object}`, `{noun}`, `{name}`, `{namespace}` and `{flux}` are filled in.
    pub(super) cause: &'static str,
    /// What to do next.
    pub(super) next: &'static [&'static str],
}

const GET_SOURCES: &str = "run `{bin} get sources git -A`";
const GET_KUSTOMIZATIONS: &str = "run `{bin} get kustomizations -A`";
const EGRESS: &str =
    "check that pods in {flux} may leave the cluster: network policies, firewalls, HTTPS_PROXY";

/// The first rule that fits a message wins: what is more specific stands first.
pub(super) static RULES: &[Rule] = &[
    Rule {
        says: &[&["failed calling webhook"]],
        cause: "an admission webhook of the cluster does not answer",
        next: &["check the webhook that the message names: its pods, or its configuration"],
    },
    Rule {
        says: &[&["proxyconnect"], &["proxy authentication required"]],
        cause: "the proxy between the controller and the server does not let the connection through",
        next: &["check HTTPS_PROXY and NO_PROXY of the controllers in {flux}"],
    },
    Rule {
        says: &[
            &["authentication required"],
            &["authentication failed"],
            &["authorization failed"],
            &["unable to authenticate"],
            &["invalid credentials"],
            &["bad credentials"],
            &["permission denied (publickey"],
            &["401 unauthorized"],
            &["403 forbidden"],
        ],
        cause: "the server does not accept the credentials of {object}, or they do not reach its repository",
        next: &[
            "check that the token or key is valid and may read the repository",
            "put a new one in the secret with `{bin} create secret git`, or run bootstrap again",
        ],
    },
    Rule {
        says: &[&["knownhosts"], &["host key"], &["hostkey"]],
        cause: "the SSH server's key is not the one in the secret of {object}",
        next: &[
            "compare the server's keys with those that its owner publishes, then put them in the secret with `{bin} create secret git`",
        ],
    },
    Rule {
        says: &[&["secret", "not found"], &["failed to get secret"]],
        cause: "a secret that {object} names does not exist",
        next: &[
            "create it in the {namespace} namespace, for a Git repository with `{bin} create secret git`",
        ],
    },
    Rule {
        says: &[
            &["no such host"],
            &["server misbehaving"],
            &["name resolution"],
            &["lookup", "i/o timeout"],
        ],
        cause: "the controller cannot resolve the host's name: the URL is wrong, or the cluster's DNS does not work",
        next: &[
            "check the URL of {object}, and DNS from a pod in {flux}",
            EGRESS,
        ],
    },
    Rule {
        says: &[
            &["x509:"],
            &["certificate signed by unknown authority"],
            &["failed to verify certificate"],
        ],
        cause: "the server's certificate is not trusted by the controller",
        next: &[
            "give the authority's certificate to the secret of {object} with --ca-crt-file of `{bin} create secret git`",
        ],
    },
    Rule {
        says: &[
            &["i/o timeout"],
            &["connection timed out"],
            &["connection refused"],
            &["connection reset"],
            &["no route to host"],
            &["network is unreachable"],
            &["client.timeout exceeded"],
            &["failed to checkout", "deadline exceeded"],
        ],
        cause: "the controller cannot reach the server",
        next: &[EGRESS],
    },
    Rule {
        says: &[&["rate limit"], &["too many requests"]],
        cause: "the server limits how often it may be asked",
        next: &["wait, or make the interval of {object} longer"],
    },
    Rule {
        says: &[
            &["couldn't find remote ref"],
            &["reference not found"],
            &["unable to resolve"],
            &["no match found for semver"],
        ],
        cause: "the repository does not have the branch, tag or commit that {object} names",
        next: &["check the reference with `{bin} export {noun} {name} -n {namespace}`"],
    },
    Rule {
        says: &[&["repository is empty"]],
        cause: "the repository holds no commit yet",
        next: &["push a commit to the branch that {object} names"],
    },
    Rule {
        says: &[&["repository not found"]],
        cause: "there is no repository at the URL of {object}, or the credentials may not see it",
        next: &["check the URL with `{bin} export {noun} {name} -n {namespace}`"],
    },
    Rule {
        says: &[&["signature verification"], &["cannot verify signature"]],
        cause: "the revision is not signed by one of the keys that {object} trusts",
        next: &[
            "check the signature of the commit, and the keys in the secret that spec.verify names",
        ],
    },
    Rule {
        says: &[&["kustomization path not found"]],
        cause: "the source does not have the folder that {object} names",
        next: &["check spec.path with `{bin} export {noun} {name} -n {namespace}`"],
    },
    Rule {
        says: &[&["sops"], &["decryption failed"], &["error decrypting"]],
        cause: "an encrypted file cannot be decrypted with the key that {object} has",
        next: &["check spec.decryption of {object} and the key in its secret"],
    },
    Rule {
        says: &[
            &["kustomize build failed"],
            &["post build failed"],
            &["failed to decode kubernetes apiversion"],
        ],
        cause: "the files of {object} do not build",
        next: &["correct the file that the message names and push it"],
    },
    Rule {
        says: &[&["dependency '"], &["dependencies do not meet"]],
        cause: "{object} waits for another that is not ready",
        next: &[GET_KUSTOMIZATIONS],
    },
    Rule {
        says: &[
            &["no matches for kind"],
            &["could not find the requested resource"],
        ],
        cause: "the manifests use a kind that the cluster does not have",
        next: &["install its definition first, in a Kustomization that this one depends on"],
    },
    Rule {
        says: &[&["field is immutable"]],
        cause: "the manifests change a field that cannot be changed",
        next: &[
            "delete the object that the message names, or let {object} recreate it with spec.force",
        ],
    },
    Rule {
        says: &[&["namespaces \"", "not found"]],
        cause: "the manifests use a namespace that does not exist",
        next: &["add the namespace to the manifests, or set spec.targetNamespace"],
    },
    Rule {
        says: &[&["exceeded quota"]],
        cause: "a quota of the namespace is used up",
        next: &["run `kubectl get resourcequota -A`"],
    },
    Rule {
        says: &[&["cross-namespace references"]],
        cause: "the controllers are told not to follow references into other namespaces",
        next: &["put {object} and what it refers to in one namespace"],
    },
    Rule {
        says: &[&["is forbidden"], &["forbidden:"]],
        cause: "the controller, or the service account of {object}, has no right to do this",
        next: &["grant the right that the message names, or check spec.serviceAccountName"],
    },
    Rule {
        says: &[
            &["health check failed"],
            &["timeout waiting for"],
            &["health checks"],
        ],
        cause: "what {object} applied does not become ready",
        next: &[
            "look at the objects that the message names: `kubectl describe` and their pods' logs",
        ],
    },
    Rule {
        says: &[
            &["artifact not found"],
            &["source is not ready"],
            &["source '", "not found"],
            &["unable to get source"],
        ],
        cause: "the source of {object} is missing or not ready",
        next: &[GET_SOURCES],
    },
    Rule {
        says: &[&["dry-run failed"], &["apply failed"]],
        cause: "the API server refuses an object of {object}",
        next: &["correct the object that the message names and push it"],
    },
];

/// The rule that says what the message means.
pub(super) fn of(message: &str) -> Option<&'static Rule> {
    let message = message.to_lowercase();
    RULES.iter().find(|rule| {
        let occur = |parts: &&[&str]| parts.iter().all(|part| message.contains(part));
        rule.says.iter().any(occur)
    })
}
