//! What stands between the program and a provider: proxies, certificates of an own authority, compressed answers.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use crate::sandbox::Sandbox;
use crate::upstream::{Answer, Upstream};

/// A proxy on loopback that remembers where it was asked to connect to, and refuses.
pub struct Proxy {
    pub port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    pub fn start(speaks: fn(&mut TcpStream) -> std::io::Result<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                if let Ok(place) = speaks(&mut stream) {
                    heard.lock().unwrap().push(place);
                }
                let _ = stream.shutdown(Shutdown::Both);
            }
        });
        Self { port, asked }
    }

    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// The first line of a CONNECT, which is refused.
fn connect(stream: &mut TcpStream) -> std::io::Result<String> {
    told(stream, "502 Bad Gateway")
}

/// The first line of a CONNECT, which is answered with this.
pub fn told(stream: &mut TcpStream, status: &str) -> std::io::Result<String> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes())?;
    Ok(String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned())
}

/// The place that a SOCKS5 client wants to be connected to (RFC 1928), which is refused.
fn socks(stream: &mut TcpStream) -> std::io::Result<String> {
    socks_place(stream, 1)
}

/// The place that a SOCKS5 client wants to be connected to, which is answered with this.
pub fn socks_place(stream: &mut TcpStream, reply: u8) -> std::io::Result<String> {
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let mut ways = vec![0; usize::from(head[1])];
    stream.read_exact(&mut ways)?;
    stream.write_all(&[5, 0])?;
    let mut request = [0; 4];
    stream.read_exact(&mut request)?;
    assert_eq!(request[..3], [5, 1, 0], "a connection is wanted");
    let place = match request[3] {
        3 => {
            let mut length = [0];
            stream.read_exact(&mut length)?;
            let mut name = vec![0; usize::from(length[0])];
            stream.read_exact(&mut name)?;
            String::from_utf8_lossy(&name).into_owned()
        }
        kind => {
            assert_eq!(kind, 1, "an address of four bytes");
            let mut address = [0; 4];
            stream.read_exact(&mut address)?;
            std::net::Ipv4Addr::from(address).to_string()
        }
    };
    let mut port = [0; 2];
    stream.read_exact(&mut port)?;
    stream.write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(format!("{place}:{}", u16::from_be_bytes(port)))
}

/// A sandbox with a provider that only a proxy could reach.
pub fn away(settings: &str) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("keyed");
    sandbox.set("AWAY_KEY", &key);
    sandbox.config(&format!(
        "{settings}\n[upstreams.away]\nbase_url = \"https://models.invalid/v1\"\nkey_env = \"AWAY_KEY\"\nmodels = [\"m\"]\n"
    ));
    sandbox
}

#[test]
fn an_http_proxy_is_asked_to_connect_and_never_sees_the_key() {
    let proxy = Proxy::start(connect);
    let sandbox = away(&format!("[net]\nproxy = \"http://127.0.0.1:{}\"", proxy.port));
    let done = sandbox.monster(&["ask", "why?", "--model", "away/m"]).done();
    done.exits(5);
    let asked = proxy.asked();
    assert!(!asked.is_empty() && asked.iter().all(|line| line == "CONNECT models.invalid:443 HTTP/1.1"), "{asked:?}");
}

#[test]
fn a_socks5_proxy_is_spoken_to_in_its_own_way_and_finds_the_name_itself() {
    for scheme in ["socks5h", "socks5"] {
        let proxy = Proxy::start(socks);
        let host = if scheme == "socks5h" { "models.invalid" } else { "127.0.0.2" };
        let sandbox = away(&format!("[net]\nproxy = \"{scheme}://127.0.0.1:{}\"", proxy.port));
        sandbox.config(&format!(
            "[net]\nproxy = \"{scheme}://127.0.0.1:{}\"\n[upstreams.away]\nbase_url = \"https://{host}/v1\"\nkey_env = \"AWAY_KEY\"\nmodels = [\"m\"]\n",
            proxy.port
        ));
        sandbox.monster(&["ask", "why?", "--model", "away/m"]).done().exits(5);
        let asked = proxy.asked();
        let expected = if scheme == "socks5h" { "models.invalid:443" } else { "127.0.0.2:443" };
        assert!(asked.iter().any(|place| place == expected), "{scheme}: {asked:?}");
    }
}

#[test]
fn what_no_proxy_names_is_reached_without_it() {
    let proxy = Proxy::start(connect);
    let mut sandbox = away("");
    sandbox.set("HTTPS_PROXY", &format!("http://127.0.0.1:{}", proxy.port));
    sandbox.monster(&["ask", "why?", "--model", "away/m"]).done().exits(5);
    assert!(!proxy.asked().is_empty(), "the environment's proxy is used");
    let before = proxy.asked().len();
    sandbox.set("NO_PROXY", "models.invalid");
    sandbox.monster(&["ask", "why?", "--model", "away/m"]).done().exits(5);
    assert_eq!(proxy.asked().len(), before);
}

#[test]
fn a_proxy_that_nobody_can_speak_to_is_not_left_out() {
    // Each would be turned away by the client without a word, and the key would go straight.
    for wrong in ["htp://127.0.0.1:9", "socks5:/127.0.0.1:9", "ht tp:/x", "http://"] {
        let setting = away(&format!("[net]\nproxy = \"{wrong}\""));
        let mut https = away("");
        https.set("HTTPS_PROXY", wrong);
        let mut all = away("");
        all.set("all_proxy", wrong);
        for (sandbox, by) in [(setting, "net.proxy"), (https, "HTTPS_PROXY"), (all, "all_proxy")] {
            let done = sandbox.monster(&["ask", "why?", "--model", "away/m"]).done();
            let told = done.all();
            assert!(
                told.contains("this proxy cannot be used") && told.contains(&format!("which {by} names")),
                "{told}"
            );
            assert!(!told.contains("no connection"), "{told}");
        }
    }
    // Where it is not asked, it may be what it likes.
    let mut sandbox = away("");
    sandbox.set("HTTPS_PROXY", "htp://127.0.0.1:9");
    sandbox.set("NO_PROXY", "models.invalid");
    assert!(sandbox.monster(&["ask", "why?", "--model", "away/m"]).done().all().contains("no connection"));
    let mut sandbox = away("");
    sandbox.set("HTTPS_PROXY", "");
    assert!(sandbox.monster(&["ask", "why?", "--model", "away/m"]).done().all().contains("no connection"));
}

#[test]
fn an_answer_that_is_packed_in_a_way_nobody_asked_for_is_named() {
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes.").header("content-encoding", "deflate"));
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("keyed");
    sandbox.set("HOUSE_KEY", &key);
    let base = upstream.base("keyed");
    sandbox.config(&format!("[upstreams.house]\nbase_url = \"{base}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n"));
    let done = sandbox.monster(&["ask", "why?", "--model", "house/m"]).done();
    assert!(done.all().contains("packed as \"deflate\", which it was not asked for"), "{}", done.all());
}

#[test]
fn a_server_on_this_machine_is_never_asked_through_a_proxy() {
    let proxy = Proxy::start(connect);
    let upstream = Upstream::start();
    upstream.always(|_| Answer::text("Yes."));
    let mut sandbox = Sandbox::new();
    let key = sandbox.key("keyed");
    sandbox.set("HOUSE_KEY", &key);
    sandbox.config(&format!(
        "[net]\nproxy = \"http://127.0.0.1:{}\"\n[upstreams.house]\nbase_url = \"{}\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n",
        proxy.port,
        upstream.base("keyed")
    ));
    sandbox.monster(&["ask", "why?", "--model", "house/m"]).done().ok();
    assert!(proxy.asked().is_empty());
}

/// One answer of the Chat dialect, compressed by the tools named like the encodings.
const PACKED: [(&str, &str); 3] = [("gzip", GZIP), ("br", BROTLI), ("zstd", ZSTD)];

const GZIP: &str = concat!(
    "1f8b0800000000000203554edb0ac2300cfd95916719eaa35fe1bbc8a86d74755d32960c85d17f372de2f0eddc9273568801",
    "4e0d78d835c0b7277aadb477da7a1ea7841a998ae967748a257c303672c0549263f57a8e1ec5f865854801df06f7258622ee",
    "81c656983915004e248a3ad27ac9a448b5f3ecfc80a179614a2d64f3ee91a2f49df58a4db084284f90af662dbfafd36c2bb5",
    "531e90e43b6e1bfeaf2bab4b9b74ccf903c0b7df29ff000000",
);
const BROTLI: &str = concat!(
    "1bfe00609c07b673b4039d82603e15bafc6c44603bf2075a9906a320db5dd9ae1e236babd32c3a5d7d0344dd16b321c47104",
    "83223c6a72b266b71e7356f54cb688c78db0a69dcf21feed28003645d3f0280461e5d2e85aa844920f2dea5c0d205c412098",
    "37d6d03a45041894ab56befde69ce393b93569a60871fb78db5265572ff3a15d7401f963c2b80b6363fe",
);
const ZSTD: &str = concat!(
    "28b52ffd20ff450500e28a201c7049da066ca1287a48a4f5754d71d9e50301a95e2b80b6fbb2ffffcead0524ecede2ca59f3",
    "b06de8a596ad841f21685fdbfc2bd7654c6630182932f8917622a554b893078302add9baadd88c98f169d98f2bcf03644ef5",
    "230057be9047d18f812be734680d95f2acfa91221b93195dd499965a43341a6d12a1607fe4e6577ed08f0d003637dd91c1fb",
    "07622156b3a8d284805d5d3f8bfdcfbe4ded816a0ba0962ac20c03",
);

#[test]
fn compressed_answers_are_read_whatever_the_encoding() {
    for (encoding, packed) in PACKED {
        let body: Vec<u8> =
            (0..packed.len()).step_by(2).map(|n| u8::from_str_radix(&packed[n..n + 2], 16).unwrap()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(Mutex::new(String::new()));
        let heard = Arc::clone(&accepted);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut head = Vec::new();
                let mut byte = [0];
                while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut byte).is_ok() {
                    head.push(byte[0]);
                }
                *heard.lock().unwrap() = String::from_utf8_lossy(&head).to_ascii_lowercase();
                let answer = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(answer.as_bytes());
                let _ = stream.write_all(&body);
            }
        });
        let mut sandbox = Sandbox::new();
        let key = sandbox.key("keyed");
        sandbox.set("HOUSE_KEY", &key);
        sandbox.config(&format!(
            "[upstreams.house]\nbase_url = \"http://127.0.0.1:{port}/v1\"\nkey_env = \"HOUSE_KEY\"\nmodels = [\"m\"]\n"
        ));
        let done = sandbox.monster(&["ask", "why?", "--model", "house/m"]).done();
        assert_eq!(done.ok().stdout, "Packed well.\n", "{encoding}");
        let head = accepted.lock().unwrap().clone();
        assert!(head.lines().any(|l| l.starts_with("accept-encoding:") && l.contains(encoding)), "{head}");
    }
}
