//! Addresses as they stand in `serve.listen` and after `--listen`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

/// A place to listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Address {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
    /// A named pipe (Windows).
    Pipe(String),
}

impl Address {
    /// Reads `127.0.0.1:7766`, `localhost:7766`, `unix:PATH`, `pipe:NAME`.
    ///
    /// # Errors
    /// A sentence.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if let Some(path) = text.strip_prefix("unix:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return if path.is_empty() { Err("unix: needs a path".to_owned()) } else { Ok(Self::Unix(path.into())) };
        }
        if let Some(name) = text.strip_prefix("pipe:") {
            return if name.is_empty() {
                Err("pipe: needs a name".to_owned())
            } else {
                Ok(Self::Pipe(name.to_owned()))
            };
        }
        let text = text.strip_prefix("tcp:").unwrap_or(text);
        let plain = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        let what = || format!("\"{text}\" is no address such as 127.0.0.1:7766, unix:/path/to/socket or pipe:name");
        plain.parse().map(Self::Tcp).map_err(|_| what())
    }
}

/// Where a caller on this machine finds who listens at `at`: "every address" is none that can be called.
pub(super) fn reached(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Pipe(name) => write!(f, "pipe:{name}"),
        }
    }
}
