//! What OCI repositories, Helm repositories and charts have in common: registries and signatures.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::choices::choices;

choices! {
    /// How to authenticate to a container registry.
    pub enum RegistryProvider {
        /// With the credentials of a Secret.
        Generic = "generic",
        /// With an AWS identity, to ECR.
        Aws = "aws",
        /// With an Azure identity, to ACR.
        Azure = "azure",
        /// With a Google Cloud identity, to Artifact Registry.
        Gcp = "gcp",
    }
}

choices! {
    /// The tool that signatures are made with.
    #[derive(Default)]
    pub enum VerificationProvider {
        /// Sigstore's cosign, with keys or keyless.
        #[default]
        Cosign = "cosign",
        /// The Notary Project's notation, with certificates.
        Notation = "notation",
    }
}

/// Who may have signed without a key: both expressions must match the certificate.
#[derive(Clone, Debug, Default, Deserialize, Eq, JsonSchema, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OIDCIdentityMatch {
    /// Go regular expression for the issuer in the certificate.
    pub issuer: String,

    /// Go regular expression for the identity in the certificate.
    pub subject: String,
}
