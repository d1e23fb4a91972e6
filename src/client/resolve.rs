//! Step: names into routes. An alias is a chain in failover order, a pool gives its members turns, a role follows the
//! user's list or the catalog's ranks, and a level in parentheses goes with what stands before it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::error::CallError;
use super::found::{Found, Hit};
use super::route::{Landscape, Rank, Roles, Route, Way};
use super::standing::{Lots, Still};
use crate::auth::{Standee, View, Why, order};
use crate::catalog::{Catalog, Role, vectors};
use crate::config::{NameRow, Strategy};
use crate::model::{Demand, ModelName};
use crate::providers::Upstream;

/// More names than this in one chain are no choice any more.
const MOST: usize = 256;

/// One name and what it was taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// As it was asked for, or as it stands in an alias, a pool or a role.
    pub name: String,
    /// What it stands for, one phrase.
    pub means: String,
}

/// What names lead to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// In the order they are to be tried, those that are drained or signed out behind their equals.
    pub routes: Vec<Route>,
    /// What names were taken for; only where it was asked for.
    pub steps: Vec<Meaning>,
    /// Names in aliases, pools and roles that lead nowhere now.
    pub missing: Vec<String>,
}

/// The places of an upstream's accounts in the order they are to be tried.
struct Line {
    upstream: Arc<Upstream>,
    /// Empty = the same for all its models.
    model: String,
    places: Vec<(usize, Why)>,
}

pub(super) struct Resolver<'a> {
    land: &'a Landscape,
    catalog: &'a Catalog,
    roles: Roles<'a>,
    lots: &'a mut dyn Lots,
    told: bool,
    out: Resolved,
    /// Aliases, pools and roles that lead to where we are.
    path: Vec<String>,
    /// The group of the outermost pool.
    pool: Option<u32>,
    group: u32,
    /// Names looked at, and those that led somewhere.
    visits: usize,
    hits: usize,
    /// Ordered once in a decision.
    lines: Vec<Line>,
    /// The first route of each model at an upstream that is among the routes.
    heads: Vec<Route>,
}

impl<'a> Resolver<'a> {
    pub(super) fn new(land: &'a Landscape, catalog: &'a Catalog, roles: Roles<'a>, lots: &'a mut dyn Lots) -> Self {
        Self {
            land,
            catalog,
            roles,
            lots,
            told: false,
            out: Resolved::default(),
            path: Vec::new(),
            pool: None,
            group: 0,
            visits: 0,
            hits: 0,
            lines: Vec::new(),
            heads: Vec::new(),
        }
    }

    /// Keeps what every name was taken for.
    pub(super) fn told(self) -> Self {
        Self { told: true, ..self }
    }

    /// The routes for what was asked: names separated by commas, in failover order.
    ///
    /// # Errors
    /// As [`Landscape::routes`].
    pub(super) fn all(mut self, asked: &ModelName) -> Result<Resolved, CallError> {
        self.land.cards.begin(self.land);
        if !self.land.upstreams.iter().any(|u| self.land.reachable(u)) {
            return Err(self.land.nobody());
        }
        self.out.routes.reserve(self.land.credentials.len());
        for name in asked.0.split(',').map(str::trim).filter(|n| !n.is_empty()) {
            let (hits, missed, first) = (self.hits, self.out.missing.len(), self.out.routes.len());
            self.name(name, None);
            if let Some((_, own)) = Demand::suffix(name) {
                let said = self.out.routes.iter_mut().skip(first).filter(|route| route.effort == Some(own));
                said.for_each(|route| route.said = true);
            }
            if self.hits > hits {
                continue;
            }
            // Of a chain of which nothing can be served, the first name is the one to mend.
            let unknown = self.out.missing.get(missed).cloned();
            let shut = self.land.shut(unknown.as_deref().unwrap_or_default());
            if self.land.locked.is_some() || shut.is_some() {
                return Err(shut.filter(|_| self.land.locked.is_none()).unwrap_or_else(|| self.land.nobody()));
            }
            if let Some(name) = unknown {
                if let Some(word) = Demand::misspelt(&name) {
                    return Err(CallError::NoEffort { word: word.to_owned() });
                }
                let model = Demand::suffix(&name).map_or(name.as_str(), |(base, _)| base).to_owned();
                let near = self.land.near(crate::config::bare(&model), self.catalog);
                return Err(CallError::UnknownModel { model, near });
            }
        }
        if self.out.routes.is_empty() { Err(self.land.nobody()) } else { Ok(self.out) }
    }

    /// One name; `effort` is what was asked for around it, and gives way to its own.
    fn name(&mut self, name: &str, effort: Option<Demand>) {
        self.visits += 1;
        if self.visits > MOST {
            return;
        }
        if let Some(found) = self.land.cards.found(name).filter(|_| !self.told) {
            return self.emit(name, &found, effort);
        }
        let (base, own) = match Demand::suffix(name).filter(|_| !self.land.serves(name, self.catalog)) {
            Some((base, own)) => {
                self.step(name, || format!("{base} with effort {own}"));
                (base, Some(own))
            }
            // A name that ends so is a model's only where somebody is known to serve exactly that.
            None if Demand::misspelt(name).is_some() && !self.land.serves(name, self.catalog) => {
                self.out.missing.push(name.to_owned());
                return;
            }
            None => (name, None),
        };
        let effort = own.or(effort);
        if self.path.iter().any(|n| n == base) {
            // A role that the user's list for it names: a chain has an end.
            self.out.missing.push(name.to_owned());
            return;
        }
        let land = self.land;
        if let Some(row) = land.names.get(base) {
            self.path.push(base.to_owned());
            self.row(row, effort);
            self.path.pop();
            return;
        }
        let Some(role) = Role::parse(base) else { return self.leaf(name, base, own, effort) };
        let own = (self.roles)(role);
        if own.is_empty() {
            let (day, basis) = self.catalog.ranked();
            self.step(base, || format!("a role, by the catalog's ranks of {day} ({basis})"));
            self.ranks(role, effort);
            return;
        }
        self.step(base, || format!("a role, by your list: {}", own.join(", ")));
        self.path.push(base.to_owned());
        own.iter().for_each(|member| self.name(member, effort));
        self.path.pop();
    }

    fn row(&mut self, row: &NameRow, effort: Option<Demand>) {
        let Some(sharing) = &row.sharing else {
            self.step(&row.name, || match row.members.len() {
                1 => format!("an alias of {}", row.text()),
                _ => format!("a chain, in this order: {}", row.text()),
            });
            row.members.iter().for_each(|member| self.name(member, effort));
            return;
        };
        let standees: Vec<Standee<'_>> = row
            .members
            .iter()
            .enumerate()
            .map(|(n, member)| Standee {
                name: member,
                priority: 0,
                weight: sharing.weights.get(n).copied(),
                signed_out: false,
                draining: false,
                cooling: self.cools(member),
            })
            .collect();
        let counter = format!("pool:{}", row.name);
        let parts = |member: &str| {
            let (upstream, model) = crate::config::bare(member).split_once('/').unwrap_or_default();
            (upstream.to_owned(), model.to_owned())
        };
        let standing = &self.land.standing;
        let used = |member: &str| standing.used(&parts(member).0, None);
        let window = |member: &str| {
            let (upstream, model) = parts(member);
            standing.window(&upstream, None, &model)
        };
        let members = self.line(&counter, sharing.strategy, None, &used, &window, &standees);
        self.step(&row.name, || {
            let first = members.first().map_or("", |(place, _)| row.members[*place].as_str());
            format!("a pool, {}; first now: {first}", row.text())
        });
        let outer = self.pool;
        if outer.is_none() {
            self.group += 1;
            self.pool = Some(self.group);
        }
        members.iter().for_each(|(place, _)| self.name(&row.members[*place], effort));
        self.pool = outer;
    }

    /// Every way to a pool's member that is written `upstream/model` cools down.
    fn cools(&self, member: &str) -> bool {
        let land = self.land;
        if !land.standing.cold() {
            return false;
        }
        let Some((head, model)) = crate::config::bare(member).split_once('/') else { return false };
        let Some(upstream) = land.upstreams.iter().find(|u| u.name == head) else { return false };
        let hit = land.hit(upstream, &land.card(upstream, model, self.catalog));
        hit.is_some_and(|hit| hit.routes.iter().all(|route| land.standing.cooling(route.shared_keys())))
    }

    /// Orders equals. Only what is asked first moves counters: a route far behind takes nobody's turn.
    fn line(
        &mut self,
        counter: &str,
        strategy: Strategy,
        pin: Option<&str>,
        used: &dyn Fn(&str) -> (u64, u64),
        window: &dyn Fn(&str) -> Option<crate::auth::Window>,
        standees: &[Standee<'_>],
    ) -> Vec<(usize, Why)> {
        let leads = self.out.routes.is_empty();
        let mut still = Still(&self.land.standing);
        let lots = std::cell::RefCell::new(if leads { &mut *self.lots } else { &mut still as &mut dyn Lots });
        let mut turn = || lots.borrow_mut().turn(counter);
        let mut dice = |n: u64| lots.borrow_mut().dice(n);
        order(standees, &mut View { strategy, pin, turn: &mut turn, dice: &mut dice, used, window })
    }

    /// A model, at the upstream that is written before it or wherever it is known.
    fn leaf(&mut self, name: &str, base: &str, own: Option<Demand>, effort: Option<Demand>) {
        let land = self.land;
        let mut hits = Vec::new();
        if let Some((head, model)) = base.split_once('/')
            && let Some(upstream) = land.upstreams.iter().find(|u| u.name == head)
            && !model.is_empty()
        {
            let card = land.card(upstream, model, self.catalog);
            if card.id != model {
                self.step(base, || format!("another name of {head}/{}", card.id));
            }
            hits.extend(land.hit(upstream, &card));
        } else {
            for upstream in &land.upstreams {
                let known = land.known(upstream).find(|c| c.id == base || c.aliases.iter().any(|a| a == base)).cloned();
                let listed = known.or_else(|| self.catalog.card_to_send(&upstream.provider, base));
                if let Some(card) = listed.or_else(|| vectors(&upstream.provider, base)) {
                    if card.id != base {
                        self.step(base, || format!("another name of {}/{}", upstream.name, card.id));
                    }
                    hits.extend(land.hit(upstream, &land.shared(upstream, &card)));
                }
            }
        }
        let found = land.cards.keep(name, Found { effort: own, hits });
        self.emit(name, &found, effort);
    }

    /// The catalog's ranks among what is connected.
    fn ranks(&mut self, role: Role, effort: Option<Demand>) {
        let (land, begin) = (self.land, self.out.routes.len());
        // No name begins with a space: the user's list for a role is looked at first.
        let name = format!(" {role}");
        let found = land.cards.found(&name).unwrap_or_else(|| {
            let mut hits = Vec::new();
            for card in self.catalog.role(role) {
                for upstream in land.upstreams.iter().filter(|u| u.provider == card.provider) {
                    hits.extend(land.hit(upstream, &land.shared(upstream, card)));
                }
            }
            // Upstreams the catalog does not rank: a router that chooses by itself, configured rows, local servers.
            for upstream in &land.upstreams {
                if upstream.provider == "openrouter" {
                    hits.extend(land.hit(upstream, &land.card(upstream, "openrouter/auto", self.catalog)));
                }
                if !self.catalog.ranks(&upstream.provider) {
                    hits.extend(
                        land.known(upstream).filter_map(|card| land.hit(upstream, &land.shared(upstream, card))),
                    );
                }
            }
            land.cards.keep(&name, Found { effort: None, hits })
        });
        found.hits.iter().for_each(|hit| self.serve(hit, effort));
        // Local answers cost nothing but quality and time: they stand behind what is hosted.
        self.out.routes[begin..].sort_by_key(Route::local);
    }

    fn emit(&mut self, name: &str, found: &Found, effort: Option<Demand>) {
        if found.hits.is_empty() {
            self.out.missing.push(name.to_owned());
        }
        found.hits.iter().for_each(|hit| self.serve(hit, found.effort.or(effort)));
    }

    /// A model at an upstream, over each account in turn.
    fn serve(&mut self, hit: &Hit, effort: Option<Demand>) {
        let Some(head) = hit.routes.first() else { return };
        let Way { upstream, card, credential, .. } = &**head;
        self.hits += 1;
        if self.heads.iter().any(|r| Arc::ptr_eq(&r.upstream, upstream) && r.card.id == card.id) {
            return;
        }
        self.heads.push(head.clone());
        let group = self.pool.unwrap_or_else(|| {
            self.group += 1;
            self.group
        });
        let placed = |route: &Route, why| {
            let mut route = route.clone();
            (route.rank, route.effort) = (Rank { group, why }, effort);
            route
        };
        if credential.is_none() {
            self.out.routes.extend(hit.routes.iter().map(|route| placed(route, Why::Alone)));
            return;
        }
        let seats = self.seats(hit, upstream, &card.id);
        let places = &self.lines[seats].places;
        self.out.routes.extend(places.iter().map(|(n, why)| placed(&hit.routes[*n], *why)));
    }

    /// Which of the lines is that of a model's accounts.
    fn seats(&mut self, hit: &Hit, upstream: &Arc<Upstream>, model: &str) -> usize {
        let (land, name) = (self.land, upstream.name.as_str());
        let strategy = land.strategies.at(name);
        // Windows and cool-downs are a model's own; everything else is the same for all models of an upstream.
        let own = strategy == Strategy::SoonestReset || (strategy == Strategy::RoundRobin && land.standing.cold());
        let of = if own { model } else { "" };
        if let Some(n) = self.lines.iter().position(|line| Arc::ptr_eq(&line.upstream, upstream) && line.model == of) {
            return n;
        }
        let mut standees: Vec<Standee<'_>> = Vec::with_capacity(hit.routes.len());
        standees.extend(hit.routes.iter().filter_map(|route| Some((route, route.credential.as_ref()?))).map(
            |(route, c)| Standee {
                name: &c.account,
                priority: c.priority,
                weight: c.weight,
                signed_out: c.grant.as_ref().is_some_and(|g| g.ended.is_some()),
                draining: land.standing.draining(name, &c.account),
                cooling: land.standing.cooling(route.shared_keys()),
            },
        ));
        let pin = land.standing.pin(name).map(|(account, _)| account);
        let used = |account: &str| land.standing.used(name, Some(account));
        let window = |account: &str| land.standing.window(name, Some(account), model);
        let places = self.line(&hit.counter, strategy, pin, &used, &window, &standees);
        self.lines.push(Line { upstream: Arc::clone(upstream), model: of.to_owned(), places });
        self.lines.len() - 1
    }

    fn step(&mut self, name: &str, means: impl FnOnce() -> String) {
        if self.told && !self.out.steps.iter().any(|s| s.name == name) {
            self.out.steps.push(Meaning { name: name.to_owned(), means: means() });
        }
    }
}

/// The upstreams that a name leads to, when each of its models is written with one; `None` when any is not.
pub(super) fn heads(
    asked: &str,
    names: &HashMap<String, NameRow>,
    roles: &dyn Fn(Role) -> Vec<String>,
    upstreams: &[Upstream],
) -> Option<HashSet<String>> {
    let mut out = HashSet::new();
    let mut seen: HashSet<String> = HashSet::new();
    let mut stack: Vec<String> = asked.split(',').map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()).collect();
    while let Some(name) = stack.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let base = Demand::suffix(&name).map_or(name.as_str(), |(base, _)| base);
        if let Some(row) = names.get(base) {
            stack.extend(row.members.iter().cloned());
            continue;
        }
        if let Some(role) = Role::parse(base) {
            let own = roles(role);
            if own.is_empty() {
                return None;
            }
            stack.extend(own);
            continue;
        }
        let (head, _) = base.split_once('/')?;
        out.insert(upstreams.iter().find(|u| u.name == head)?.name.clone());
    }
    (!out.is_empty()).then_some(out)
}
