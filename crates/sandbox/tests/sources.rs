//! The servers that Flux fetches from take what they are given and give it back.

use http::{Method, StatusCode};
use sandbox::sources::{Artifact, Chart, ObjectStore, Registry, Web, call};
use sandbox::tools::Toolbox;

#[tokio::test]
async fn a_registry_gives_out_what_was_pushed() {
    let registry = Registry::start(&Toolbox::from_env().unwrap())
        .await
        .unwrap();
    let chart = Chart::new("web", "1.0.0");
    let artifact = Artifact::chart(&chart).unwrap();
    let digest = registry
        .push("charts/web", "1.0.0", &artifact)
        .await
        .unwrap();
    let base = format!("http://{}/v2/charts/web", registry.host());
    for reference in ["1.0.0", &digest] {
        let url = format!("{base}/manifests/{reference}");
        let answer = call(Method::GET, &url, &[], Vec::new()).await.unwrap();
        let manifest: serde_json::Value =
            serde_json::from_slice(&answer.success().unwrap().body).unwrap();
        let layer = manifest["layers"][0]["digest"].as_str().unwrap();
        let url = format!("{base}/blobs/{layer}");
        let answer = call(Method::GET, &url, &[], Vec::new()).await.unwrap();
        assert_eq!(answer.body, chart.archive().unwrap());
    }
}

#[tokio::test]
async fn a_bucket_gives_out_what_was_put_there() {
    let store = ObjectStore::start(&Toolbox::from_env().unwrap())
        .await
        .unwrap();
    store.put("deep/file.yaml", "one").await.unwrap();
    assert_eq!(store.get("deep/file.yaml").await.unwrap(), "one");
    let error = store.get("absent").await.unwrap_err();
    assert!(error.to_string().contains("404"), "{error}");
}

#[tokio::test]
async fn a_web_server_gives_out_files_and_keeps_posts() {
    let web = Web::start().unwrap();
    web.put("/index.yaml", "text");
    let get = async |path: &str| {
        let url = format!("{}{path}", web.url());
        call(Method::GET, &url, &[], Vec::new()).await.unwrap()
    };
    assert_eq!(get("/index.yaml").await.body, b"text");
    assert_eq!(get("/absent").await.status, StatusCode::NOT_FOUND);
    let url = format!("{}/alerts", web.url());
    let sent = call(Method::POST, &url, &[], b"news".to_vec()).await;
    assert_eq!(sent.unwrap().status, StatusCode::OK);
    let received = web.received();
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].path, "/alerts");
    assert_eq!(received[0].body, b"news");
}
