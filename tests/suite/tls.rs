//! Over TLS: certificates of an own authority, HTTP/2 and 1.1, connections that are kept, and proxies that really
//! connect, for single upstreams and accounts.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, mpsc};

use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsAcceptor;

use crate::certificate;
use crate::proxy::{socks_place, told};
use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Fault, Upstream};

/// What a server was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    /// Which of its connections, from 1.
    connection: usize,
    /// `h2` or `http/1.1`.
    spoken: String,
    /// The key.
    authorization: String,
}

/// A provider of the Chat dialect behind TLS, with an authority of its own.
struct Secure {
    port: u16,
    /// The authority's certificate.
    ca: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

/// What goes wrong first.
#[derive(Clone, Copy)]
enum First {
    /// So many answers are errors.
    Fails(usize),
    /// So many streams of HTTP/2 are refused, unread.
    Refuses(usize),
}

impl Secure {
    /// Offers these protocols; the first `fails` answers are errors.
    fn start(alpn: &[&str], fails: usize) -> Self {
        Self::that(alpn, First::Fails(fails))
    }

    fn that(alpn: &[&str], first: First) -> Self {
        let made = certificate::made(&["localhost", "models.invalid"]);
        let (ca, key) = (made.authority, PrivateKeyDer::Pkcs8(made.key.into()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = config.with_no_client_auth().with_single_cert(vec![made.certificate.into()], key).unwrap();
        config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (heard, (sent, port)) = (Arc::clone(&seen), mpsc::channel());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(serve(TlsAcceptor::from(Arc::new(config)), heard, first, sent));
        });
        Self { port: port.recv().unwrap(), ca, seen }
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// A sandbox with this server as an upstream, its authority in `ca.pem`.
    fn sandbox(&self, host: &str, more: &str) -> Sandbox {
        let mut sandbox = Sandbox::new();
        let key = sandbox.key("keyed");
        sandbox.set("HOUSE_KEY", &key);
        std::fs::write(sandbox.home().join("ca.pem"), &self.ca).unwrap();
        let ca = sandbox.home().join("ca.pem").display().to_string();
        let port = if host == "models.invalid" { 443 } else { self.port };
        sandbox.config(&format!(
            "[upstreams.house]\nbase_url = \"https://{host}:{port}/v1\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n{}\n",
            more.replace("CA", &ca)
        ));
        sandbox
    }
}

/// Takes connections and answers whatever is asked over them.
async fn serve(tls: TlsAcceptor, seen: Arc<Mutex<Vec<Seen>>>, first: First, port: mpsc::Sender<u16>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    port.send(listener.local_addr().unwrap().port()).unwrap();
    let mut connection = 0;
    while let Ok((stream, _)) = listener.accept().await {
        connection += 1;
        let (tls, seen) = (tls.clone(), Arc::clone(&seen));
        let answer = move |spoken: &str, authorization: &str| {
            let mut seen = seen.lock().unwrap();
            let (spoken, authorization) = (spoken.to_owned(), authorization.to_owned());
            seen.push(Seen { connection, spoken, authorization });
            match first {
                First::Fails(fails) if seen.len() <= fails => (500, BAD),
                First::Refuses(refuses) if seen.len() <= refuses => (0, ""),
                _ => (200, GOOD),
            }
        };
        tokio::spawn(async move {
            let Ok(mut stream) = tls.accept(stream).await else { return };
            if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                let Ok(mut h2) = h2::server::handshake(stream).await else { return };
                while let Some(Ok((request, mut respond))) = h2.accept().await {
                    let authorization = request.headers().get("authorization").map_or("", |v| v.to_str().unwrap());
                    let (status, body) = answer("h2", authorization);
                    if status == 0 {
                        respond.send_reset(h2::Reason::REFUSED_STREAM);
                        continue;
                    }
                    let head = http::Response::builder().status(status).header("content-type", "application/json");
                    let mut send = respond.send_response(head.body(()).unwrap(), false).unwrap();
                    send.send_data(bytes::Bytes::from_static(body.as_bytes()), true).unwrap();
                }
                return;
            }
            let mut got = Vec::new();
            loop {
                let mut piece = [0; 4096];
                match stream.read(&mut piece).await {
                    Ok(0) | Err(_) => return,
                    Ok(n) => got.extend_from_slice(&piece[..n]),
                }
                let text = String::from_utf8_lossy(&got).into_owned();
                let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                let header = |name: &str| {
                    head.lines().find_map(|l| l.to_ascii_lowercase().starts_with(name).then(|| l[name.len()..].trim()))
                };
                if body.len() < header("content-length:").map_or(0, |v| v.parse::<usize>().unwrap()) {
                    continue;
                }
                let (status, body) = answer("http/1.1", header("authorization:").unwrap_or_default());
                let length = body.len();
                let head = format!(
                    "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
                );
                if stream.write_all([head.as_bytes(), body.as_bytes()].concat().as_slice()).await.is_err() {
                    return;
                }
                drop(stream.flush().await);
                got.clear();
            }
        });
    }
}

/// An answer of the model, and of an endpoint for tokens.
const GOOD: &str = r#"{"access_token":"token-of-the-house","expires_in":3600,"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"stop"}],"usage":{"prompt_tokens":5,"completion_tokens":2,"total_tokens":7}}"#;
const BAD: &str = r#"{"error":{"message":"The server had an error.","type":"server_error"}}"#;

/// A proxy that connects whoever asks to one place, and keeps what it was asked and what went through it.
struct Tunnel {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
    through: Arc<Mutex<Vec<u8>>>,
}

impl Tunnel {
    fn start(to: u16, asked: fn(&mut TcpStream) -> std::io::Result<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let out = Self { port, asked: Arc::default(), through: Arc::default() };
        let (places, through) = (Arc::clone(&out.asked), Arc::clone(&out.through));
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Ok(place) = asked(&mut stream) else { continue };
                places.lock().unwrap().push(place);
                let there = TcpStream::connect(("127.0.0.1", to)).unwrap();
                for (mut from, mut to) in [(stream.try_clone().unwrap(), there.try_clone().unwrap()), (there, stream)] {
                    let through = Arc::clone(&through);
                    std::thread::spawn(move || {
                        let mut piece = [0; 4096];
                        while let Ok(n @ 1..) = from.read(&mut piece) {
                            through.lock().unwrap().extend_from_slice(&piece[..n]);
                            if to.write_all(&piece[..n]).is_err() {
                                break;
                            }
                        }
                        drop((from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both)));
                    });
                }
            }
        });
        out
    }

    /// The places it was asked for, each once.
    fn asked(&self) -> Vec<String> {
        let mut all = self.asked.lock().unwrap().clone();
        all.dedup();
        all
    }
}

fn connected(stream: &mut TcpStream) -> std::io::Result<String> {
    told(stream, "200 Connection established")
}

fn socks(stream: &mut TcpStream) -> std::io::Result<String> {
    socks_place(stream, 0)
}

const ASK: [&str; 4] = ["ask", "why?", "--model", "house/m"];

#[test]
fn a_certificate_of_an_own_authority_is_taken_only_by_the_upstream_that_names_it() {
    let server = Secure::start(&["h2", "http/1.1"], 0);
    let sandbox = server.sandbox("localhost", "ca_file = \"CA\"");
    assert_eq!(sandbox.monster(&ASK).done().ok().stdout, "Yes.\n");
    let sandbox = server.sandbox("localhost", "");
    let done = sandbox.monster(&ASK).done();
    assert!(done.exits(5).stderr.contains("the server's certificate was not accepted"), "{}", done.all());
    // One upstream's authority is not another's.
    let other = format!(
        "ca_file = \"CA\"\n[upstreams.other]\nbase_url = \"https://localhost:{}/v1\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]",
        server.port
    );
    let sandbox = server.sandbox("localhost", &other);
    sandbox.monster(&ASK).done().ok();
    let done = sandbox.monster(&["ask", "why?", "--model", "other/m"]).done();
    assert!(done.exits(5).stderr.contains("certificate"), "{}", done.all());
    let chain = sandbox.monster(&["ask", "why?", "--model", "other/m,house/m"]).done();
    assert_eq!(chain.ok().stdout, "Yes.\n", "both in one command");
    assert_eq!(server.seen().len(), 3, "no key went where the certificate was not accepted");
    let done = server.sandbox("localhost", "ca_file = \"/nowhere.pem\"").monster(&ASK).done();
    assert!(done.exits(5).stderr.contains("/nowhere.pem"), "{}", done.all());
}

#[cfg(target_os = "linux")]
#[test]
fn an_authority_that_the_system_trusts_is_trusted_and_no_other() {
    let server = Secure::start(&["h2", "http/1.1"], 0);
    let stranger = certificate::made(&["localhost"]).authority;
    let refused = |sandbox: &Sandbox| {
        let done = sandbox.monster(&ASK).done();
        assert!(done.exits(5).stderr.contains("the server's certificate was not accepted"), "{}", done.all());
    };
    // The system's store, as OpenSSL's own variables name it: a file, or a folder.
    for (variable, file) in [("SSL_CERT_FILE", "store.pem"), ("SSL_CERT_DIR", "store/deadbeef.0")] {
        let mut sandbox = server.sandbox("localhost", "");
        let path = sandbox.home().join(file);
        let folder = path.parent().unwrap();
        std::fs::create_dir_all(folder).unwrap();
        let named = if variable == "SSL_CERT_DIR" { folder } else { &path };
        sandbox.set(variable, &named.display().to_string());
        std::fs::write(&path, format!("{stranger}{}", server.ca)).unwrap();
        assert_eq!(sandbox.monster(&ASK).done().ok().stdout, "Yes.\n", "{variable}");
        std::fs::write(&path, &stranger).unwrap();
        refused(&sandbox);
    }
    refused(&server.sandbox("localhost", ""));
    assert_eq!(server.seen().len(), 2, "no key went where the certificate was not accepted");
}

#[test]
fn http_2_is_spoken_where_it_is_offered_and_http_1_1_elsewhere() {
    for (alpn, spoken) in [(&["h2", "http/1.1"][..], "h2"), (&["http/1.1"], "http/1.1"), (&[], "http/1.1")] {
        let server = Secure::start(alpn, 0);
        server.sandbox("localhost", "ca_file = \"CA\"").monster(&ASK).done().ok();
        assert_eq!(server.seen().iter().map(|s| s.spoken.as_str()).collect::<Vec<_>>(), [spoken], "{alpn:?}");
    }
}

#[test]
fn two_calls_use_one_connection() {
    for alpn in [&["h2"][..], &["http/1.1"]] {
        let server = Secure::start(alpn, 1);
        server.sandbox("localhost", "ca_file = \"CA\"").monster(&ASK).done().ok();
        assert_eq!(server.seen().iter().map(|s| s.connection).collect::<Vec<_>>(), [1, 1], "{alpn:?}");
    }
}

#[test]
fn what_a_server_refuses_unread_is_sent_to_it_again_and_is_one_attempt() {
    let server = Secure::that(&["h2"], First::Refuses(2));
    let sandbox = server.sandbox("localhost", "ca_file = \"CA\"");
    let done = sandbox.monster(&ASK).done();
    assert_eq!(done.ok().stdout, "Yes.\n");
    assert_eq!(server.seen().len(), 3);
    let row = sandbox.monster(&["history", "show", "last", "--json"]).done().ok().json();
    assert_eq!(row["request"]["attempts"].as_array().unwrap().len(), 1, "{row:#}");

    // Not for ever.
    let server = Secure::that(&["h2"], First::Refuses(99));
    let sandbox = server.sandbox("localhost", "ca_file = \"CA\"");
    let done = sandbox.monster(&ASK).done();
    done.exits(5);
    assert!(done.stderr.contains("the connection broke before an answer"), "{}", done.all());
    let row = sandbox.monster(&["history", "show", "last", "--json"]).done().ok().json();
    assert_eq!(server.seen().len(), 3 * row["request"]["attempts"].as_array().unwrap().len(), "{row:#}");
}

#[test]
fn a_name_and_a_password_in_an_address_go_as_a_header_and_a_key_before_them() {
    for alpn in [&["h2"][..], &["http/1.1"]] {
        for (auth, sent) in [("auth = \"none\"", "Basic YWRhOnB3QHg="), ("key_env = \"HOUSE_KEY\"", "Bearer ")] {
            let server = Secure::start(alpn, 0);
            let sandbox = server.sandbox("localhost", "");
            let ca = sandbox.home().join("ca.pem");
            sandbox.config(&format!(
                "[upstreams.house]\nbase_url = \"https://ada:pw%40x@localhost:{}/v1\"\n{auth}\nca_file = {ca:?}\nmodels = [\"m\"]\n",
                server.port
            ));
            sandbox.monster(&ASK).done().ok();
            let seen = server.seen();
            assert!(seen.len() == 1 && seen[0].authorization.starts_with(sent), "{seen:?}");
        }
    }
}

#[test]
fn each_account_has_its_own_proxy_and_no_proxy_sees_a_key() {
    let server = Secure::start(&["h2", "http/1.1"], 0);
    let (http, socks) = (Tunnel::start(server.port, connected), Tunnel::start(server.port, socks));
    let sandbox = server.sandbox(
        "models.invalid",
        &format!(
            "ca_file = \"CA\"\n[net]\nproxies = [\"house/work=http://127.0.0.1:{}\", \"home=socks5h://127.0.0.1:{}\"]\n",
            http.port, socks.port
        ),
    );
    let keys = [("work", "wk"), ("home", "hm")].map(|(name, tag)| {
        let key = format!("{tag}-{}", sandbox.key("keyed"));
        let login = ["login", "house", "--stdin", "--no-check", "--name", name, "--store", "plaintext"];
        sandbox.monster(&login).env("HOUSE_KEY", "").stdin(key.clone()).done().ok();
        key
    });
    for name in ["work", "home"] {
        let done = sandbox.monster(&[&ASK[..], &["--account", name]].concat()).env("HOUSE_KEY", "").done();
        assert_eq!(done.ok().stdout, "Yes.\n", "{name}");
    }
    assert_eq!(
        (http.asked(), socks.asked()),
        (vec!["CONNECT models.invalid:443 HTTP/1.1".to_owned()], vec!["models.invalid:443".to_owned()])
    );
    let seen: Vec<String> = server.seen().into_iter().map(|s| s.authorization).collect();
    assert_eq!(seen, keys.clone().map(|key| format!("Bearer {key}")));
    for through in [&http.through, &socks.through] {
        let bytes = through.lock().unwrap().clone();
        assert!(bytes.len() > 500, "it went through");
        assert!(keys.iter().all(|key| !bytes.windows(key.len()).any(|w| w == key.as_bytes())));
    }
    // The doctor looks at both.
    let told = sandbox.monster(&["doctor"]).env("HOUSE_KEY", "").done().all();
    assert_eq!(told.matches("that net.proxies names, connects to models.invalid").count(), 2, "{told}");
}

#[test]
fn a_key_is_checked_over_the_proxy_of_the_account_that_it_will_be() {
    let server = Secure::start(&["http/1.1"], 0);
    let tunnel = Tunnel::start(server.port, connected);
    let proxies = format!("ca_file = \"CA\"\n[net]\nproxies = [\"work=http://127.0.0.1:{}\"]", tunnel.port);
    let sandbox = server.sandbox("models.invalid", &proxies);
    let login = ["login", "house", "--stdin", "--name", "work", "--store", "plaintext"];
    let done = sandbox.monster(&login).env("HOUSE_KEY", "").stdin(sandbox.key("keyed")).done();
    assert!(!done.ok().stderr.contains("could not be checked"), "{}", done.all());
    assert_eq!(tunnel.asked(), ["CONNECT models.invalid:443 HTTP/1.1"]);
}

#[test]
fn a_sign_in_at_the_upstream_itself_goes_as_the_upstream_is_reached_and_so_do_its_renewals_and_its_end() {
    let server = Secure::start(&["http/1.1"], 0);
    let tunnel = Tunnel::start(server.port, connected);
    let own = format!(
        "ca_file = \"CA\"\nproxy = \"http://127.0.0.1:{}\"\n[upstreams.house.oauth]\nclient_id = \"app\"\n\
        token_url = \"https://models.invalid/token\"\nrevoke_url = \"https://models.invalid/revoke\"",
        tunnel.port
    );
    let mut sandbox = server.sandbox("models.invalid", &own);
    sandbox.set("HOUSE_KEY", "");
    let login = ["login", "house", "--method", "client", "--stdin", "--no-check", "--store", "plaintext"];
    sandbox.monster(&login).stdin("word".to_owned()).done().ok();
    assert_eq!(server.seen().len(), 1);
    sandbox.set("MONSTER_NOW", "2026-11-24T13:00:00Z");
    assert_eq!(sandbox.monster(&ASK).done().ok().stdout, "Yes.\n");
    assert_eq!(server.seen().len(), 3, "the token ran out, and there is a next one");
    let done = sandbox.monster(&["logout", "house"]).done();
    assert!(done.ok().stdout.contains("revoked"), "{}", done.all());
    assert_eq!(server.seen().len(), 4);
}

#[test]
fn an_upstream_has_its_own_proxy_or_none_and_no_proxy_goes_before_it() {
    let server = Secure::start(&["http/1.1"], 0);
    let tunnel = Tunnel::start(server.port, connected);
    let own = format!("ca_file = \"CA\"\nproxy = \"http://127.0.0.1:{}\"", tunnel.port);
    let mut sandbox = server.sandbox("models.invalid", &own);
    sandbox.monster(&ASK).done().ok();
    assert_eq!(tunnel.asked().len(), 1);
    sandbox.set("NO_PROXY", "models.invalid");
    sandbox.monster(&ASK).done().exits(5);
    // Without a proxy of its own, it is reached through nobody's.
    let mut sandbox = server.sandbox("localhost", "ca_file = \"CA\"\nproxy = \"none\"");
    sandbox.set("HTTPS_PROXY", &format!("http://127.0.0.1:{}", tunnel.port));
    sandbox.monster(&ASK).done().ok();
    assert_eq!(tunnel.asked().len(), 1);
    // What the settings say is read strictly.
    for (wrong, said) in [
        ("proxy = \"proxy:8080\"", "proxy takes a URL such as"),
        ("[upstreams.other]\nbase_url = \"https://x.example/v1?a=b\"", "stands in query"),
        ("[upstreams.other]\nbase_url = \"https://x.example/v1#a\"", "stands in query"),
        ("first_byte_timeout = 0", "first_byte_timeout takes seconds, 1 to 86400"),
        ("connect_timeout = \"5\"", "connect_timeout takes seconds, 1 to 600"),
        ("idle_timeout = 1.5", "idle_timeout takes seconds"),
    ] {
        let told = server.sandbox("localhost", wrong).monster(&["doctor"]).done();
        assert!(told.exits(1).stdout.contains(said), "{wrong}: {}", told.all());
    }
    let sandbox = server.sandbox("localhost", "[net]\nproxies = [\"work=ftp://x\"]");
    let told = sandbox.monster(&["doctor"]).done();
    assert!(told.exits(1).stdout.contains("net.proxies takes entries such as"), "{}", told.all());
}

#[test]
fn an_upstream_has_its_own_time_outs() {
    let upstream = Upstream::start();
    let slow = std::time::Duration::from_secs(30);
    upstream.model("late", move |_| Answer::text("Yes.").slow_head(slow));
    upstream.model("stops", |_| Answer::text("one two three").fault(Fault::Stall(1)));
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("keyed");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"late\", \"stops\"]\nfirst_byte_timeout = 1\nidle_timeout = 2\n",
        upstream.base("keyed")
    ));
    for (model, said) in [("late", "did not begin to answer within 1 s"), ("stops", "stopped sending within 2 s")] {
        let done = sandbox.monster(&["ask", "why?", "--no-wait", "--model", &format!("house/{model}")]).done();
        assert!(done.exits(5).stderr.contains(said), "{}", done.all());
    }
}

#[test]
fn who_takes_a_connection_and_shakes_no_hand_is_waited_for_as_long_as_the_upstream_says() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = silent.local_addr().unwrap();
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("house");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "[upstreams.house]\nbase_url = \"https://{at}/v1\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\nconnect_timeout = 1\nfirst_byte_timeout = 120\n"
    ));
    let began = std::time::Instant::now();
    let done = sandbox.monster(&[&ASK[..], &["--no-wait"]].concat()).done();
    assert!(done.exits(5).stderr.contains("no connection"), "{}", done.all());
    assert!(began.elapsed() < std::time::Duration::from_secs(60), "{:?}", began.elapsed());
    drop(silent);
}
