//! The rules that the objects of an installation follow, checked for every component and option.

use serde_json::{Value, json};

use super::*;
use crate::manifests::components::{self, COMPONENTS};

fn with(components: &[&str]) -> Options {
    Options {
        components: components.iter().map(|name| (*name).to_owned()).collect(),
        ..Options::default()
    }
}

fn everything() -> Options {
    Options {
        components_extra: components::extra_names(),
        ..Options::default()
    }
}

fn names(objects: &[Value]) -> Vec<String> {
    let name = |object: &Value| {
        let kind = object["kind"].as_str().unwrap();
        format!("{kind}/{}", object["metadata"]["name"].as_str().unwrap())
    };
    objects.iter().map(name).collect()
}

fn deployment<'a>(objects: &'a [Value], name: &str) -> &'a Value {
    let found = objects
        .iter()
        .find(|object| object["kind"] == "Deployment" && object["metadata"]["name"] == name);
    found.unwrap()
}

fn container<'a>(objects: &'a [Value], name: &str) -> &'a Value {
    &deployment(objects, name)["spec"]["template"]["spec"]["containers"][0]
}

fn arguments(options: &Options, name: &str) -> Vec<String> {
    let objects = objects(options).unwrap();
    let arguments = container(&objects, name)["args"]
        .as_array()
        .unwrap()
        .clone();
    arguments
        .iter()
        .map(|a| a.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn without_components_only_the_frame_is_left() {
    let objects = objects(&with(&[])).unwrap();
    assert_eq!(
        names(&objects),
        [
            "Namespace/flux-system",
            "NetworkPolicy/allow-egress",
            "NetworkPolicy/allow-scraping",
            "NetworkPolicy/allow-webhooks",
            "ResourceQuota/critical-pods-flux-system",
            "ClusterRole/crd-controller-flux-system",
            "ClusterRole/flux-edit-flux-system",
            "ClusterRole/flux-view-flux-system",
            "ClusterRoleBinding/cluster-reconciler-flux-system",
            "ClusterRoleBinding/crd-controller-flux-system",
        ]
    );
}

#[test]
fn each_component_follows_its_kinds() {
    for component in COMPONENTS {
        let objects = objects(&with(&[component.name])).unwrap();
        let names = names(&objects[10..]);
        let definitions = names
            .iter()
            .take_while(|n| n.starts_with("CustomResourceDefinition/"));
        let mut expected: Vec<String> = definitions.cloned().collect();
        expected.push(format!("ServiceAccount/{}", component.name));
        let services = component.services.iter();
        expected.extend(services.map(|service| format!("Service/{}", service.name)));
        expected.push(format!("Deployment/{}", component.name));
        assert_eq!(names, expected);
        for object in &objects[10..] {
            assert_eq!(object["metadata"]["labels"][COMPONENT], component.name);
        }
    }
}

#[test]
fn components_come_in_the_order_given() {
    let order = [
        "source-watcher",
        "notification-controller",
        "source-controller",
    ];
    let objects = objects(&with(&order)).unwrap();
    let deployments = objects
        .iter()
        .filter(|object| object["kind"] == "Deployment");
    assert!(
        deployments
            .map(|d| d["metadata"]["name"].as_str().unwrap())
            .eq(order)
    );
}

#[test]
fn every_object_carries_the_labels_of_the_installation() {
    let options = Options {
        namespace: "gitops".to_owned(),
        ..everything()
    };
    for object in objects(&options).unwrap() {
        let metadata = &object["metadata"];
        assert_eq!(metadata["labels"][PART_OF], PART_OF_FLUX);
        assert_eq!(metadata["labels"][INSTANCE], "gitops");
        assert_eq!(metadata["labels"][VERSION], "v2.9.4");
        let kind = object["kind"].as_str().unwrap();
        let cluster_wide = kind.starts_with("Cluster")
            || ["Namespace", "CustomResourceDefinition"].contains(&kind);
        let namespace = if cluster_wide {
            Value::Null
        } else {
            "gitops".into()
        };
        assert_eq!(metadata["namespace"], namespace, "{kind}");
    }
}

#[test]
fn another_namespace_is_everywhere() {
    let options = Options {
        namespace: "gitops".to_owned(),
        ..everything()
    };
    let mut objects = objects(&options).unwrap();
    objects.retain(|object| object["kind"] != "CustomResourceDefinition");
    assert!(!json!(objects).to_string().contains("flux-system"));
}

#[test]
fn events_go_to_the_notification_controller_where_there_is_one() {
    for component in COMPONENTS.iter().filter(|row| row.sends_events) {
        let alone = arguments(&with(&[component.name]), component.name);
        assert_eq!(alone[0], "--events-addr=");
        let options = Options {
            cluster_domain: "k8s.local".to_owned(),
            ..with(&[component.name, "notification-controller"])
        };
        let joined = arguments(&options, component.name);
        assert_eq!(
            joined[0],
            "--events-addr=http://notification-controller.$(RUNTIME_NAMESPACE).svc.k8s.local./"
        );
    }
    let own = arguments(&Options::default(), "notification-controller");
    assert_eq!(own[0], "--watch-all-namespaces=true");
}

#[test]
fn scope_and_log_level_reach_every_controller() {
    for level in ["debug", "info", "error"] {
        for watch in [true, false] {
            let options = Options {
                log_level: level.to_owned(),
                watch_all_namespaces: watch,
                ..everything()
            };
            for component in COMPONENTS {
                let arguments = arguments(&options, component.name);
                let at = usize::from(component.sends_events);
                assert_eq!(arguments[at], format!("--watch-all-namespaces={watch}"));
                assert_eq!(arguments[at + 1], format!("--log-level={level}"));
            }
        }
    }
}

#[test]
fn storage_is_advertised_under_the_cluster_domain() {
    let options = Options {
        cluster_domain: "a.b".to_owned(),
        ..everything()
    };
    for component in COMPONENTS {
        let arguments = arguments(&options, component.name);
        let address = format!(
            "--storage-adv-addr={}.$(RUNTIME_NAMESPACE).svc.a.b.",
            component.name
        );
        assert_eq!(
            arguments.get(6) == Some(&address),
            component.stores_artifacts
        );
    }
}

#[test]
fn the_source_watcher_opens_the_gate_for_external_artifacts() {
    const GATE: &str = "--feature-gates=ExternalArtifact=true";
    for options in [Options::default(), everything()] {
        let watched = options.installs("source-watcher");
        for component in options.validate().unwrap() {
            let gated = arguments(&options, component.name).last().unwrap() == GATE;
            assert_eq!(gated, watched && component.consumes_external_artifacts);
        }
    }
}

#[test]
fn pods_get_pull_secret_and_tolerations() {
    let options = Options {
        image_pull_secret: Some("regcred".to_owned()),
        toleration_keys: vec!["a".to_owned(), "b/c".to_owned()],
        registry: "r.example.com:5000/x".to_owned(),
        ..everything()
    };
    let objects = objects(&options).unwrap();
    for component in COMPONENTS {
        let pod = &deployment(&objects, component.name)["spec"]["template"]["spec"];
        assert_eq!(pod["imagePullSecrets"], json!([{ "name": "regcred" }]));
        assert_eq!(
            pod["tolerations"],
            json!([
                { "key": "a", "operator": "Exists" },
                { "key": "b/c", "operator": "Exists" },
            ])
        );
        assert_eq!(
            container(&objects, component.name)["image"],
            format!(
                "r.example.com:5000/x/{}:{}",
                component.name, component.version
            )
        );
    }
}

#[test]
fn pods_get_nothing_that_is_not_asked_for() {
    let options = Options {
        image_pull_secret: Some(String::new()),
        ..everything()
    };
    let objects = objects(&options).unwrap();
    for component in COMPONENTS {
        let pod = &deployment(&objects, component.name)["spec"]["template"]["spec"];
        assert_eq!(pod["imagePullSecrets"], Value::Null);
        assert_eq!(pod["tolerations"], Value::Null);
    }
}

#[test]
fn without_network_policy_there_is_none() {
    let options = Options {
        network_policy: false,
        ..everything()
    };
    let objects = objects(&options).unwrap();
    assert!(
        objects
            .iter()
            .all(|object| object["kind"] != "NetworkPolicy")
    );
    assert_eq!(objects[0]["kind"], "Namespace");
}

#[test]
fn every_volume_is_mounted_and_every_port_probed_exists() {
    let objects = objects(&everything()).unwrap();
    for component in COMPONENTS {
        let container = container(&objects, component.name);
        let ports: Vec<&str> = container["ports"]
            .as_array()
            .unwrap()
            .iter()
            .map(|port| port["name"].as_str().unwrap())
            .collect();
        for probe in ["livenessProbe", "readinessProbe"] {
            let port = container[probe]["httpGet"]["port"].as_str().unwrap();
            assert!(ports.contains(&port), "{}: {probe}", component.name);
        }
        for service in component.services {
            assert!(ports.contains(&service.target_port), "{}", service.name);
        }
        let pod = &deployment(&objects, component.name)["spec"]["template"]["spec"];
        let volumes = pod["volumes"].as_array().unwrap();
        let mounts = container["volumeMounts"].as_array().unwrap();
        assert!(
            volumes
                .iter()
                .map(|v| &v["name"])
                .eq(mounts.iter().map(|m| &m["name"])),
            "{}",
            component.name
        );
    }
}

#[test]
fn the_text_is_the_header_and_one_document_per_object() {
    let options = with(&["source-watcher"]);
    let text = to_yaml(&options).unwrap();
    assert!(text.starts_with(&options.header()));
    assert!(text[options.header().len()..].starts_with("apiVersion: v1\nkind: Namespace\n"));
    let documents = text.matches("---\n").count();
    assert_eq!(documents, objects(&options).unwrap().len());
    assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
}
