//! As much of HTTP/1.1 as a provider needs: requests with a length, answers whole or in chunks.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

/// One request.
#[derive(Debug)]
pub struct Request {
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// A connection of one caller.
pub struct Line {
    reader: BufReader<TcpStream>,
    stream: TcpStream,
}

impl Line {
    pub fn new(stream: TcpStream) -> io::Result<Self> {
        stream.set_nodelay(true)?;
        Ok(Self { reader: BufReader::new(stream.try_clone()?), stream })
    }

    /// The next request; `None` when the caller has hung up.
    pub fn request(&mut self) -> io::Result<Option<Request>> {
        let mut first = String::new();
        if self.reader.read_line(&mut first)? == 0 {
            return Ok(None);
        }
        let mut words = first.split_whitespace();
        let (Some(method), Some(path)) = (words.next(), words.next()) else { return Err(bad("no request line")) };
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line)? == 0 {
                return Err(bad("the headers end early"));
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').ok_or_else(|| bad("a header without a colon"))?;
            headers.push((name.trim().to_ascii_lowercase(), value.trim().to_owned()));
        }
        let header = |name: &str| headers.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str());
        let body = if header("transfer-encoding").is_some_and(|v| v.eq_ignore_ascii_case("chunked")) {
            self.chunks()?
        } else {
            let length = header("content-length").map_or(Ok(0), str::parse::<usize>).map_err(|_| bad("no length"))?;
            let mut body = vec![0; length];
            self.reader.read_exact(&mut body)?;
            body
        };
        Ok(Some(Request { method: method.to_owned(), path: path.to_owned(), headers, body }))
    }

    fn chunks(&mut self) -> io::Result<Vec<u8>> {
        let mut body = Vec::new();
        loop {
            let mut size = String::new();
            self.reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).map_err(|_| bad("no chunk size"))?;
            let from = body.len();
            body.resize(from + size, 0);
            self.reader.read_exact(&mut body[from..])?;
            self.reader.read_line(&mut String::new())?;
            if size == 0 {
                return Ok(body);
            }
        }
    }

    /// A whole answer.
    pub fn answer(&mut self, status: u16, kind: &str, headers: &[(String, String)], body: &[u8]) -> io::Result<()> {
        self.head(status, kind, headers, &format!("content-length: {}", body.len()))?;
        self.stream.write_all(body)
    }

    /// A whole answer of which only the first half arrives.
    pub fn half(&mut self, kind: &str, headers: &[(String, String)], body: &[u8]) -> io::Result<()> {
        self.head(200, kind, headers, &format!("content-length: {}", body.len()))?;
        self.stream.write_all(&body[..body.len() / 2])
    }

    /// The head of an answer that comes in chunks.
    pub fn begin(&mut self, kind: &str, headers: &[(String, String)]) -> io::Result<()> {
        self.head(200, kind, headers, "transfer-encoding: chunked")
    }

    /// One frame, torn in the middle: no reader may count on frames and packets being the same.
    pub fn frame(&mut self, frame: &[u8]) -> io::Result<()> {
        let (left, right) = frame.split_at(frame.len() / 2);
        for part in [left, right].into_iter().filter(|p| !p.is_empty()) {
            self.stream.write_all(&[format!("{:x}\r\n", part.len()).as_bytes(), part, b"\r\n"].concat())?;
        }
        Ok(())
    }

    /// The end of an answer in chunks.
    pub fn end(&mut self) -> io::Result<()> {
        self.stream.write_all(b"0\r\n\r\n")
    }

    /// Hangs up, although others still hold the connection.
    pub fn close(&self) {
        drop(self.stream.shutdown(Shutdown::Both));
    }

    /// Says nothing until the caller hangs up (`true`) or the time has passed.
    pub fn silence(&mut self, most: Option<Duration>) -> bool {
        if most == Some(Duration::ZERO) || self.stream.set_read_timeout(most).is_err() {
            return false;
        }
        // A caller that waits for an answer has nothing to say: what can be read is the end.
        let gone = match self.stream.peek(&mut [0]) {
            Ok(n) => n == 0,
            Err(e) => !matches!(e.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut),
        };
        drop(self.stream.set_read_timeout(None));
        gone
    }

    fn head(&mut self, status: u16, kind: &str, headers: &[(String, String)], length: &str) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {status} {}\r\ncontent-type: {kind}\r\n{length}\r\n", reason(status));
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        self.stream.write_all(head.as_bytes())
    }
}

fn bad(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        302 => "Found",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
