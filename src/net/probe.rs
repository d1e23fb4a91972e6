//! Asks whether a server of this machine is there, over a plain socket: no client is made and nothing is sent but this.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::Duration;

/// A server of this machine says something within this.
const PATIENCE: Duration = Duration::from_secs(2);
/// As much of an answer is read (bytes).
const ENOUGH: u64 = 4 << 10;

/// What `GET PATH` at an address of this machine gives: head and body as they came, at most 4 KiB.
///
/// # Errors
/// Nobody is there, or says nothing within two seconds.
pub fn tcp(at: SocketAddr, path: &str) -> io::Result<String> {
    let stream = TcpStream::connect_timeout(&at, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    get(stream, path)
}

/// The same over a socket in the file system.
///
/// # Errors
/// As above; `Unsupported` where there are no such sockets.
pub fn socket(at: &Path, path: &str) -> io::Result<String> {
    #[cfg(unix)]
    {
        let stream = std::os::unix::net::UnixStream::connect(at)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        get(stream, path)
    }
    #[cfg(not(unix))]
    {
        let _ = (at, path);
        Err(io::ErrorKind::Unsupported.into())
    }
}

fn get(mut stream: impl Read + Write, path: &str) -> io::Result<String> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = Vec::new();
    match stream.take(ENOUGH).read_to_end(&mut answer) {
        // Who keeps the line open has said what counts.
        Err(_) if !answer.is_empty() => {}
        read => drop(read?),
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_answers_is_heard_and_who_keeps_the_line_open_is_not_waited_for_long() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        let asked = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 64];
            let n = stream.read(&mut asked).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nhello").unwrap();
            (stream, String::from_utf8_lossy(&asked[..n]).into_owned())
        });
        assert!(tcp(at, "/healthz").unwrap().ends_with("hello"));
        assert!(asked.join().unwrap().1.starts_with("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"));
        assert_eq!(tcp(at, "/healthz").unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_in_the_file_system_is_asked_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        assert_eq!(socket(&path, "/").unwrap_err().kind(), io::ErrorKind::NotFound);
        let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // Who hangs up before he was asked is told nothing.
            let _ = stream.read(&mut [0; 64]);
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")
        });
        assert!(socket(&path, "/").unwrap().starts_with("HTTP/1.1 200"));
    }
}
