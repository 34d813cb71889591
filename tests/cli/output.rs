//! `-o`: what is answered has the documented shape, and kubectl's templates make of it what kubectl
//! would.

use jiff::Timestamp;
use reflux::cmd::output;
use reflux::error::{Error, Kind};
use reflux::kinds::{GIT_REPOSITORY, KUSTOMIZATION};
use reflux::output::journal::{Entry, Phase, Summary};
use serde_json::Value;

use crate::check::controller;
use crate::docs::read;
use crate::support::cluster::{namespace, ready, status};
use crate::support::{flux, reflux};

/// Demands that a document is as the schema of that name says.
#[track_caller]
pub(crate) fn conforms(name: &str, document: &Value) {
    let schema = read(format!("docs/output/{name}.schema.json"));
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{name}: {}\n{document:#}",
        errors.join("\n")
    );
}

/// The cells of a table, trimmed.
fn rows(table: &str) -> Vec<Vec<&str>> {
    let cells = |line| str::split(line, '\t').map(str::trim).collect();
    table.lines().map(cells).collect()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn schemas_are_current() {
    let mut wanted = Vec::new();
    for (name, schema) in output::schemas() {
        let file = format!("{name}.schema.json");
        let text = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        assert!(
            read(format!("docs/output/{file}")) == text,
            "docs/output/{file} is not current: run `cargo xtask docs`"
        );
        jsonschema::draft202012::meta::validate(schema.as_value()).unwrap();
        wanted.push(file);
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/output");
    let files = fs_err::read_dir(folder).unwrap();
    let names = files.map(|f| f.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<String> = names.filter(|n| n.ends_with(".schema.json")).collect();
    there.sort();
    assert_eq!(there, wanted);
}

#[test]
fn schemas_refuse_other_shapes() {
    let schema = json(&read("docs/output/check.schema.json"));
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    for text in [
        r#"{"checks": []}"#,
        r#"{"passed": true, "checks": [{"check": "weather", "status": "passed", "message": ""}]}"#,
    ] {
        assert!(!validator.is_valid(&json(text)), "{text}");
    }
}

#[test]
fn objects_conform() {
    let ns = namespace();
    let list = |args: &[&str]| {
        let document = json(
            &ns.reflux(&[&["get"], args, &["-o", "json"]].concat())
                .success(),
        );
        conforms("get", &document);
        document
    };
    assert_eq!(list(&["ks"])["items"].as_array().unwrap().len(), 0);
    ns.sample(&KUSTOMIZATION, "apps", ready());
    ns.sample(
        &KUSTOMIZATION,
        "infra",
        status("False", "BuildFailed", "no"),
    );
    ns.sample(&GIT_REPOSITORY, "fleet", Value::Null);
    assert_eq!(list(&["ks"])["items"].as_array().unwrap().len(), 2);
    assert_eq!(list(&["ks", "apps"])["kind"], "Kustomization");
    assert_eq!(list(&["sources", "git"])["kind"], "List");
}

// What kubectl prints of the same objects, byte for byte.
#[test]
fn objects_in_kubectls_formats() {
    let ns = namespace();
    ns.sample(
        &KUSTOMIZATION,
        "infra",
        status("False", "BuildFailed", "one\ntwo"),
    );
    ns.sample(&KUSTOMIZATION, "apps", ready());
    ns.sample(&KUSTOMIZATION, "new", Value::Null);
    let get = |args: &[&str]| ns.reflux(&[&["get", "ks"], args].concat()).success();
    assert_eq!(
        get(&[
            "-o",
            "custom-columns=NAME:.metadata.name,WHY:.status.conditions[*].message,PRUNE:spec.prune"
        ]),
        "NAME    WHY           PRUNE\napps    all is well   true\ninfra   one\ntwo     true\nnew     <none>        true\n"
    );
    assert_eq!(
        get(&[
            "--no-header",
            "-o",
            "custom-columns=NAME:.metadata.name,KIND:.kind",
            "apps"
        ]),
        "apps   Kustomization\n"
    );
    assert_eq!(
        get(&[
            "-o",
            "jsonpath={range .items[?(@.status.conditions)]}{.metadata.name}: {.status.conditions[0].status}{\"\\n\"}{end}"
        ]),
        "apps: True\ninfra: False\n"
    );
    assert_eq!(
        get(&["apps", "-o", "jsonpath={.metadata.name} {.spec.sourceRef}"]),
        "apps {\"kind\":\"GitRepository\",\"name\":\"sample\"}"
    );
    let names = |path: &str| {
        let lines = get(&["-o", "name", "--sort-by", path]);
        lines.replace("kustomization.kustomize.toolkit.fluxcd.io/", "")
    };
    assert_eq!(names(".status.conditions[0].status"), "new\ninfra\napps\n");
    assert_eq!(names("{.metadata.name}"), "apps\ninfra\nnew\n");
}

#[test]
fn what_cannot_be_sorted_or_chosen_is_refused() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let error = ns.reflux(&["get", "ks", "--sort-by=.spec.nope"]).failure(1);
    assert!(
        error.contains("cannot sort by \".spec.nope\": no object has it"),
        "{error}"
    );
    let error = ns.reflux(&["get", "ks", "--sort-by=.spec"]).failure(1);
    assert!(error.contains("it is an object"), "{error}");
    let error = ns.reflux(&["get", "ks", "--sort-by={.spec"]).failure(2);
    assert!(error.contains("is not a path"), "{error}");
    let error = ns.reflux(&["get", "ks", "--columns=name,nope"]).failure(2);
    assert!(
        error.contains("there is no column \"nope\"; there are: "),
        "{error}"
    );
    let table = ns.reflux(&["get", "ks", "--columns=Ready,name"]).success();
    assert_eq!(table, "READY\tNAME \nTrue \tapps\t\n");
}

#[test]
fn progress_conforms() {
    let ns = namespace();
    ns.sample(&KUSTOMIZATION, "apps", ready());
    let run = ns.reflux(&["suspend", "ks", "apps", "missing", "-o", "jsonl"]);
    let lines: Vec<Value> = run.stdout.lines().map(json).collect();
    for line in &lines {
        conforms("jsonl", line);
    }
    assert_eq!(lines[0]["object"]["namespace"], ns.name);
    let summary = &lines.last().unwrap()["summary"];
    assert_eq!(
        (&summary["done"], &summary["failed"]),
        (&Value::from(1), &Value::from(1))
    );
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert_eq!(run.stderr, "");
}

#[test]
fn a_check_conforms_in_every_format() {
    let ns = namespace();
    controller(
        &ns,
        "source-controller",
        "example.com/source-controller:v1.0.0",
        1,
    );
    controller(
        &ns,
        "helm-controller",
        "example.com/helm-controller:v1.6.3",
        0,
    );
    let check = |format: &str| {
        let run = ns.reflux(&["check", "--quiet", "-o", format]);
        assert_eq!(run.code, 7, "{}", run.stderr);
        run.stdout
    };
    let document = json(&check("json"));
    conforms("check", &document);
    assert!(check("json").starts_with("{\n  \"passed\": false,\n"));
    let yaml: Value = serde_yaml::from_str(&check("yaml")).unwrap();
    let controllers = |document: &Value| {
        let checks = document["checks"].as_array().unwrap().clone();
        let of_controllers = checks.into_iter().filter(|c| c["check"] == "controllers");
        of_controllers.collect::<Vec<_>>()
    };
    assert_eq!(controllers(&yaml), controllers(&document));
    assert_eq!(check("jsonpath={.passed}"), "false");
    assert_eq!(
        check(
            "jsonpath={range .checks[?(@.check==\"controllers\")]}{.subject} {.status}{\"\\n\"}{end}"
        ),
        "helm-controller failed\nsource-controller passed\nsource-controller warning\n"
    );
    let columns = check("custom-columns=CHECK:.check,SUBJECT:.subject,STATUS:.status");
    assert!(columns.starts_with("CHECK         SUBJECT "), "{columns}");
    assert!(
        columns.contains("\ncontrollers   helm-controller "),
        "{columns}"
    );
    let table = check("wide");
    assert!(table.starts_with("CHECK      \tSUBJECT"), "{table}");
    let scaled = "helm-controller: deployment scaled to zero";
    let row = ["controllers", "helm-controller", "failed", scaled, ""];
    assert!(rows(&table).iter().any(|found| *found == row), "{table}");
}

#[test]
fn versions_conform_in_every_format() {
    let ns = namespace();
    let run = ns.reflux(&["version", "-o", "json"]);
    conforms("version", &json(&run.stdout));
    run.failure(3);
    controller(
        &ns,
        "source-controller",
        "example.com/source-controller:v1.0.0",
        1,
    );
    controller(
        &ns,
        "helm-controller",
        "example.com/helm-controller:1.10",
        1,
    );
    let version = |format: &str| ns.reflux(&["version", "-o", format]).success();
    let document = json(&version("json"));
    conforms("version", &document);
    assert_eq!(document["helm-controller"], "1.10");
    // A version that reads as a number is quoted; the program comes first.
    // Whether the definitions of the shared server have labels is up to other tests.
    assert_eq!(
        version("yaml").replace("distribution: flux-v2.9.4\n", ""),
        "reflux: v0.1.0\nflux: v2.9.4\nhelm-controller: \"1.10\"\n\
         source-controller: v1.0.0\n"
    );
    assert_eq!(
        version("jsonpath={.flux} {.source-controller}"),
        "v2.9.4 v1.0.0"
    );
    assert_eq!(
        version("custom-columns=FLUX:.flux,HELM:.helm-controller,KUSTOMIZE:.kustomize-controller"),
        "FLUX     HELM   KUSTOMIZE\nv2.9.4   1.10   <none>\n"
    );
    let table = version("wide");
    let row = [
        "source-controller",
        "v1.0.0",
        "example.com/source-controller:v1.0.0",
        "",
    ];
    assert!(rows(&table).iter().any(|found| *found == row), "{table}");
    let as_flux = flux().args(["version", "--client", "-o", "json"]).run();
    assert_eq!(as_flux.success(), "{\n  \"flux\": \"v2.9.4\"\n}\n");
}

#[test]
fn formats_can_be_in_files() {
    let run = |format: &str| {
        reflux()
            .file("template", "{.flux}{\"\\n\"}")
            .file("columns", "FLUX  PROGRAM\n.flux {.reflux}\n")
            .args(["version", "--client", "-o", format])
            .run()
    };
    assert_eq!(run("jsonpath-file=template").success(), "v2.9.4\n");
    assert_eq!(
        run("custom-columns-file=columns").success(),
        "FLUX     PROGRAM\nv2.9.4   v0.1.0\n"
    );
    let error = run("jsonpath-file=nowhere").failure(3);
    assert!(error.contains("nowhere"), "{error}");
    let error = run("custom-columns-file=template").failure(2);
    assert!(
        error.contains("template: it must have a line of headers"),
        "{error}"
    );
}

#[test]
fn wrong_formats_are_usage_errors() {
    let refusal = |format: &str| {
        let run = reflux().args(["version", "--client", "-o", format]).run();
        assert_eq!(run.stdout, "");
        run.failure(2)
    };
    for format in ["name", "jsonl", "xml", ""] {
        let error = refusal(format);
        assert!(
            error.contains("must be yaml, json, wide, jsonpath=TEMPLATE or custom-columns=SPEC"),
            "{error}"
        );
    }
    assert!(refusal("jsonpath={.flux").contains("unclosed action"));
    assert!(refusal("jsonpath={flux}").contains("a field is written .flux"));
    assert!(refusal("custom-columns=X").contains("is not a column"));
    // As flux, every failure exits with 1.
    let flux = flux().args(["version", "--client", "-o", "xml"]).run();
    flux.failure(1);
}

#[test]
fn lines_of_the_journal_conform() {
    let time = Timestamp::UNIX_EPOCH;
    let ns = namespace();
    let object = ns.sample(&KUSTOMIZATION, "apps", ready());
    let summary = Summary {
        done: 1,
        failed: 1,
        timed_out: 0,
    };
    for entry in [
        Entry::new(time, Phase::Note, ""),
        Entry::new(time, Phase::Waiting, "waiting")
            .about(&object)
            .because("Progressing"),
        Entry::of_error(time, &Error::new(Kind::TimedOut, "no answer")),
        Entry::of_summary(time, summary),
    ] {
        let line = entry.to_line().unwrap();
        assert_eq!(line.lines().count(), 1);
        conforms("jsonl", &json(&line));
    }
}
