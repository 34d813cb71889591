//! The Secret with the access key of a bucket.

use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Map;

use super::{Metadata, SecretObject, object, put};

const ACCESS_KEY: &str = "accesskey";
const SECRET_KEY: &str = "secretkey";

/// The Secret that lets source-controller read a bucket of a store that speaks S3.
pub fn bucket(metadata: &Metadata, access_key: &str, secret_key: &SecretString) -> SecretObject {
    let mut data = Map::new();
    put(&mut data, ACCESS_KEY, access_key);
    put(&mut data, SECRET_KEY, secret_key.expose_secret());
    object(metadata, None, data)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::tests::metadata;
    use super::*;

    #[test]
    fn a_key_and_its_secret() {
        let secret = bucket(&metadata(), "me", &"hidden".into());
        assert_eq!(
            secret.expose()["stringData"],
            json!({"accesskey": "me", "secretkey": "hidden"})
        );
        assert!(!format!("{secret:?}").contains("hidden"));
    }
}
