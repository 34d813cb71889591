//! `trigger`: what is sent, to whom, how often, and what is said of it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::support::{Output, Run, flux, reflux};

/// What follows from `my-token`, `my-receiver` and `default`.
const PATH: &str = "/hook/28271ef639bececea029750537fbf5217bb510000adf056dc3b543cbbc4ee4fd";
/// The same without a token.
const BARE: &str = "/hook/83579a735892e34a07366333c25cb279278d29531730c414ea9870a01885f586";

/// One request, as the server saw it.
#[derive(Clone)]
struct Seen {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Seen {
    fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(key, _)| key == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// A server that gives prepared answers, one after the other, and demands that each is fetched.
struct Server {
    address: SocketAddr,
    answers: Arc<Mutex<Vec<String>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Server {
    /// Each answer is what follows `HTTP/1.1 `: a status, headers, an empty line and a body.
    fn start(answers: &[&str]) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Server {
            address: listener.local_addr().unwrap(),
            answers: Arc::new(Mutex::new(
                answers.iter().rev().map(|a| (*a).to_owned()).collect(),
            )),
            seen: Arc::default(),
        };
        let (answers, seen) = (server.answers.clone(), server.seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                seen.lock().unwrap().push(read(&stream));
                let answer = answers.lock().unwrap().pop();
                let answer = answer.unwrap_or("500 Unexpected\n\nno answer is left".to_owned());
                let (head, body) = answer.split_once("\n\n").unwrap_or((&answer, ""));
                let head = head.replace('\n', "\r\n");
                let length = body.len();
                let text = format!(
                    "HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                );
                stream.write_all(text.as_bytes()).unwrap();
            }
        });
        server
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests; there were as many as answers.
    #[track_caller]
    fn requests(&self) -> Vec<Seen> {
        assert!(self.answers.lock().unwrap().is_empty(), "answers are left");
        self.seen.lock().unwrap().clone()
    }

    #[track_caller]
    fn request(&self) -> Seen {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "not one request");
        requests.remove(0)
    }
}

fn read(stream: &TcpStream) -> Seen {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let headers: Vec<(String, String)> = lines[1..]
        .iter()
        .filter_map(|line| line.split_once(": "))
        .map(|(key, value)| (key.to_ascii_lowercase(), value.to_owned()))
        .collect();
    let mut seen = Seen {
        line: lines[0].clone(),
        headers,
        body: String::new(),
    };
    let length = seen
        .header("content-length")
        .map_or(0, |l| l.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    seen.body = String::from_utf8(body).unwrap();
    seen
}

fn trigger(run: Run, url: &str, args: &[&str]) -> Output {
    run.args(["trigger", "receiver", "my-receiver", "-n", "default"])
        .args([format!("--url={url}")])
        .args(args)
        .run()
}

#[test]
fn a_generic_receiver_is_called_at_its_address() {
    let server = Server::start(&["200 OK"]);
    let payload = r#"--payload={"hello":"world"}"#;
    let output = trigger(flux(), &server.url(), &["--token=my-token", payload]);
    assert_eq!(
        output.stderr,
        "► triggering Receiver default/my-receiver\n✔ Receiver default/my-receiver triggered\n"
    );
    assert_eq!((output.code, output.stdout.as_str()), (0, ""));
    let request = server.request();
    assert_eq!(request.line, format!("POST {PATH} HTTP/1.1"));
    assert_eq!(request.header("content-type"), Some("application/json"));
    assert_eq!(request.header("user-agent"), Some("flux/v2.9.4"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("x-signature"), None);
    assert_eq!(request.body, r#"{"hello":"world"}"#);
}

#[test]
fn a_signature_is_made_with_the_token_and_the_base_path_is_kept() {
    let server = Server::start(&["202 Accepted"]);
    let url = format!("http://me:p%40ss@{}/base//", server.address);
    let args = [
        "--type=generic-hmac",
        "--token-file=-",
        r#"--payload={"a":1}"#,
    ];
    trigger(reflux().stdin("my-token\n"), &url, &args).success();
    let request = server.request();
    assert_eq!(request.line, format!("POST /base{PATH} HTTP/1.1"));
    assert_eq!(
        request.header("x-signature"),
        Some("sha256=5f3ab7d832aed6232041303f57d6a987b45522e9d09d6bc412299fa790e8e4fc")
    );
    assert_eq!(request.header("authorization"), Some("Basic bWU6cEBzcw=="));
    let agent = request.header("user-agent").unwrap();
    assert!(agent.starts_with("reflux/v"), "{agent}");
}

#[test]
fn an_oidc_token_comes_from_a_flag_a_file_or_the_environment() {
    const NAME: &str = "FLUX_TRIGGER_RECEIVER_OIDC_TOKEN";
    let of_file = reflux().file("t", "tok\n");
    let of_environment = reflux().env(NAME, "tok");
    for (run, flags) in [
        (reflux(), &["--oidc-token=tok"][..]),
        (of_file, &["--oidc-token-file=t"]),
        (of_environment, &[]),
    ] {
        let server = Server::start(&["200 OK"]);
        let args = [&["--type=generic-oidc"], flags].concat();
        trigger(run, &server.url(), &args).success();
        let request = server.request();
        assert_eq!(request.line, format!("POST {BARE} HTTP/1.1"));
        assert_eq!(request.header("authorization"), Some("Bearer tok"));
        assert_eq!(request.body, "{}");
    }
}

#[test]
fn a_job_asks_its_provider_for_an_oidc_token() {
    let server = Server::start(&["200 OK\n\n{\"value\":\"id-token\"}", "200 OK"]);
    let run = reflux()
        .env(
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            format!("{}/token?api-version=2.0", server.url()),
        )
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token");
    let args = [
        "--type=generic-oidc",
        "--oidc-provider=forgejo",
        "--oidc-audience=mine",
    ];
    trigger(run, &server.url(), &args).success();
    let requests = server.requests();
    assert_eq!(
        requests[0].line,
        "GET /token?api-version=2.0&audience=mine HTTP/1.1"
    );
    assert_eq!(
        requests[0].header("authorization"),
        Some("bearer request-token")
    );
    assert_eq!(requests[1].header("authorization"), Some("Bearer id-token"));
}

#[test]
fn a_provider_that_refuses_ends_it() {
    let server = Server::start(&["403 Forbidden\n\nno request-token for you"]);
    let run = reflux()
        .env("ACTIONS_ID_TOKEN_REQUEST_URL", server.url())
        .env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token");
    let args = ["--type=generic-oidc", "--oidc-provider=github"];
    let error = trigger(run, &server.url(), &args).failure(4);
    assert_eq!(
        error,
        "✗ OIDC token request failed with status 403 Forbidden: no *** for you\n"
    );
    let error = trigger(reflux(), "http://x", &args).failure(2);
    assert!(error.contains("ACTIONS_ID_TOKEN_REQUEST_URL"), "{error}");
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn what_may_pass_is_tried_again() {
    let server = Server::start(&[
        "404 Not Found",
        "503 Service Unavailable\nRetry-After: 1\n\nwait",
        "200 OK",
    ]);
    let args = ["--token=my-token", "--retry-delay=10ms", "--retries=5"];
    let output = trigger(flux(), &server.url(), &args);
    let url = server.url();
    assert_eq!(
        output.stderr,
        format!(
            "► triggering Receiver default/my-receiver\n\
             ◎ request to {url}/hook/28271ef6… failed with status 404 Not Found; retrying in 10ms \
             (1/5)\n\
             ◎ request to {url}/hook/28271ef6… failed with status 503 Service Unavailable: wait; \
             retrying in 1s (2/5)\n\
             ✔ Receiver default/my-receiver triggered\n"
        )
    );
    assert_eq!(output.code, 0);
    assert_eq!(server.requests().len(), 3);
}

#[test]
fn what_does_not_pass_is_told_at_once_and_without_secrets() {
    let server = Server::start(&[&format!(
        "403 Forbidden\n\nmy-token is not welcome at {PATH}\n"
    )]);
    let args = ["--token=my-token", "--retry-delay=10ms"];
    let url = server.url().replace("://", "://me:pass-word@");
    let error = trigger(reflux(), &url, &args).failure(4);
    assert!(
        error.contains("failed with status 403 Forbidden: *** is not welcome at /hook/***\n"),
        "{error}"
    );
    for secret in ["my-token", "pass-word", PATH] {
        assert!(!error.contains(secret), "{secret}: {error}");
    }
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn the_last_failure_fixes_the_exit_code() {
    for (answer, code) in [
        ("404 Not Found", 3),
        ("401 Unauthorized", 4),
        ("503 Service Unavailable", 5),
        ("400 Bad Request", 1),
        ("304 Not Modified", 1),
    ] {
        let retried = answer.starts_with("404") || answer.starts_with("503");
        let server = Server::start(&[answer, answer][..if retried { 2 } else { 1 }]);
        let args = ["--token=t", "--retries=1", "--retry-delay=1ms"];
        trigger(reflux(), &server.url(), &args).failure(code);
        server.requests();
    }
    let server = Server::start(&["404 Not Found"]);
    trigger(flux(), &server.url(), &["--token=t", "--retries=0"]).failure(1);
    server.request();
}

#[test]
fn a_server_that_is_away_or_silent_ends_it_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let started = std::time::Instant::now();
    let error = trigger(reflux(), &url, &["--token=t", "--timeout=1s"]).failure(6);
    assert!(error.contains("timed out after 1s"), "{error}");
    assert!(started.elapsed().as_secs() < 8);
    drop(listener);
    let args = ["--token=t", "--retries=1", "--retry-delay=1ms"];
    let error = trigger(reflux(), &url, &args).failure(5);
    assert!(error.contains("refused"), "{error}");
}

#[test]
fn redirects_are_followed_as_go_does() {
    let server = Server::start(&[
        "308 Permanent Redirect\nLocation: /elsewhere",
        "303 See Other\nLocation: /answer",
        "200 OK",
    ]);
    trigger(reflux(), &server.url(), &["--token=my-token"]).success();
    let requests = server.requests();
    let lines: Vec<&str> = requests.iter().map(|r| r.line.as_str()).collect();
    assert_eq!(lines[1], "POST /elsewhere HTTP/1.1");
    assert_eq!(lines[2], "GET /answer HTTP/1.1");
    assert_eq!((&*requests[1].body, &*requests[2].body), ("{}", ""));
}

#[test]
fn plain_http_goes_through_the_proxy_of_the_environment() {
    let server = Server::start(&["200 OK"]);
    let proxy = server.url().replace("://", "://me:secret@");
    let run = reflux().env("HTTP_PROXY", proxy);
    trigger(run, "http://flux.invalid", &["--token=my-token"]).success();
    let request = server.request();
    assert_eq!(
        request.line,
        format!("POST http://flux.invalid{PATH} HTTP/1.1")
    );
    assert_eq!(request.header("host"), Some("flux.invalid"));
    assert_eq!(
        request.header("proxy-authorization"),
        Some("Basic bWU6c2VjcmV0")
    );
}

#[test]
fn https_goes_through_a_tunnel() {
    let server = Server::start(&["407 Proxy Authentication Required"]);
    let run = reflux().env("HTTPS_PROXY", server.url());
    let args = ["--token=my-token", "--retries=0"];
    trigger(run, "https://flux.invalid", &args).failure(5);
    assert_eq!(server.request().line, "CONNECT flux.invalid:443 HTTP/1.1");
}

#[test]
fn flags_that_do_not_go_together_are_refused() {
    let cases: &[(&[&str], &str)] = &[
        (&["--token=t"], "--url is required"),
        (
            &["--url=http://x"],
            "--token is required for --type=generic",
        ),
        (
            &["--url=http://x", "--token=t", "--oidc-provider=github"],
            "can only be set for --type=generic-oidc",
        ),
        (
            &["--url=http://x", "--token=t", "--type=bogus"],
            "invalid --type \"bogus\"",
        ),
        (
            &["--url=http://x", "--type=generic-oidc", "--token=t"],
            "--token must not be set",
        ),
        (
            &[
                "--url=http://x",
                "--type=generic-oidc",
                "--oidc-provider=github",
                "--oidc-token=t",
            ],
            "mutually exclusive",
        ),
        (
            &[
                "--url=http://x",
                "--type=generic-oidc",
                "--oidc-provider=gitlab",
            ],
            "invalid --oidc-provider \"gitlab\"",
        ),
        (
            &[
                "--url=http://x",
                "--type=generic-oidc",
                "--oidc-token=t",
                "--oidc-audience=a",
            ],
            "--oidc-audience can only be set together with --oidc-provider",
        ),
        (
            &["--url=http://x", "--type=generic-oidc"],
            "no OIDC token provided",
        ),
        (
            &["--url=x.io", "--token=t"],
            "--url is not an address of the web",
        ),
        (
            &["--url=http://x", "--token=t", "--retries=x"],
            "invalid argument \"x\" for \"--retries\" flag: strconv.ParseInt",
        ),
        (
            &["--url=http://x", "--token=t", "-n", "Bad_NS"],
            "namespace must be a valid DNS label: \"Bad_NS\"",
        ),
        (&["--token=t", "second"], "accepts 1 arg(s), received 2"),
    ];
    for (args, want) in cases {
        let all = [&["trigger", "receiver", "name"], *args].concat();
        let error = reflux().args(&all).run().failure(2);
        assert!(error.contains(want), "{args:?}: {error}");
        assert_eq!(flux().args(&all).run().code, 1, "{args:?}");
    }
    let error = reflux().args(["trigger", "receiver"]).run().failure(2);
    assert!(error.contains("accepts 1 arg(s), received 0"), "{error}");
    let help = reflux().args(["trigger"]).run().success();
    assert!(help.contains("receiver"), "{help}");
}
