//! Step: which (account, model) pairs could serve a request, in the order they are to be tried.

use std::collections::HashSet;
use std::sync::Arc;

use super::error::{CallError, Locked};
use crate::auth::{Credential, quoted};
use crate::catalog::{Catalog, Role, maker_of};
use crate::model::{ModelCard, ModelName};
use crate::providers::{Auth, Provider, Upstream, provider};

/// What stands in an account's place where none is needed.
pub(super) const NO_KEY: &str = "no key";

/// One way to serve a request.
#[derive(Clone)]
pub struct Route {
    /// Where.
    pub upstream: Arc<Upstream>,
    /// How it is described.
    pub provider: &'static dyn Provider,
    /// Which model, and what it can do.
    pub card: ModelCard,
    /// With which key; `None` where none is needed.
    pub credential: Option<Arc<Credential>>,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Route({} as {})", self.name(), self.account())
    }
}

impl Route {
    /// `upstream/model`, as the user may write it.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.upstream.name, self.card.id)
    }

    /// The account's name; `no key` where none is needed.
    #[must_use]
    pub fn account(&self) -> &str {
        self.credential.as_ref().map_or(NO_KEY, |c| c.account.as_str())
    }

    /// Runs on this machine.
    #[must_use]
    pub fn local(&self) -> bool {
        self.card.local || self.provider.local()
    }

    /// The upstream as this route's credential has to be sent to it.
    #[must_use]
    pub fn signed(&self) -> Arc<Upstream> {
        let bearing = self.credential.as_ref().and_then(|c| c.bearing(&self.upstream));
        bearing.map_or_else(|| Arc::clone(&self.upstream), Arc::new)
    }

    /// What a failure of each width condemns: this model on this account, the account, the provider.
    #[must_use]
    pub fn keys(&self) -> [String; 3] {
        let (upstream, account) = (&self.upstream.name, self.account());
        [
            format!("model:{upstream}/{account}/{}", self.card.id),
            format!("account:{upstream}/{account}"),
            format!("provider:{upstream}"),
        ]
    }

    /// Prompt tokens that fit beside the answer; `None` when the window is not known.
    #[must_use]
    pub fn window(&self) -> Option<u64> {
        self.card.context
    }
}

/// Everything that is connected.
#[derive(Debug, Clone, Default)]
pub struct Landscape {
    /// Upstreams with their settings.
    pub upstreams: Vec<Arc<Upstream>>,
    /// Keys, in the order they are to be tried.
    pub credentials: Vec<Arc<Credential>>,
    /// Models that upstreams said they have: (upstream name, card).
    pub listed: Vec<(String, ModelCard)>,
    /// What stands in the way of more, one sentence each.
    pub notes: Vec<String>,
    /// Why the sealed file could not be opened, if it could not.
    pub locked: Option<Locked>,
    /// Upstreams that have accounts of their own, disabled ones too, or name a key or a sign-in in settings: nothing is
    /// sent to them without.
    pub keyed: HashSet<String>,
    /// Accounts that are disabled: (account, upstream).
    pub disabled: Vec<(String, String)>,
}

/// Lists of models the user set for the roles; an empty list means the catalog's ranks.
pub(super) type Roles<'a> = &'a (dyn Fn(Role) -> Vec<String> + Send + Sync);

impl Landscape {
    /// The routes for what the user asked: a role, `upstream/model`, a model id, or several of these
    /// separated by commas, in failover order.
    ///
    /// # Errors
    /// `NoRoute` when nothing is connected, `UnknownModel` when nobody serves that name, `Locked` in place of both when
    /// the sealed file may hold what is missing.
    pub fn routes(&self, asked: &ModelName, catalog: &Catalog, roles: Roles<'_>) -> Result<Vec<Route>, CallError> {
        if !self.upstreams.iter().any(|u| self.reachable(u)) {
            return Err(self.nobody());
        }
        let mut out = Vec::new();
        for name in asked.0.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let found = match Role::parse(name) {
                Some(role) => self.for_role(role, catalog, roles),
                None => self.for_name(name, catalog),
            };
            if found.is_empty() {
                // Of a role the user filled, the first name that nobody serves is the one to mend.
                let unknown = match Role::parse(name) {
                    None => Some(name.to_owned()),
                    Some(role) => roles(role).into_iter().next(),
                };
                let shut = self.shut(unknown.as_deref().unwrap_or_default());
                if self.locked.is_some() || shut.is_some() {
                    return Err(shut.filter(|_| self.locked.is_none()).unwrap_or_else(|| self.nobody()));
                }
                if let Some(model) = unknown {
                    let near = self.near(&model, catalog);
                    return Err(CallError::UnknownModel { model, near });
                }
            }
            out.extend(found);
        }
        let mut seen = HashSet::new();
        out.retain(|r: &Route| seen.insert(r.keys()[0].clone()));
        if out.is_empty() { Err(self.nobody()) } else { Ok(out) }
    }

    /// Why there is no route.
    fn nobody(&self) -> CallError {
        match &self.locked {
            Some(locked) => locked.clone().into(),
            None => {
                let disabled = self.disabled.iter().map(|(account, upstream)| shut_by(account, upstream));
                CallError::NoRoute { notes: self.notes.iter().cloned().chain(disabled).collect() }
            }
        }
    }

    /// Why an upstream that is there cannot be asked for `upstream/model`.
    fn shut(&self, name: &str) -> Option<CallError> {
        let head = name.split_once('/')?.0;
        let upstream = self.upstreams.iter().find(|u| u.name == head)?;
        if self.reachable(upstream) {
            return None;
        }
        let off = self.disabled.iter().filter(|(_, at)| at == head);
        let mut notes: Vec<String> = off.map(|(account, at)| shut_by(account, at)).collect();
        if notes.is_empty() {
            notes.push(format!("there is no key for {head}; store one with: monster login {head}"));
        }
        Some(CallError::NoRoute { notes })
    }

    fn for_role(&self, role: Role, catalog: &Catalog, roles: Roles<'_>) -> Vec<Route> {
        let own = roles(role);
        if !own.is_empty() {
            return own.iter().flat_map(|name| self.for_name(name, catalog)).collect();
        }
        let mut out: Vec<Route> = Vec::new();
        for card in catalog.role(role) {
            for upstream in self.upstreams.iter().filter(|u| u.provider == card.provider) {
                out.extend(self.with_keys(upstream, card.clone()));
            }
        }
        // Upstreams the catalog does not rank: a router that chooses by itself, configured rows, local servers.
        for upstream in &self.upstreams {
            if upstream.provider == "openrouter" {
                out.extend(self.with_keys(upstream, self.card(upstream, "openrouter/auto", catalog)));
            }
            if !catalog.ranks(&upstream.provider) {
                for card in self.known(upstream) {
                    out.extend(self.with_keys(upstream, card));
                }
            }
        }
        // Local answers cost nothing but quality and time: they stand behind what is hosted.
        out.sort_by_key(Route::local);
        out
    }

    fn for_name(&self, name: &str, catalog: &Catalog) -> Vec<Route> {
        if let Some((head, model)) = name.split_once('/')
            && let Some(upstream) = self.upstreams.iter().find(|u| u.name == head)
            && !model.is_empty()
        {
            return self.with_keys(upstream, self.card(upstream, model, catalog));
        }
        let mut out = Vec::new();
        for upstream in &self.upstreams {
            let known = self.known(upstream).into_iter().find(|c| c.id == name || c.aliases.iter().any(|a| a == name));
            if let Some(card) = known.or_else(|| catalog.card_to_send(&upstream.provider, name)) {
                out.extend(self.with_keys(upstream, card));
            }
        }
        out
    }

    /// Models an upstream has by config or by its own list.
    fn known(&self, upstream: &Upstream) -> Vec<ModelCard> {
        let listed = self.listed.iter().filter(|(name, _)| *name == upstream.name).map(|(_, card)| card);
        upstream.models.iter().chain(listed).cloned().collect()
    }

    /// Every model one upstream can serve with the keys there are: its own list, else the catalog's.
    #[must_use]
    pub fn served_by(&self, upstream: &Arc<Upstream>, catalog: &Catalog) -> Vec<Route> {
        let own = self.known(upstream);
        let cards = if own.is_empty() { catalog.of(&upstream.provider).cloned().collect() } else { own };
        let mut out: Vec<Route> = cards.into_iter().flat_map(|card| self.with_keys(upstream, card)).collect();
        let mut seen = HashSet::new();
        out.retain(|r| seen.insert(r.name()));
        out
    }

    fn card(&self, upstream: &Upstream, model: &str, catalog: &Catalog) -> ModelCard {
        let own = self.known(upstream).into_iter().find(|c| c.id == model || c.aliases.iter().any(|a| a == model));
        own.or_else(|| catalog.card_to_send(&upstream.provider, model)).unwrap_or_else(|| {
            let dialects = upstream.dialect.into_iter().collect();
            let mut card = ModelCard::unknown(&upstream.provider, model, maker_of(&upstream.provider, model), dialects);
            card.local = provider(&upstream.provider).is_some_and(Provider::local);
            card
        })
    }

    fn with_keys(&self, upstream: &Arc<Upstream>, card: ModelCard) -> Vec<Route> {
        let Some(provider) = provider(&upstream.provider) else { return Vec::new() };
        let route = |credential| Route { upstream: Arc::clone(upstream), provider, card: card.clone(), credential };
        let mut out: Vec<Route> = self.keys_of(upstream).map(|c| route(Some(Arc::clone(c)))).collect();
        if out.is_empty() && !self.needs_key(upstream, provider) {
            out.push(route(None));
        }
        out
    }

    fn keys_of<'a>(&'a self, upstream: &'a Upstream) -> impl Iterator<Item = &'a Arc<Credential>> {
        self.credentials.iter().filter(move |c| c.upstream == upstream.name)
    }

    fn reachable(&self, upstream: &Upstream) -> bool {
        provider(&upstream.provider)
            .is_some_and(|p| !self.needs_key(upstream, p) || self.keys_of(upstream).next().is_some())
    }

    /// Whether nothing may be sent to it without a key. What the sealed file has for it is not known while that is
    /// locked.
    fn needs_key(&self, upstream: &Upstream, provider: &dyn Provider) -> bool {
        match &upstream.auth {
            Some(Auth::None) => false,
            Some(_) => true,
            None if provider.local() => self.keyed.contains(&upstream.name),
            None => provider.sign_in().needs_key || self.locked.is_some() || self.keyed.contains(&upstream.name),
        }
    }

    fn near(&self, name: &str, catalog: &Catalog) -> Vec<String> {
        let tail = name.rsplit('/').next().unwrap_or(name);
        let served = |id: &String| {
            catalog
                .by_id(id)
                .iter()
                .any(|c| self.upstreams.iter().any(|u| u.provider == c.provider && self.reachable(u)))
        };
        let mut out: Vec<String> = catalog.nearest(tail).into_iter().filter(served).collect();
        out.extend(self.upstreams.iter().flat_map(|u| self.known(u)).map(|c| c.id).filter(|id| id.contains(tail)));
        out.truncate(3);
        out
    }
}

fn shut_by(account: &str, upstream: &str) -> String {
    format!(
        "the account {account} of {upstream} is disabled; use it again with: monster accounts enable {}",
        quoted(account)
    )
}
