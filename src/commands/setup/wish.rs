//! What a tool is to be told: where `monster serve` listens, with which key, and which models there are.

use crate::catalog::Role;
use crate::config::Serve;
use crate::model::Secret;

use crate::commands::error::{CommandError, Exit};

/// The variable that tools read the access key from, where they can.
pub(super) const VARIABLE: &str = "MONSTER_KEY";

/// How the access key gets to a tool.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// The file names the variable, where the tool can read one.
    Variable,
    /// The file holds it.
    Given(Secret),
    /// The file holds the one that we wrote there before; where none is, it is still to be given.
    Kept,
    /// `monster serve` asks for none; a tool that wants one gets a word instead.
    Open,
}

/// What a tool is to be told.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// Where it listens, without a path: `http://127.0.0.1:7766`.
    pub base: String,
    /// The key.
    pub key: Key,
    /// Names of models to offer, in order; never empty.
    pub models: Vec<String>,
    /// The user named them.
    pub chosen: bool,
}

/// What is shown in the place of a key.
pub(super) const SHOWN: &str = "<the key>";
/// What is shown in the place of the one before.
pub(super) const OLD: &str = "<the old key>";
/// What tools are given for a key where none is asked for.
pub(super) const NONE: &str = "none";

impl Wish {
    /// By settings, and the models that were asked for.
    ///
    /// # Errors
    /// Exit 1 when nothing listens where these tools could call.
    pub(super) fn new(serve: &Serve, model: Option<&str>, key: Key) -> Result<Self, CommandError> {
        let named: Vec<String> =
            model.unwrap_or_default().split(',').map(str::trim).filter(|m| !m.is_empty()).map(offered).collect();
        let chosen = !named.is_empty();
        let models = if chosen { named } else { Role::ALL.iter().map(|role| offered(role.name())).collect() };
        Ok(Self { base: base(serve)?, key, models, chosen })
    }

    /// The model that a tool starts with where it has to be told one: the first named, else the everyday role.
    pub(super) fn first(&self) -> String {
        let named = self.models.first().filter(|_| self.chosen).cloned();
        named.unwrap_or_else(|| offered(Role::Balanced.name()))
    }

    /// The model that a tool starts with, if one was asked for.
    pub(super) fn asked(&self) -> Option<String> {
        self.chosen.then(|| self.first())
    }

    /// What a file holds for a key; `None` = it names the variable.
    pub(super) fn word(&self) -> Option<(String, bool)> {
        match &self.key {
            Key::Variable => None,
            Key::Given(key) => Some((key.expose().to_owned(), true)),
            Key::Kept => Some((SHOWN.to_owned(), true)),
            Key::Open => Some((NONE.to_owned(), false)),
        }
    }
}

/// How `monster serve` calls a role; other names are their own.
fn offered(name: &str) -> String {
    if Role::parse(name).is_some() { format!("monster/{name}") } else { name.to_owned() }
}

/// The first TCP address that it listens on, as a client on this machine calls it.
fn base(serve: &Serve) -> Result<String, CommandError> {
    let tcp = serve.listen.iter().find_map(|address| {
        // A path may end in what looks like a port.
        let tcp = !["unix:", "pipe:"].iter().any(|other| address.starts_with(other));
        let (host, port) = address.rsplit_once(':').filter(|_| tcp)?;
        Some((host, port.parse::<u16>().ok().filter(|port| *port > 0)?))
    });
    let Some((host, port)) = tcp else {
        return Err(CommandError::new(
            Exit::Failed,
            "serve.listen has no TCP address, and these tools can call no other",
        )
        .hint("monster config set serve.listen 127.0.0.1:7766"));
    };
    let inside = ["localhost", "[::1]"].contains(&host) || host.starts_with("127.");
    let scheme = if inside || serve.certificate.is_none() { "http" } else { "https" };
    // A certificate is made out to a name; what listens everywhere listens here too.
    let named = serve.hosts.first().map(String::as_str).filter(|_| scheme == "https");
    let host = match host {
        "" | "0.0.0.0" | "*" => named.unwrap_or("127.0.0.1"),
        "[::]" => named.unwrap_or("[::1]"),
        host => named.filter(|_| !inside).unwrap_or(host),
    };
    Ok(format!("{scheme}://{host}:{port}"))
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
        let rows: [(&[&str], bool, &[&str], &str); 7] = [
            (&["127.0.0.1:7766"], false, &[], "http://127.0.0.1:7766"),
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
