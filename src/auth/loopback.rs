//! The listener that the browser comes back to (RFC 8252): on this machine alone, before the browser is sent away.

use std::collections::VecDeque;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};

use super::callback::{self, Answer, Away, Expected};
use super::error::SignInError;
use super::page::page;
use super::setup::Redirect;
use super::talk::Talk;
use crate::world::input::Lines;

/// A person has this long.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);
/// A browser has this long to say what it wants.
const BRISK: Duration = Duration::from_secs(10);
/// Browsers open a few lines in advance, and nobody needs more: the oldest one that says nothing makes room.
const CROWD: usize = 32;

/// A port of ours.
#[derive(Debug)]
pub(super) struct Loopback {
    four: TcpListener,
    /// A browser may take `localhost` for this one.
    six: Option<TcpListener>,
    port: u16,
}

impl Loopback {
    /// Takes the port.
    pub(super) async fn bind(redirect: &Redirect) -> Result<Self, SignInError> {
        let failed = |why| SignInError::Port { port: redirect.port, why };
        let mut tries = 8;
        loop {
            let four = TcpListener::bind((Ipv4Addr::LOCALHOST, redirect.port)).await.map_err(failed)?;
            let port = four.local_addr().map_err(failed)?.port();
            if redirect.host != "localhost" {
                return Ok(Self { four, six: None, port });
            }
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(six) => return Ok(Self { four, six: Some(six), port }),
                // Somebody else there could get what is meant for us.
                Err(e) if e.kind() == io::ErrorKind::AddrInUse && redirect.port == 0 && tries > 0 => tries -= 1,
                Err(e) if e.kind() == io::ErrorKind::AddrInUse => return Err(failed(e)),
                // There is no IPv6 here, so nobody comes that way.
                Err(_) => return Ok(Self { four, six: None, port }),
            }
        }
    }

    /// The port.
    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        match &self.six {
            None => self.four.accept().await,
            Some(six) => tokio::select! {
                done = self.four.accept() => done,
                done = six.accept() => done,
            },
        }
    }

    /// Waits for the answer that belongs to this sign-in, from a browser or from a line that somebody pastes.
    pub(super) async fn wait(
        self,
        expected: &Expected,
        talk: &dyn Talk,
        mut lines: Option<Lines>,
        patience: Duration,
    ) -> Result<Answer, SignInError> {
        let end = Instant::now() + patience;
        let mut guests = FuturesUnordered::new();
        // Dropping one sends its guest away, as long as the guest has not said what it wants.
        let mut silent = VecDeque::<oneshot::Sender<()>>::new();
        loop {
            tokio::select! {
                came = self.accept() => match came {
                    Ok((stream, _)) => {
                        silent.retain(|guest| !guest.is_closed());
                        if silent.len() >= CROWD {
                            silent.pop_front();
                            // What the others have said meanwhile is heard before any of them has to go.
                            tokio::task::yield_now().await;
                        }
                        let (stays, leave) = oneshot::channel();
                        silent.push_back(stays);
                        guests.push(serve(stream, expected, leave));
                    }
                    // Out of handles, for example: it may pass, and a loop that spins would not help.
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                },
                Some(served) = guests.next(), if !guests.is_empty() => match served {
                    Some(Ok(answer)) => return Ok(answer),
                    Some(Err(away)) => turned(away, talk)?,
                    None => {}
                },
                line = next(&mut lines) => match line {
                    None => lines = None,
                    Some(line) if line.trim().is_empty() => {}
                    Some(line) => match callback::pasted(&line, expected) {
                        Ok(answer) => return Ok(answer),
                        Err(Away::Issuer) => turned(Away::Issuer, talk)?,
                        Err(Away::State) => turned(Away::State, talk)?,
                        Err(_) => talk.tell("this is not the address that the browser ended at; still waiting"),
                    },
                },
                () = sleep_until(end) => return Err(SignInError::Late(patience.as_secs() / 60)),
            }
        }
    }
}

fn turned(away: Away, talk: &dyn Talk) -> Result<(), SignInError> {
    match away {
        Away::State => talk.tell("an answer that belongs to another sign-in was refused; still waiting"),
        Away::Issuer => {
            return Err(SignInError::Identity("it comes from another server than the one that was asked".to_owned()));
        }
        _ => {}
    }
    Ok(())
}

async fn next(lines: &mut Option<Lines>) -> Option<String> {
    match lines {
        Some(lines) => lines.next().await,
        None => std::future::pending().await,
    }
}

/// Reads one request and answers it; `None` when there was none before it had to leave.
async fn serve(stream: TcpStream, expected: &Expected, leave: oneshot::Receiver<()>) -> Option<Result<Answer, Away>> {
    let head = tokio::select! {
        biased;
        head = timeout(BRISK, head(&stream)) => head.ok()?.ok()?,
        _ = leave => return None,
    };
    if head.is_empty() {
        return None;
    }
    let read = if callback::whole(&head) { callback::request(&head, expected) } else { Err(Away::Broken) };
    let shown = match &read {
        Ok(Answer::Code { .. }) => page(
            200,
            "Thank you",
            "monster has your answer. The rest happens in the terminal, and this page can be closed.",
        ),
        Ok(Answer::No { .. }) => {
            page(200, "Not signed in", "The answer was no. The terminal says more, and this page can be closed.")
        }
        Err(away) => page(away.status(), "Not here", away.says()),
    };
    // Whoever hung up does not see the page; what was said counts all the same.
    let _ = timeout(BRISK, write(&stream, &shown)).await;
    Some(read)
}

async fn head(stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let mut piece = [0; 2048];
    while !callback::whole(&out) && out.len() <= callback::LONGEST {
        stream.readable().await?;
        match stream.try_read(&mut piece) {
            Ok(0) => break,
            Ok(n) => out.extend_from_slice(&piece[..n]),
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(out)
}

async fn write(stream: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        stream.writable().await?;
        match stream.try_write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}
