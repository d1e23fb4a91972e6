//! Step: which (account, model) pairs could serve a request, in the order they are to be tried.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use smol_str::SmolStr;

use super::error::{CallError, Locked};
use super::found::{Cards, Hit};
use super::resolve::{Resolved, Resolver};
use super::standing::{Lots, Standing, Still, Strategies};
use crate::auth::{Credential, Why, quoted};
use crate::catalog::{Catalog, Role, maker_of, vectors, vectors_of};
use crate::config::{EffortRow, NameRow};
use crate::model::{Count, Demand, Effort, ModelCard, ModelName, Via};
use crate::providers::{Auth, Intent, Provider, Upstream, provider};

/// What stands in an account's place where none is needed.
pub const NO_KEY: &str = "no key";

/// One way to serve a request, at its place in one decision.
#[derive(Clone)]
pub struct Route {
    /// The level that the model's name asked for; `None` = the request's own.
    pub effort: Option<Demand>,
    /// That level is the word of whoever asks: it stands behind the name that he called, and in no setting.
    pub said: bool,
    /// Where it stands among the others, and why.
    pub rank: Rank,
    /// Tokens of the request's prompt for this model, where somebody counted them.
    pub count: Option<Count>,
    /// Made once and shared by all decisions: a place in one is all that is made anew.
    way: Arc<Way>,
}

/// What a route is whatever the decision: a model at an upstream over one account.
pub struct Way {
    /// Where.
    pub upstream: Arc<Upstream>,
    /// How it is described.
    pub provider: &'static dyn Provider,
    /// Which model, and what it can do.
    pub card: Arc<ModelCard>,
    /// With which key; `None` where none is needed.
    pub credential: Option<Arc<Credential>>,
    /// The reasoning that the user's settings say for this model: bounds that hold, and a level where a request has none.
    pub usual: Option<Demand>,
    keys: [String; 3],
    name: String,
    via: Via,
}

impl std::ops::Deref for Route {
    type Target = Way;

    fn deref(&self) -> &Way {
        &self.way
    }
}

/// Where a route stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rank {
    /// Routes of one group are equals: accounts for one model, or members of one pool.
    pub group: u32,
    /// Why it stands there in its group.
    pub why: Why,
}

impl std::fmt::Debug for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Route({} as {})", self.name(), self.account())
    }
}

impl Route {
    /// A way to serve a request, with the request's own effort.
    #[must_use]
    pub fn new(
        upstream: Arc<Upstream>,
        provider: &'static dyn Provider,
        card: impl Into<Arc<ModelCard>>,
        credential: Option<Arc<Credential>>,
    ) -> Self {
        Self::made(upstream, provider, card.into(), credential, None)
    }

    fn made(
        upstream: Arc<Upstream>,
        provider: &'static dyn Provider,
        card: Arc<ModelCard>,
        credential: Option<Arc<Credential>>,
        usual: Option<Demand>,
    ) -> Self {
        let rank = Rank::default();
        let (name, account) = (&upstream.name, credential.as_ref().map_or(NO_KEY, |c| c.account.as_str()));
        let keys = [
            format!("model:{name}/{account}/{}", card.id),
            format!("account:{name}/{account}"),
            format!("provider:{name}"),
        ];
        let named = [name.as_str(), "/", &card.id].concat();
        let via = upstream.via_of(account);
        Self {
            effort: None,
            said: false,
            rank,
            count: None,
            way: Arc::new(Way { upstream, provider, card, credential, usual, keys, name: named, via }),
        }
    }

    /// `upstream/model`, as the user may write it.
    #[must_use]
    pub fn name(&self) -> String {
        self.named().to_owned()
    }

    /// As [`Self::name`], made once for a route and its clones.
    #[must_use]
    pub fn named(&self) -> &str {
        &self.way.name
    }

    /// How its upstream is reached for its account.
    pub(super) fn via(&self) -> &Via {
        &self.way.via
    }

    /// It is asked for by the name of a model that somebody describes: nothing else can stand in that. Where any name is
    /// served, it is the caller's own.
    #[must_use]
    pub fn called(&self, asked: &ModelName) -> bool {
        let card = &self.card;
        let named = || self.upstream.models.iter().any(|model| model.id == card.id);
        let described = card.context.is_some() || card.prices.is_some() || named();
        described && (asked.0 == self.card.id || asked.0 == self.named())
    }

    /// Upstream, account and model, as the ledger has who answered.
    pub(super) fn served(&self) -> (SmolStr, SmolStr, SmolStr) {
        (SmolStr::new(&self.upstream.name), SmolStr::new(self.account()), SmolStr::new(&self.card.id))
    }

    /// The account's name; `no key` where none is needed.
    #[must_use]
    pub fn account(&self) -> &str {
        self.credential.as_ref().map_or(NO_KEY, |c| c.account.as_str())
    }

    /// Runs on this machine.
    #[must_use]
    pub fn local(&self) -> bool {
        self.card.local || self.upstream.local
    }

    /// The upstream as this route's credential has to be sent to it.
    #[must_use]
    pub fn signed(&self) -> Arc<Upstream> {
        let credential = self.credential.as_ref();
        let own = credential.and_then(|c| c.bearing(&self.upstream).or_else(|| self.upstream.with_env(&c.account)));
        own.map_or_else(|| Arc::clone(&self.upstream), Arc::new)
    }

    /// What a failure of each width condemns: this model on this account, the account, the provider.
    #[must_use]
    pub fn keys(&self) -> [String; 3] {
        self.shared_keys().clone()
    }

    /// As [`Self::keys`], made once for a route and its clones.
    #[must_use]
    pub fn shared_keys(&self) -> &[String; 3] {
        &self.keys
    }

    /// It takes no new conversations.
    #[must_use]
    pub fn draining(&self) -> bool {
        self.rank.why == Why::Draining
    }

    /// What is wished of this route: the level in its model's name goes before the request's.
    #[must_use]
    pub fn intent(&self, intent: &Intent) -> Intent {
        let mut effort = intent.effort;
        if let Some(own) = self.usual {
            // Whoever wants thought, however much, is given no level that is none.
            let lacks = effort.usual || effort.idle() || (effort.open() && own.level > Effort::None);
            effort = if lacks { effort.with(Some(own)) } else { effort.within(own) };
        }
        let said = self.effort.filter(|_| self.said);
        let asked = intent.asked.map(|asked| asked.with(said));
        Intent { effort: effort.with(self.effort), asked, count: self.count.or(intent.count), ..*intent }
    }

    /// How long a request's prompt is for this model.
    #[must_use]
    pub fn prompt(&self, intent: &Intent) -> Count {
        self.count.unwrap_or_else(|| Count::guess(intent.prompt_bytes))
    }

    /// A prompt of so many tokens fits; an unknown window is given the benefit of the doubt.
    #[must_use]
    pub fn holds(&self, tokens: u64) -> bool {
        self.window().is_none_or(|window| tokens < window)
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
    /// Keys, in the order they were stored.
    pub credentials: Vec<Arc<Credential>>,
    /// Models that upstreams said they have: (upstream name, card).
    pub listed: Vec<(String, ModelCard)>,
    /// What stands in the way of more, one sentence each.
    pub notes: Vec<String>,
    /// Upstreams that the settings name and that cannot be read: their names, and where and why.
    pub lost: Vec<(String, String)>,
    /// Why the sealed file could not be opened, if it could not.
    pub locked: Option<Locked>,
    /// Upstreams that have accounts of their own, disabled ones too, or name a key or a sign-in in settings: nothing is
    /// sent to them without.
    pub keyed: HashSet<String>,
    /// Upstreams that the settings name.
    pub entered: Vec<String>,
    /// Accounts that are disabled: (account, upstream).
    pub disabled: Vec<(String, String)>,
    /// The user's names for models.
    pub names: HashMap<String, NameRow>,
    /// How accounts share the work.
    pub strategies: Strategies,
    /// The reasoning of single models; the first row that fits counts.
    pub efforts: Vec<EffortRow>,
    /// What the settings wish of every model, where callers say for themselves what they want.
    pub wish: Option<Demand>,
    /// Pins, drains, counters, use and windows, as they stood when it was looked at.
    pub standing: Standing,
    /// Cards and routes that were made before.
    pub cards: Cards,
}

/// Lists of models the user set for the roles; an empty list means the catalog's ranks.
pub(super) type Roles<'a> = &'a (dyn Fn(Role) -> Vec<String> + Send + Sync);

impl Landscape {
    /// The routes for what the user asked: a role, an alias, a pool, `upstream/model`, a model id, or several of these
    /// separated by commas, in failover order. Nothing is moved: whose turn it is stays as it is.
    ///
    /// # Errors
    /// `NoRoute` when nothing is connected, `UnknownModel` when nobody serves that name, `Locked` in place of both when
    /// the sealed file may hold what is missing.
    pub fn routes(&self, asked: &ModelName, catalog: &Catalog, roles: Roles<'_>) -> Result<Vec<Route>, CallError> {
        self.drawn(asked, catalog, roles, &mut Still(&self.standing))
    }

    /// As [`Self::routes`], for a request: takes turns and draws lots where the user's strategies say so.
    ///
    /// # Errors
    /// As [`Self::routes`].
    pub fn drawn(
        &self,
        asked: &ModelName,
        catalog: &Catalog,
        roles: Roles<'_>,
        lots: &mut dyn Lots,
    ) -> Result<Vec<Route>, CallError> {
        Ok(Resolver::new(self, catalog, roles, lots).all(asked)?.routes)
    }

    /// As [`Self::routes`], with what every name was taken for.
    pub(super) fn explained(
        &self,
        asked: &ModelName,
        catalog: &Catalog,
        roles: Roles<'_>,
    ) -> Result<Resolved, CallError> {
        Resolver::new(self, catalog, roles, &mut Still(&self.standing)).told().all(asked)
    }

    /// Why there is no route.
    pub(super) fn nobody(&self) -> CallError {
        match &self.locked {
            Some(locked) => locked.clone().into(),
            None => {
                let disabled = self.disabled.iter().map(|(account, upstream)| shut_by(account, upstream));
                // Who has entered one wants that one, and no other provider.
                let off = |upstream: &Upstream| self.disabled.iter().any(|(_, at)| *at == upstream.name);
                let entered = self.upstreams.iter().filter(|u| self.entered.contains(&u.name) && !off(u));
                let unkeyed = entered
                    .filter(|u| provider(&u.provider).is_some_and(|p| p.lacks(u).is_none()) && !self.reachable(u))
                    .map(|u| keyless(&u.name));
                let lost = self.lost.iter().map(|(_, why)| why.clone());
                let notes = lost.chain(self.notes.iter().cloned()).chain(disabled).chain(unkeyed);
                CallError::NoRoute { notes: notes.collect() }
            }
        }
    }

    /// Why an upstream that is there cannot be asked for `upstream/model`.
    pub(super) fn shut(&self, name: &str) -> Option<CallError> {
        let head = name.split_once('/')?.0;
        if let Some((_, why)) = self.lost.iter().find(|(name, _)| name == head) {
            return Some(CallError::NoRoute { notes: vec![why.clone()] });
        }
        let upstream = self.upstreams.iter().find(|u| u.name == head)?;
        if self.reachable(upstream) {
            return None;
        }
        if let Some(lack) = provider(&upstream.provider).and_then(|p| p.lacks(upstream)) {
            return Some(CallError::NoRoute { notes: vec![lack] });
        }
        let off = self.disabled.iter().filter(|(_, at)| at == head);
        let mut notes: Vec<String> = off.map(|(account, at)| shut_by(account, at)).collect();
        if notes.is_empty() {
            notes.push(keyless(head));
        }
        Some(CallError::NoRoute { notes })
    }

    /// Models an upstream has by config or by its own list.
    pub(super) fn known<'a>(&'a self, upstream: &'a Upstream) -> impl Iterator<Item = &'a ModelCard> {
        let listed = self.listed.iter().filter(|(name, _)| *name == upstream.name).map(|(_, card)| card);
        upstream.models.iter().chain(listed)
    }

    /// Somebody is known to serve exactly that name.
    pub(super) fn serves(&self, name: &str, catalog: &Catalog) -> bool {
        let has = |upstream: &Upstream, model: &str| {
            self.known(upstream).any(|c| c.id == model || c.aliases.iter().any(|a| a == model))
                || catalog.card(&upstream.provider, model).is_some()
        };
        match name
            .split_once('/')
            .and_then(|(head, model)| Some((self.upstreams.iter().find(|u| u.name == head)?, model)))
        {
            Some((upstream, model)) => has(upstream, model),
            None => self.upstreams.iter().any(|u| has(u, name)),
        }
    }

    /// Every model one upstream can serve with the keys there are: its own list, else the catalog's.
    #[must_use]
    pub fn served_by(&self, upstream: &Arc<Upstream>, catalog: &Catalog) -> Vec<Route> {
        let mut cards: Vec<&ModelCard> = self.known(upstream).collect();
        if cards.is_empty() {
            cards.extend(catalog.of(&upstream.provider));
        }
        let mut out: Vec<Route> =
            cards.into_iter().flat_map(|card| self.with_keys(upstream, &self.shared(upstream, card))).collect();
        let mut seen = HashSet::new();
        out.retain(|r| seen.insert(r.name()));
        out
    }

    /// The models that make vectors and answer nothing, of which it is known that this upstream has them.
    #[must_use]
    pub fn vectors_by(&self, upstream: &Arc<Upstream>, catalog: &Catalog) -> Vec<Route> {
        let models = vectors_of(&upstream.provider).iter();
        models.filter_map(|id| self.with_keys(upstream, &self.card(upstream, id, catalog)).into_iter().next()).collect()
    }

    /// The card of a model at an upstream; what nobody describes may still be there.
    pub(super) fn card(&self, upstream: &Upstream, model: &str, catalog: &Catalog) -> Arc<ModelCard> {
        if let Some(card) = self.known(upstream).find(|c| c.id == model || c.aliases.iter().any(|a| a == model)) {
            return self.shared(upstream, card);
        }
        if let Some(card) = catalog.card_to_send(&upstream.provider, model) {
            return self.shared(upstream, &card);
        }
        self.cards.card(&upstream.name, model, || {
            if let Some(card) = vectors(&upstream.provider, model) {
                return card;
            }
            let dialects = upstream.dialect.into_iter().collect();
            let mut card = ModelCard::unknown(&upstream.provider, model, maker_of(&upstream.provider, model), dialects);
            card.local = upstream.local;
            card
        })
    }

    /// The card, copied once for all routes over it.
    pub(super) fn shared(&self, upstream: &Upstream, card: &ModelCard) -> Arc<ModelCard> {
        self.cards.card(&upstream.name, &card.id, || card.clone())
    }

    /// A model at an upstream over each of its accounts; `None` where nothing may be sent.
    pub(super) fn hit(&self, upstream: &Arc<Upstream>, card: &Arc<ModelCard>) -> Option<Hit> {
        let routes = self.with_keys(upstream, card);
        (!routes.is_empty()).then(|| Hit { routes, counter: format!("accounts:{}", upstream.name) })
    }

    fn with_keys(&self, upstream: &Arc<Upstream>, card: &Arc<ModelCard>) -> Vec<Route> {
        let Some(provider) = provider(&upstream.provider).filter(|p| p.lacks(upstream).is_none()) else {
            return Vec::new();
        };
        let name = format!("{}/{}", upstream.name, card.id);
        let row = self.efforts.iter().find(|row| row.fits(&name)).map(|row| row.wish);
        let usual = self.wish.map(|wish| wish.with(row)).or(row);
        let route = |credential| Route::made(Arc::clone(upstream), provider, Arc::clone(card), credential, usual);
        let mut out: Vec<Route> = self.keys_of(upstream).map(|c| route(Some(Arc::clone(c)))).collect();
        if out.is_empty() && !self.needs_key(upstream, provider) {
            out.push(route(None));
        }
        out
    }

    pub(super) fn keys_of<'a>(&'a self, upstream: &'a Upstream) -> impl Iterator<Item = &'a Arc<Credential>> {
        self.credentials.iter().filter(move |c| c.upstream == upstream.name)
    }

    pub(super) fn reachable(&self, upstream: &Upstream) -> bool {
        provider(&upstream.provider)
            .filter(|p| p.lacks(upstream).is_none())
            .is_some_and(|p| !self.needs_key(upstream, p) || self.keys_of(upstream).next().is_some())
    }

    /// It is asked for whatever model is named, listed or not, and no account is needed for it.
    #[must_use]
    pub fn open(&self, upstream: &Upstream) -> bool {
        provider(&upstream.provider).is_some_and(|served| !self.needs_key(upstream, served))
    }

    /// Whether nothing may be sent to it without a key. What the sealed file has for it is not known while that is
    /// locked.
    pub(super) fn needs_key(&self, upstream: &Upstream, provider: &dyn Provider) -> bool {
        match &upstream.auth {
            Some(Auth::None) => false,
            Some(_) => true,
            None if provider.local() => self.keyed.contains(&upstream.name),
            None => provider.sign_in().needs_key || self.locked.is_some() || self.keyed.contains(&upstream.name),
        }
    }

    pub(super) fn near(&self, name: &str, catalog: &Catalog) -> Vec<String> {
        let tail = name.rsplit('/').next().unwrap_or(name);
        let served = |id: &String| {
            catalog
                .by_id(id)
                .iter()
                .any(|c| self.upstreams.iter().any(|u| u.provider == c.provider && self.reachable(u)))
        };
        let mut out: Vec<String> = catalog.nearest(tail).into_iter().filter(served).collect();
        out.extend(
            self.upstreams.iter().flat_map(|u| self.known(u)).map(|c| c.id.clone()).filter(|id| id.contains(tail)),
        );
        let mut seen = HashSet::new();
        out.retain(|id| seen.insert(id.clone()));
        out.truncate(3);
        out
    }
}

/// Why a drained account is not asked, and what helps.
pub(super) fn drained(route: &Route) -> String {
    let (account, upstream) = (route.account(), &route.upstream.name);
    let again = quoted(account);
    format!(
        "the account {account} of {upstream} is being drained and takes nothing new; use it again with: monster accounts enable {again}"
    )
}

/// What helps where an upstream has no key.
fn keyless(upstream: &str) -> String {
    format!("there is no key for {upstream}; store one with: monster login {upstream}")
}

pub(super) fn shut_by(account: &str, upstream: &str) -> String {
    format!(
        "the account {account} of {upstream} is disabled; use it again with: monster accounts enable {}",
        quoted(account)
    )
}
