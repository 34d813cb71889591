//! A proxy and a private authority at once.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reflux::bootstrap::provider::github::{Access, Client};

use super::stage::{Stage, USER};
use crate::support::cluster::block_on;

/// Tunnels one connection after another, and notes the heads of the requests for tunnels.
fn start(seen: Arc<Mutex<Vec<String>>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            tunnel(client.unwrap(), &seen);
        }
    });
    port
}

fn tunnel(mut client: TcpStream, seen: &Mutex<Vec<String>>) {
    let mut head = String::new();
    let mut reader = BufReader::new(client.try_clone().unwrap());
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).unwrap() == 0 {
            return;
        }
    }
    let target = head.split(' ').nth(1).unwrap().to_owned();
    seen.lock().unwrap().push(head);
    let mut server = TcpStream::connect(target).unwrap();
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::thread::spawn(move || std::io::copy(&mut server, &mut client));
}

#[test]
fn github_is_reached_through_a_proxy_with_an_authority_of_the_users_own() {
    let stage = Stage::new();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let port = start(Arc::clone(&seen));
    let proxy = format!("http://me:p%40ss@127.0.0.1:{port}")
        .parse()
        .unwrap();
    let identity = block_on(async {
        let client = Client::new(&Access {
            host: stage.github.host(),
            token: &stage.token,
            ca: Some(stage.github.ca_pem()),
            proxy: Some(&proxy),
            deadline: Instant::now() + Duration::from_secs(30),
        })
        .unwrap();
        client.identity().await.unwrap()
    });
    assert!(identity.is(USER));
    let seen = seen.lock().unwrap().join("");
    assert!(
        seen.starts_with(&format!("CONNECT {} ", stage.github.host())),
        "{seen}"
    );
    // The name and the password of the proxy's address, decoded.
    let header = "proxy-authorization: Basic bWU6cEBzcw==";
    assert!(
        seen.to_lowercase().contains(&header.to_lowercase()),
        "{seen}"
    );
    assert!(!seen.contains("Bearer"));
}
