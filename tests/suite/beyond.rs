//! `monster serve` at addresses that other machines reach: TLS with the user's certificate, keys, and the token that is not
//! taken where somebody on the way could read it.

use std::io::{BufReader, Write as _};
use std::net::{IpAddr, TcpStream, UdpSocket};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::json;
use tokio_rustls::TlsConnector;

use crate::caller::{Came, House, read, send};
use crate::certificate::{self, Made};
use crate::sandbox::Sandbox;
use crate::serve::{MODEL, asked, said, world};
use crate::upstream::Answer;

/// An address of this machine that is not loopback; `None` where it has none. Nothing is sent.
fn outer() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|at| at.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified())
}

fn pem(kind: &str, der: &[u8]) -> String {
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", STANDARD.encode(der))
}

/// Writes a certificate and its key, and names them in the settings.
fn certified(sandbox: &Sandbox, made: &Made) {
    let (chain, key) = (sandbox.home().join("chain.pem"), sandbox.home().join("key.pem"));
    std::fs::write(&chain, pem("CERTIFICATE", &made.certificate)).unwrap();
    std::fs::write(&key, pem("PRIVATE KEY", &made.key)).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    sandbox.config(&format!("[serve]\ncertificate = \"{}\"\nkey = \"{}\"\n", chain.display(), key.display()));
}

/// A client that trusts this authority alone and speaks this.
fn client(made: &Made, alpn: &str) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(made.authority.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let mut config = config.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
    Arc::new(config)
}

/// The door that is open to others, as its callers reach it.
fn door(house: &House) -> String {
    let listen = house.look("GET", "/monster/v1/status").json()["listen"].clone();
    let all: Vec<&str> = listen.as_array().unwrap().iter().map(|address| address.as_str().unwrap()).collect();
    let port = all.iter().find_map(|address| address.strip_prefix("0.0.0.0:")).unwrap();
    format!("{}:{port}", outer().map_or_else(|| "127.0.0.1".to_owned(), |ip| ip.to_string()))
}

/// One request over TLS and HTTP/1.1.
fn first(door: &str, made: &Made, method: &str, path: &str, bearer: &str, body: &str) -> Came {
    let session = ClientConnection::new(client(made, "http/1.1"), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(door).unwrap());
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {door}\r\nconnection: close\r\nauthorization: Bearer {bearer}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all((head + body).as_bytes()).unwrap();
    stream.flush().unwrap();
    let came = read(&mut BufReader::new(&mut stream)).unwrap();
    assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
    came
}

/// One request over TLS and HTTP/2.
fn second(door: &str, made: &Made, path: &str, bearer: &str, body: &str) -> (u16, Vec<u8>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let stream = tokio::net::TcpStream::connect(door).await.unwrap();
        let tls = TlsConnector::from(client(made, "h2"));
        let stream = tls.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
        let (mut send, connection) = h2::client::handshake(stream).await.unwrap();
        tokio::spawn(connection);
        let request = http::Request::post(format!("https://{door}{path}"))
            .header("authorization", format!("Bearer {bearer}"))
            .body(())
            .unwrap();
        let (answer, mut stream) = send.send_request(request, false).unwrap();
        stream.send_data(bytes::Bytes::copy_from_slice(body.as_bytes()), true).unwrap();
        let (head, mut body) = answer.await.unwrap().into_parts();
        let mut all = Vec::new();
        while let Some(piece) = body.data().await {
            let piece = piece.unwrap();
            body.flow_control().release_capacity(piece.len()).unwrap();
            all.extend_from_slice(&piece);
        }
        (head.status.as_u16(), all)
    })
}

fn line(sandbox: &Sandbox, args: &[&str]) -> String {
    sandbox.monster(args).done().ok().raw.trim().to_owned()
}

#[test]
fn who_trusts_the_certificate_and_has_a_key_is_answered_over_both_versions_of_http() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    let made = certificate::made(&["localhost"]);
    certified(&sandbox, &made);
    let key = line(&sandbox, &["serve", "key", "add", "editor"]);
    let house = House::open(&sandbox, &["--listen", "0.0.0.0:0"]);
    let door = door(&house);
    let (path, body) = asked("anthropic", MODEL, false);
    let came = first(&door, &made, "POST", &path, &key, &body).ok();
    assert_eq!(said("anthropic", &came.json()), "Come in.");
    let (status, came) = second(&door, &made, &path, &key, &body);
    assert_eq!((status, said("anthropic", &serde_json::from_slice(&came).unwrap())), (200, "Come in.".to_owned()));
    // No key, another key: TLS alone opens nothing.
    assert_eq!(first(&door, &made, "POST", &path, "mk_other", &body).status, 401);
    assert_eq!(second(&door, &made, &path, "mk_other", &body).0, 401);
    // What is said there is encrypted, so the owner may look into his house from elsewhere; a caller's key does not open it.
    let token = line(&sandbox, &["serve", "token"]);
    let status = first(&door, &made, "GET", "/monster/v1/status", &token, "").ok().json();
    assert_eq!(status["schema"], "monster.serve.house/1");
    assert_eq!(first(&door, &made, "GET", "/monster/v1/status", &key, "").status, 403);
    // One who does not trust it, and one who speaks no TLS, get nothing.
    let stranger = certificate::made(&["localhost"]);
    let session = ClientConnection::new(client(&stranger, "h2"), ServerName::try_from("localhost").unwrap()).unwrap();
    let mut stream = StreamOwned::new(session, TcpStream::connect(&door).unwrap());
    assert!(stream.write_all(b"PRI").and_then(|()| stream.flush()).is_err());
    let mut plain = TcpStream::connect(&door).unwrap();
    plain.write_all(format!("GET /healthz HTTP/1.1\r\nhost: {door}\r\n\r\n").as_bytes()).unwrap();
    assert!(read(&mut BufReader::new(plain)).is_none_or(|came| came.status != 200));
    assert_eq!(upstream.calls().len(), 2);
    let done = house.close(&sandbox);
    assert!(done.ok().raw.contains("listening on https://0.0.0.0:"), "{}", done.all());
}

#[test]
fn a_renewed_certificate_is_shown_to_new_callers_and_what_waits_for_a_start_is_told() {
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    let old = certificate::made(&["localhost"]);
    certified(&sandbox, &old);
    let key = line(&sandbox, &["serve", "key", "add", "editor"]);
    let house = House::open(&sandbox, &["--listen", "0.0.0.0:0"]);
    let door = door(&house);
    let (path, body) = asked("chat", MODEL, false);
    first(&door, &old, "POST", &path, &key, &body).ok();
    let log = || std::fs::read_to_string(sandbox.state_dir().join("serve.log")).unwrap_or_default();
    let reloads = || log().matches("\"reloaded\"").count();
    let wait = |what: &dyn Fn() -> bool| {
        let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !what() {
            assert!(std::time::Instant::now() < until, "{}", log());
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
    };
    // Nobody is asked: the files are looked at.
    let new = certificate::made(&["localhost"]);
    certified(&sandbox, &new);
    wait(&|| reloads() > 0);
    let session = |made: &Made| {
        let name = ServerName::try_from("localhost").unwrap();
        let session = ClientConnection::new(client(made, "http/1.1"), name).unwrap();
        let mut stream = StreamOwned::new(session, TcpStream::connect(&door).unwrap());
        stream.write_all(b"GET /healthz HTTP/1.1\r\n").and_then(|()| stream.flush())
    };
    wait(&|| session(&new).is_ok());
    assert!(session(&old).is_err(), "the old one is not shown any more");
    first(&door, &new, "POST", &path, &key, &body).ok();
    // One that cannot be read changes nothing, and neither does what only a start can change, but both are told.
    std::fs::write(sandbox.home().join("chain.pem"), "nothing of the kind").unwrap();
    house.running.signal("HUP");
    wait(&|| log().contains("there is no certificate in the file"));
    first(&door, &new, "POST", &path, &key, &body).ok();
    certified(&sandbox, &new);
    let settings = std::fs::read_to_string(sandbox.config_dir().join("config.toml")).unwrap();
    sandbox.config(&format!("{settings}connections = 7\n"));
    wait(&|| log().contains("serve.connections has changed, and counts from the next start on"));
    house.close(&sandbox).ok();
}

#[test]
fn in_the_clear_a_key_asks_models_and_the_token_opens_nothing_from_elsewhere() {
    let Some(_) = outer() else { return eprintln!("skipped: this machine has no address but its own") };
    let (upstream, sandbox) = world();
    upstream.always(|_| Answer::text("Come in."));
    let refused = sandbox.monster(&["serve", "--plain", "--listen", "0.0.0.0:0"]).done();
    assert!(refused.exits(2).stderr.contains("to holders of keys alone"), "{}", refused.all());
    let key = line(&sandbox, &["serve", "key", "add", "editor"]);
    let house = House::open(&sandbox, &["--plain", "--no-auth", "--listen", "0.0.0.0:0"]);
    let door = door(&house);
    let (path, body) = asked("chat", MODEL, false);
    let bearer = |word: &str| format!("Bearer {word}");
    assert_eq!(send(&door, "POST", &path, &[("authorization", &bearer(&key))], &body).status, 200);
    // `--no-auth` is about this machine's own addresses.
    assert_eq!(send(&door, "POST", &path, &[], &body).status, 401);
    let token = bearer(&line(&sandbox, &["serve", "token"]));
    let came = send(&door, "GET", "/monster/v1/status", &[("authorization", &token)], "");
    assert_eq!(came.status, 403, "{}", came.text());
    assert!(came.text().contains("would be read on the way"), "{}", came.text());
    assert_eq!(house.get("/monster/v1/status", &[("authorization", &token)]).status, 200);
    let metrics = house.look("GET", "/metrics").ok().text();
    assert!(metrics.contains("monster_refused_total{why=\"plain\"} 1"), "{metrics}");
    house.close(&sandbox).ok();
}

#[test]
fn a_certificate_that_is_none_or_a_key_that_others_read_is_told_before_anybody_is_let_in() {
    let (_upstream, sandbox) = world();
    line(&sandbox, &["serve", "key", "add", "editor"]);
    let made = certificate::made(&["localhost"]);
    certified(&sandbox, &made);
    let key = sandbox.home().join("key.pem");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = sandbox.monster(&["serve", "--listen", "0.0.0.0:0"]).done();
    assert!(refused.exits(1).stderr.contains("key.pem"), "{}", refused.all());
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&key, pem("PRIVATE KEY", &certificate::made(&["localhost"]).key)).unwrap();
    let refused = sandbox.monster(&["serve", "--listen", "0.0.0.0:0"]).done();
    assert!(refused.exits(1).stderr.contains("certificate and key do not fit"), "{}", refused.all());
    std::fs::write(sandbox.home().join("chain.pem"), json!({}).to_string()).unwrap();
    let refused = sandbox.monster(&["serve", "--listen", "0.0.0.0:0"]).done();
    assert!(refused.exits(1).stderr.contains("there is no certificate in the file"), "{}", refused.all());
}
