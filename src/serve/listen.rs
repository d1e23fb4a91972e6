//! Where callers come in: TCP, a socket of this machine, or what the system opened for us.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_util::FutureExt as _;
use interprocess::local_socket::tokio::{Listener as PipeListener, Stream as PipeStream};
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf, Ready};
use tokio::net::{TcpListener, TcpStream};
#[cfg(unix)]
use tokio::net::{UnixListener, UnixStream};
use tokio::runtime::{Handle, Id};
use tokio_rustls::TlsAcceptor;

use super::pipe;
use super::stall::Hung;
use super::tls::Tls;
use crate::world::ports;

/// A place to listen at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Address {
    /// An address and a port.
    Tcp(SocketAddr),
    /// A socket in the file system.
    Unix(PathBuf),
    /// A name without a file: a named pipe on Windows, a socket of the abstract namespace on Linux.
    Pipe(String),
}

impl Address {
    /// Reads `127.0.0.1:7766`, `localhost:7766`, `unix:PATH`, `pipe:NAME`.
    ///
    /// # Errors
    /// A sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
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
        let what = || format!("\"{text}\" is no address such as 127.0.0.1:7766 or unix:/path/to/socket");
        plain.parse().map(Self::Tcp).map_err(|_| what())
    }

    /// Nobody beyond this machine comes in there.
    #[must_use]
    pub fn local(&self) -> bool {
        match self {
            Self::Tcp(address) => address.ip().is_loopback(),
            Self::Unix(_) | Self::Pipe(_) => true,
        }
    }
}

impl Address {
    /// Who listens here takes callers of `other` too, or would be in its way.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Tcp(one), Self::Tcp(two)) => {
                let all = |at: &SocketAddr| at.ip().is_unspecified();
                one.port() == two.port() && (one.ip() == two.ip() || all(one) || all(two))
            }
            (one, two) => one == two,
        }
    }
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

/// Why nobody can come in.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody listens there already.
    #[error("{0} is taken{by}", by = .1.as_ref().map_or_else(String::new, |who| format!(" by {who}")))]
    Taken(Address, Option<String>),
    /// There is no such door on this system.
    #[error("{0}: there are no such sockets on this system")]
    Foreign(Address),
    /// What lies there is not ours to remove.
    #[error("{0}: a file lies there that is no socket")]
    File(Address),
    /// The system refused.
    #[error("{0} cannot be listened at")]
    Refused(Address, #[source] io::Error),
}

/// A process that listens where we would, as it is told; `None` where the system does not tell its name.
fn holder(process: u32) -> Option<String> {
    ports::called(process).map(|name| told(&name, process))
}

/// As it is told: a process has the name that it gives itself.
#[must_use]
pub fn told(name: &str, process: u32) -> String {
    let name: String = name.chars().filter(|c| !c.is_control()).collect();
    let name = if name == env!("CARGO_PKG_NAME") { "another monster" } else { &name };
    format!("{name} (process {process})")
}

/// An open door.
pub struct Bound {
    /// Where.
    pub address: Address,
    door: Door,
    tls: Option<TlsAcceptor>,
    /// Taken away with it.
    _socket: Option<Socket>,
}

enum Door {
    Tcp(TcpListener),
    #[cfg(unix)]
    Unix(UnixListener),
    Pipe(PipeListener),
}

/// A socket file of ours.
struct Socket(PathBuf);

impl Drop for Socket {
    fn drop(&mut self) {
        crate::world::files::remove_socket(&self.0);
    }
}

/// Who is at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    /// Somebody at an address.
    Ip {
        /// Whose.
        at: IpAddr,
        /// What is said is encrypted on its way.
        encrypted: bool,
    },
    /// The same user, over a socket of this machine.
    Own,
}

impl Bound {
    /// Listens.
    ///
    /// # Errors
    /// [`ListenError`].
    pub async fn open(address: Address, tls: Option<Tls>) -> Result<Self, ListenError> {
        let refused = |error: io::Error| ListenError::Refused(address.clone(), error);
        match &address {
            Address::Tcp(at) => match TcpListener::bind(at).await {
                Ok(door) => {
                    // Port 0 means any: what it became is what callers need.
                    let address = door.local_addr().map_or(address.clone(), Address::Tcp);
                    Ok(Self { address, door: Door::Tcp(door), tls: tls.map(|tls| tls.config().into()), _socket: None })
                }
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(ListenError::Taken(address, None)),
                Err(error) => Err(refused(error)),
            },
            #[cfg(unix)]
            Address::Unix(path) => {
                let door = unix(&address, path).await?;
                let socket = Some(Socket(path.clone()));
                Ok(Self { address, door: Door::Unix(door), tls: None, _socket: socket })
            }
            #[cfg(not(unix))]
            Address::Unix(_) => Err(ListenError::Foreign(address)),
            Address::Pipe(name) => match pipe::open(name) {
                Ok(door) => Ok(Self { address, door: Door::Pipe(door), tls: None, _socket: None }),
                // Windows says of a pipe that is there that it may not be made.
                Err(error) if matches!(error.kind(), io::ErrorKind::AddrInUse | io::ErrorKind::PermissionDenied) => {
                    let who = pipe::holder(name).await.and_then(holder);
                    Err(ListenError::Taken(address, who))
                }
                Err(error) => Err(refused(error)),
            },
        }
    }

    /// Doors that the system opened for us (`LISTEN_FDS` of systemd).
    ///
    /// # Errors
    /// What is no listening socket.
    #[cfg(unix)]
    pub fn inherited(tls: Option<&Tls>) -> io::Result<Vec<Self>> {
        let mut given = listenfd::ListenFd::from_env();
        let mut out = Vec::new();
        for at in 0..given.len() {
            if let Ok(Some(listener)) = given.take_unix_listener(at) {
                listener.set_nonblocking(true)?;
                let path = listener.local_addr()?.as_pathname().map(Path::to_owned).unwrap_or_default();
                let door = Door::Unix(UnixListener::from_std(listener)?);
                // The file is the system's.
                out.push(Self { address: Address::Unix(path), door, tls: None, _socket: None });
                continue;
            }
            let Some(listener) = given.take_tcp_listener(at)? else { continue };
            listener.set_nonblocking(true)?;
            let door = TcpListener::from_std(listener)?;
            let address = Address::Tcp(door.local_addr()?);
            let tls = tls.filter(|_| !address.local()).map(|tls| TlsAcceptor::from(tls.config()));
            out.push(Self { address, door: Door::Tcp(door), tls, _socket: None });
        }
        Ok(out)
    }

    /// The next caller; a connection that was broken before it was taken is none.
    pub(super) async fn accept(&self) -> io::Result<Line> {
        match &self.door {
            Door::Tcp(door) => {
                let (stream, from) = door.accept().await?;
                // Pieces are sent as they come (issue 7, "Streams").
                let _ = stream.set_nodelay(true);
                let peer = Peer::Ip { at: from.ip(), encrypted: self.encrypted() };
                Ok(Line { wire: Wire::Tcp(stream), peer, tls: self.tls.clone(), at: Handle::current().id() })
            }
            #[cfg(unix)]
            Door::Unix(door) => {
                let (stream, _) = door.accept().await?;
                if !stream.peer_cred().is_ok_and(|cred| crate::world::files::own(cred.uid())) {
                    return Err(io::ErrorKind::PermissionDenied.into());
                }
                Ok(Line { wire: Wire::Unix(stream), peer: Peer::Own, tls: None, at: Handle::current().id() })
            }
            Door::Pipe(door) => {
                let stream = pipe::accept(door).await?;
                Ok(Line { wire: Wire::Pipe(stream), peer: Peer::Own, tls: None, at: Handle::current().id() })
            }
        }
    }

    /// Nobody but the owner comes in there.
    pub(super) const fn own(&self) -> bool {
        !matches!(self.door, Door::Tcp(_))
    }

    /// What comes in there is encrypted.
    #[must_use]
    pub const fn encrypted(&self) -> bool {
        self.tls.is_some()
    }
}

/// Takes the place of a socket that nobody listens at any more.
#[cfg(unix)]
async fn unix(address: &Address, path: &Path) -> Result<UnixListener, ListenError> {
    let refused = |error: io::Error| ListenError::Refused(address.clone(), error);
    match crate::world::files::socket_at(path).map_err(refused)? {
        None => {}
        Some(false) => return Err(ListenError::File(address.clone())),
        Some(true) => match UnixStream::connect(path).await {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => crate::world::files::remove_socket(path),
            Ok(line) => {
                let process = line.peer_cred().ok().and_then(|peer| u32::try_from(peer.pid()?).ok());
                return Err(ListenError::Taken(address.clone(), process.and_then(holder)));
            }
            // It may only be busy.
            Err(_) => return Err(ListenError::Taken(address.clone(), None)),
        },
    }
    if let Some(dir) = path.parent().filter(|dir| !dir.as_os_str().is_empty() && !dir.exists()) {
        crate::world::files::private_dir(dir).map_err(refused)?;
    }
    let door = match UnixListener::bind(path) {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            return Err(ListenError::Taken(address.clone(), None));
        }
        bound => bound.map_err(refused)?,
    };
    // Until then it may have the umask's mode: whoever comes is looked at all the same.
    crate::world::files::close_socket(path).map_err(refused)?;
    Ok(door)
}

/// A caller's connection before its first byte.
pub(super) struct Line {
    wire: Wire,
    pub(super) peer: Peer,
    tls: Option<TlsAcceptor>,
    /// The runtime that tells of its bytes.
    at: Id,
}

impl Line {
    /// The runtime that asks tells of its bytes from now on, where the connection can be moved: a pipe stays with the
    /// runtime that took it, which then wakes ours.
    ///
    /// # Errors
    /// The system refused.
    pub(super) fn here(self) -> io::Result<Self> {
        let at = Handle::current().id();
        if self.at == at {
            return Ok(self);
        }
        let wire = match self.wire {
            Wire::Tcp(stream) => Wire::Tcp(TcpStream::from_std(stream.into_std()?)?),
            #[cfg(unix)]
            Wire::Unix(stream) => Wire::Unix(UnixStream::from_std(stream.into_std()?)?),
            other => other,
        };
        Ok(Self { wire, at, ..self })
    }

    /// With TLS where the door has it.
    ///
    /// # Errors
    /// The handshake failed.
    pub(super) async fn ready(self) -> io::Result<Wire> {
        match (self.tls, self.wire) {
            (Some(tls), Wire::Tcp(stream)) => Ok(Wire::Tls(Box::new(tls.accept(stream).await?))),
            (_, wire) => Ok(wire),
        }
    }
}

/// What carries bytes.
pub(super) enum Wire {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
    Pipe(PipeStream),
    Tls(Box<tokio_rustls::server::TlsStream<TcpStream>>),
}

impl Hung for Wire {
    fn hung(&self, cx: &mut Context<'_>) -> bool {
        let closed =
            |ready: Option<io::Result<Ready>>| ready.is_some_and(|ready| ready.is_ok_and(Ready::is_read_closed));
        match self {
            Self::Tcp(stream) => {
                stream.poll_read_ready(cx).is_ready() && closed(stream.ready(Interest::READABLE).now_or_never())
            }
            #[cfg(unix)]
            Self::Unix(stream) => {
                stream.poll_read_ready(cx).is_ready() && closed(stream.ready(Interest::READABLE).now_or_never())
            }
            Self::Tls(stream) => {
                let stream = stream.get_ref().0;
                stream.poll_read_ready(cx).is_ready() && closed(stream.ready(Interest::READABLE).now_or_never())
            }
            Self::Pipe(_) => false,
        }
    }
}

macro_rules! each {
    ($self:expr, $stream:ident => $work:expr) => {
        match $self.get_mut() {
            Self::Tcp($stream) => $work,
            #[cfg(unix)]
            Self::Unix($stream) => $work,
            Self::Pipe($stream) => $work,
            Self::Tls($stream) => $work,
        }
    };
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_read(cx, buf))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        each!(self, stream => Pin::new(stream).poll_write(cx, buf))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        each!(self, stream => Pin::new(stream).poll_shutdown(cx))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        each!(self, stream => Pin::new(stream).poll_write_vectored(cx, bufs))
    }

    fn is_write_vectored(&self) -> bool {
        match self {
            Self::Tcp(stream) => stream.is_write_vectored(),
            #[cfg(unix)]
            Self::Unix(stream) => stream.is_write_vectored(),
            Self::Pipe(stream) => stream.is_write_vectored(),
            Self::Tls(stream) => stream.is_write_vectored(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_to_a_caller_goes_out_at_once() {
        let door = Bound::open(Address::parse("127.0.0.1:0").unwrap(), None).await.unwrap();
        let Address::Tcp(at) = door.address else { panic!("{}", door.address) };
        let (_caller, line) = tokio::join!(TcpStream::connect(at), door.accept());
        let Wire::Tcp(stream) = line.unwrap().wire else { panic!("no TCP") };
        assert!(stream.nodelay().unwrap());
    }
}
