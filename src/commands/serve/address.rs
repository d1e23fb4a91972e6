//! Where a caller finds what listens at an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::commands::error::{CommandError, Exit};
use crate::config::Serve;
use crate::serve::Address;

/// The variable in which a person's shell holds the access key: nothing that is printed holds one.
pub(in crate::commands) const KEY: &str = "MONSTER_KEY";

/// Where a caller on this machine finds who listens at `at`: "every address" is none that can be called.
pub(super) fn reached(at: SocketAddr) -> SocketAddr {
    let ip = match at.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, at.port())
}

/// The first address that other tools can call, without a path: they know no sockets in the file system.
///
/// # Errors
/// Exit 1 when there is none.
pub(in crate::commands) fn base(serve: &Serve) -> Result<String, CommandError> {
    let mut wrong = None;
    for text in &serve.listen {
        match Address::parse(text) {
            // Port 0 becomes another with each start.
            Ok(Address::Tcp(at)) if at.port() > 0 => {
                let reached = reached(at);
                // Beyond this machine it is TLS, under a name that the certificate knows.
                if at.ip().is_loopback() || serve.certificate.is_none() {
                    return Ok(format!("http://{reached}"));
                }
                let plain = |host: &&String| host.chars().all(|c| c.is_ascii_alphanumeric() || ".-".contains(c));
                return Ok(match serve.hosts.iter().find(plain) {
                    Some(name) => format!("https://{name}:{}", at.port()),
                    None => format!("https://{reached}"),
                });
            }
            Ok(_) => {}
            Err(what) => wrong = wrong.or(Some(what)),
        }
    }
    let what = wrong.unwrap_or_else(|| "monster serve listens at no address that other tools can call".to_owned());
    Err(CommandError::new(Exit::Failed, what).hint("give it one: monster config set serve.listen 127.0.0.1:7766"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listens(listen: &[&str], certificate: bool, hosts: &[&str]) -> Result<String, String> {
        let words = |all: &[&str]| all.iter().map(|w| (*w).to_owned()).collect();
        let serve = Serve {
            listen: words(listen),
            certificate: certificate.then(|| "c.pem".to_owned()),
            key: None,
            hosts: words(hosts),
            restore: "off".to_owned(),
            park: 0,
            deadline: 1,
            body: 1,
            connections: 1,
            drain: 0,
            telemetry: None,
            telemetry_headers: None,
        };
        base(&serve).map_err(|e| e.what)
    }

    #[test]
    fn the_first_tcp_address_is_called_as_a_client_here_calls_it() {
        let rows: [(&[&str], bool, &[&str], &str); 10] = [
            (&["127.0.0.1:7766"], false, &[], "http://127.0.0.1:7766"),
            (&["tcp:127.0.0.1:7766"], false, &[], "http://127.0.0.1:7766"),
            (&["localhost:7766"], false, &[], "http://127.0.0.1:7766"),
            (&["0.0.0.0:99"], true, &["app://notes", "box.example"], "https://box.example:99"),
            (&["unix:/run/m.sock", "[::1]:80"], false, &[], "http://[::1]:80"),
            (&["0.0.0.0:99"], false, &[], "http://127.0.0.1:99"),
            (&["[::]:99"], false, &[], "http://[::1]:99"),
            (&["0.0.0.0:99"], true, &["box.example"], "https://box.example:99"),
            (&["10.0.0.2:99"], true, &[], "https://10.0.0.2:99"),
            (&["127.0.0.1:99", "10.0.0.2:99"], true, &["box.example"], "http://127.0.0.1:99"),
        ];
        for (listen, certificate, hosts, base) in rows {
            assert_eq!(listens(listen, certificate, hosts).as_deref(), Ok(base), "{listen:?}");
        }
        for nothing in [&["unix:/a:1"][..], &["127.0.0.1:0"], &["pipe:x"], &[]] {
            assert!(listens(nothing, false, &[]).is_err(), "{nothing:?}");
        }
    }
}
