//! Who authenticates to a bucket or a registry, and what checks signatures.

use std::fmt;
use std::str::FromStr;

use super::provider::word;

word!(
    /// What kind of object store a bucket is in.
    BucketProvider,
    ["generic", "aws", "azure", "gcp"],
    |_: &[&str]| "no source bucket provider given, please specify the S3 compatible storage \
                  provider name"
        .to_owned(),
    |text: &str, words: &[&str]| format!(
        "source bucket provider '{text}' is not supported, must be one of: {}",
        words.join(", ")
    )
);

word!(
    /// Who authenticates to a container registry.
    RegistryProvider,
    ["generic", "aws", "azure", "gcp"],
    |_: &[&str]| "no source OCI provider given, please specify the OCI provider name".to_owned(),
    |text: &str, words: &[&str]| format!(
        "source OCI provider '{text}' is not supported, must be one of: {}",
        words.join(", ")
    )
);

word!(
    /// What checks the signature of an artifact.
    VerifyProvider,
    ["cosign"],
    |words: &[&str]| format!(
        "no source OCI verify provider given, please specify the OCI verify provider name to use \
         for signature verification, available options are: ({})",
        words.join(", ")
    ),
    |text: &str, words: &[&str]| format!(
        "source OCI verify provider '{text}' is not supported, must be one of: {}",
        words.join(", ")
    )
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_words_are_accepted() {
        assert_eq!(
            "gcp".parse::<BucketProvider>().map(|p| p.as_str()),
            Ok("gcp")
        );
        assert_eq!(
            "notation".parse::<VerifyProvider>(),
            Err(
                "source OCI verify provider 'notation' is not supported, must be one of: cosign"
                    .to_owned()
            )
        );
        assert_eq!(
            " ".parse::<RegistryProvider>(),
            Err("no source OCI provider given, please specify the OCI provider name".to_owned())
        );
    }
}
