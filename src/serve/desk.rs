//! What requests are served with: one client, and the settings that hold. A reload puts another in its place; requests that
//! are under way keep the one they began with.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::host::Names;
use crate::client::Client;
use crate::secrets::{Conversation, Mode, Redactor, Restore};
use crate::world::clock::Stopwatch;

/// More callers' placeholders than these are not remembered at once.
const MOST: usize = 256;

/// The settings of the proxy.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Callers on this machine's own addresses need no key.
    pub open: bool,
    /// Names under which it is called, beside this machine's own.
    pub hosts: Vec<String>,
    /// Where placeholders become secrets again.
    pub restore: Restore,
    /// How long a request waits for cooling routes.
    pub park: Duration,
    /// How long a request may take.
    pub deadline: Duration,
    /// Largest body (bytes).
    pub body: usize,
}

/// What is kept for a caller, and the rules it is kept by.
struct Kept {
    talk: Arc<Conversation>,
    redactor: Arc<Redactor>,
    restore: Restore,
}

/// What requests are served with.
pub struct Desk {
    /// The one client.
    pub client: Client,
    /// The settings.
    pub settings: Settings,
    /// What finds secrets for callers whose keys want something else done with them than the settings do.
    pub redactors: Vec<(Mode, Arc<Redactor>)>,
    /// By caller: what was looked at already, and what may be given back.
    talks: Mutex<HashMap<String, Kept>>,
    begun: Stopwatch,
    /// Under which it is called; they change with the settings alone.
    names: OnceLock<Names>,
}

impl Desk {
    /// A desk with this client.
    #[must_use]
    pub fn new(client: Client, settings: Settings, redactors: Vec<(Mode, Arc<Redactor>)>) -> Self {
        Self { client, settings, redactors, talks: Mutex::default(), begun: Stopwatch::start(), names: OnceLock::new() }
    }

    /// What finds secrets in this mode; `None` = as the settings say.
    pub(super) fn redactor(&self, mode: Option<Mode>) -> Arc<Redactor> {
        let own = mode.and_then(|mode| self.redactors.iter().find(|(known, _)| *known == mode));
        Arc::clone(own.map_or(&self.client.redactor, |(_, redactor)| redactor))
    }

    /// What is kept for a caller: its placeholders stay the same, and what it sends again costs no second look.
    pub(super) fn talk(&self, caller: &str, redactor: &Arc<Redactor>, restore: Restore) -> Arc<Conversation> {
        let mut talks = self.talks.lock().unwrap_or_else(PoisonError::into_inner);
        // What a key may has changed: what was kept under the other rules is nobody's any more.
        if let Some(known) = talks.get(caller)
            && Arc::ptr_eq(&known.redactor, redactor)
            && known.restore == restore
        {
            return Arc::clone(&known.talk);
        }
        if talks.len() >= MOST {
            talks.clear();
        }
        let talk = Arc::new(Conversation::new(Arc::clone(redactor), restore));
        let kept = Kept { talk: Arc::clone(&talk), redactor: Arc::clone(redactor), restore };
        talks.insert(caller.to_owned(), kept);
        talk
    }

    /// The names under which it is called that listens there. They are kept: nobody asks before it listens.
    pub(super) fn names(&self, listen: impl FnOnce() -> Vec<SocketAddr>) -> &Names {
        self.names.get_or_init(|| Names::new(&self.settings.hosts, listen()))
    }

    /// Names of upstreams that can really be asked.
    #[must_use]
    pub fn upstreams(&self) -> Vec<String> {
        let Client { landscape, catalog, .. } = &self.client;
        // One that needs no key is asked for whatever model is named, listed or not.
        let served = landscape
            .upstreams
            .iter()
            .filter(|upstream| landscape.open(upstream) || !landscape.served_by(upstream, catalog).is_empty());
        served.map(|upstream| upstream.name.clone()).collect()
    }

    /// Time since it was opened.
    pub(super) fn age(&self) -> Duration {
        self.begun.elapsed()
    }
}
