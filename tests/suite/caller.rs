//! A program that calls `monster serve`, and as much of HTTP as it needs: what it sees is what came over the wire.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::sandbox::{Running, Sandbox};

/// A figure for what is waited for; no story comes near it.
const LONG: Duration = Duration::from_secs(60);

/// A running `monster serve`.
pub struct House {
    pub running: Running,
    /// `127.0.0.1:PORT`.
    pub address: String,
    socket: PathBuf,
}

/// What came back.
#[derive(Debug)]
pub struct Came {
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Came {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {} {}", self.status, self.text()))
    }

    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.status, 200, "{}", self.text());
        self
    }
}

impl House {
    /// Starts it on a port of its own; more flags follow.
    pub fn open(sandbox: &Sandbox, flags: &[&str]) -> Self {
        let running = sandbox.monster(&[&["serve", "--listen", "127.0.0.1:0"], flags].concat()).start();
        Self::of(running, sandbox)
    }

    /// Waits until a started one listens.
    pub fn of(running: Running, sandbox: &Sandbox) -> Self {
        Self::at(running, &sandbox.state_dir().join("serve.sock"))
    }

    /// As [`Self::of`], of one whose socket lies there.
    pub fn at(running: Running, socket: &Path) -> Self {
        let socket = socket.to_owned();
        let began = Instant::now();
        let address = loop {
            assert!(began.elapsed() < LONG, "it never listened");
            let status = over(&socket, "GET", "/monster/v1/status", "").filter(|came| came.status == 200);
            let listen = status.map(|came| came.json()["listen"][0].as_str().unwrap_or_default().to_owned());
            match listen.filter(|address| address.contains("127.0.0.1")) {
                Some(address) => break address,
                None => std::thread::sleep(Duration::from_millis(20)),
            }
        };
        Self { running, address, socket }
    }

    /// A connection to it.
    pub fn line(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
    }

    /// Asks, and reads the whole answer.
    #[track_caller]
    pub fn post(&self, path: &str, headers: &[(&str, &str)], body: &str) -> Came {
        self.send("POST", path, headers, body)
    }

    #[track_caller]
    pub fn get(&self, path: &str, headers: &[(&str, &str)]) -> Came {
        self.send("GET", path, headers, "")
    }

    #[track_caller]
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Came {
        send(&self.address, method, path, headers, body)
    }

    /// Asks over its socket.
    #[track_caller]
    pub fn look(&self, method: &str, path: &str) -> Came {
        over(&self.socket, method, path, "").unwrap()
    }

    /// Asks, and gives the connection once this much of the answer has come.
    pub fn begin(&self, path: &str, headers: &[(&str, &str)], body: &str, until: &str) -> TcpStream {
        let mut stream = self.line();
        stream.write_all(request("POST", path, &self.address, headers, body).as_bytes()).unwrap();
        let mut seen = Vec::new();
        let mut piece = [0; 4096];
        while !String::from_utf8_lossy(&seen).contains(until) {
            let length = stream.read(&mut piece).unwrap();
            assert!(length > 0, "it ended before {until}: {}", String::from_utf8_lossy(&seen));
            seen.extend_from_slice(&piece[..length]);
        }
        stream
    }

    /// Ends it as the system would, and says how it went.
    pub fn close(self, sandbox: &Sandbox) -> crate::sandbox::Done {
        self.running.signal("TERM");
        self.running.done(sandbox)
    }
}

/// Asks whoever listens there, and reads the whole answer.
#[track_caller]
pub fn send(address: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Came {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    stream.write_all(request(method, path, address, headers, body).as_bytes()).unwrap();
    read(&mut BufReader::new(stream)).unwrap_or_else(|| panic!("no answer to {method} {path}"))
}

fn request(method: &str, path: &str, host: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut head = format!("{method} {path} HTTP/1.1\r\nconnection: close\r\n");
    let mut named = false;
    for (name, value) in headers {
        named |= name.eq_ignore_ascii_case("host");
        head += &format!("{name}: {value}\r\n");
    }
    if !named {
        head += &format!("host: {host}\r\n");
    }
    if method == "POST" {
        head += &format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len());
    }
    head + "\r\n" + body
}

fn over(socket: &Path, method: &str, path: &str, body: &str) -> Option<Came> {
    let mut stream = UnixStream::connect(socket).ok()?;
    stream.set_read_timeout(Some(LONG)).ok()?;
    stream.write_all(request(method, path, "localhost", &[], body).as_bytes()).ok()?;
    read(&mut BufReader::new(stream))
}

/// One answer; `None` when the line was closed before its head.
pub fn read(stream: &mut impl BufRead) -> Option<Came> {
    let mut first = String::new();
    stream.read_line(&mut first).ok().filter(|n| *n > 0)?;
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let chunked = headers.iter().any(|(n, v)| n == "transfer-encoding" && v == "chunked");
    let mut body = Vec::new();
    if chunked {
        loop {
            let mut size = String::new();
            stream.read_line(&mut size).ok()?;
            let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
            let at = body.len();
            body.resize(at + size, 0);
            stream.read_exact(&mut body[at..]).ok()?;
            stream.read_line(&mut String::new()).ok()?;
            if size == 0 {
                break;
            }
        }
    } else {
        stream.read_to_end(&mut body).ok()?;
    }
    Some(Came { status, headers, body })
}

/// Hangs up.
pub fn hang_up(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}
