//! An account that has few requests left is not asked for more voices than it has: another takes the rest, or they wait
//! for its window to begin anew.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::client::{Client, Listener, Notice, Route};
use crate::store::LimitRow;

/// A model over an account at an upstream.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Place {
    upstream: String,
    account: String,
    model: String,
}

/// What was asked over a place in this discussion.
#[derive(Debug, Clone, Copy, Default)]
struct Asked {
    running: u64,
    ended: u64,
}

/// What a counter said when this discussion first heard of it, or when it was filled anew: so many voices have a place
/// there, however slowly it counts them.
#[derive(Debug, Clone, Copy)]
struct Word {
    left: u64,
    /// Calls that had begun by then.
    begun: u64,
}

/// How many calls an account has left for a voice.
#[derive(Debug, Clone, Copy, Default)]
struct Left {
    /// By counters that cover this model, and until when (ms since 1970); `None` = nobody says.
    own: Option<(u64, i64)>,
    /// By counters of other models. They may well not cover this one: another account is better, but nobody waits.
    others: Option<u64>,
}

#[derive(Debug, Default)]
struct Book {
    asked: HashMap<Place, Asked>,
    words: HashMap<(Place, String), Word>,
}

/// Who asks over which account.
#[derive(Debug, Default)]
pub(super) struct Shares(Mutex<Book>);

/// A voice's place at an account, given back when dropped.
pub(super) struct Share<'a> {
    shares: &'a Shares,
    place: Option<Place>,
    routes: Vec<Route>,
    moved: bool,
}

impl Share<'_> {
    /// The routes in the order in which they are to be tried.
    pub(super) fn routes(&self) -> &[Route] {
        &self.routes
    }

    /// It is another order than before.
    pub(super) const fn moved(&self) -> bool {
        self.moved
    }
}

impl Drop for Share<'_> {
    fn drop(&mut self) {
        let mut book = self.shares.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(asked) = self.place.as_ref().and_then(|place| book.asked.get_mut(place)) {
            asked.running = asked.running.saturating_sub(1);
            asked.ended += 1;
        }
    }
}

impl Shares {
    /// A place for one call over the first route whose account has one left, waiting for a window within `patience`
    /// where none has. What is done is told.
    pub(super) async fn take<'a>(
        &'a self,
        client: &Client,
        routes: &[Route],
        patience: Duration,
        ear: &mut dyn Listener,
    ) -> Share<'a> {
        let mut patience = patience;
        loop {
            let rows = client.store.limits().unwrap_or_default();
            let now = client.clock.millis();
            let left: Vec<Left> = routes.iter().map(|route| self.left(route, &rows, now)).collect();
            let may = |left: &Left| left.own.is_none_or(|(left, _)| left > 0);
            let free = left.iter().position(|left| may(left) && left.others != Some(0)).or(left.iter().position(may));
            let soonest = routes.iter().zip(&left).filter_map(|(route, left)| Some((route, left.own?.1)));
            match (free, soonest.min_by_key(|(_, reset)| *reset)) {
                (Some(at), _) => {
                    if let (true, Some(first), Some(other)) = (at > 0, routes.first(), routes.get(at)) {
                        ear.notice(&Notice::Note(format!(
                            "the account {} of {} has no request left for this voice; asking {} over the account {}",
                            first.account(),
                            first.upstream.name,
                            other.name(),
                            other.account()
                        )));
                    }
                    let mut order = routes.to_vec();
                    order.rotate_left(at.min(routes.len().saturating_sub(1)));
                    return self.begun(order, at > 0);
                }
                (None, Some((route, reset))) => {
                    let wait = Duration::from_millis(u64::try_from(reset.saturating_sub(now)).unwrap_or(0) + 1);
                    if wait > patience {
                        ear.notice(&Notice::Note(format!(
                            "the account {} of {} may have no request left for this voice; asking all the same",
                            route.account(),
                            route.upstream.name
                        )));
                        return self.begun(routes.to_vec(), false);
                    }
                    ear.notice(&Notice::Parked { model: route.name(), wait, position: 1, waiting: 1 });
                    tokio::time::sleep(wait).await;
                    client.clock.advance(wait);
                    patience = patience.saturating_sub(wait);
                }
                (None, None) => return self.begun(routes.to_vec(), false),
            }
        }
    }

    fn begun(&self, routes: Vec<Route>, moved: bool) -> Share<'_> {
        let place = routes.first().map(place);
        if let Some(place) = &place {
            let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            book.asked.entry(place.clone()).or_default().running += 1;
        }
        Share { shares: self, place, routes, moved }
    }

    /// What a route's account has left.
    fn left(&self, route: &Route, rows: &[LimitRow], now: i64) -> Left {
        let here = place(route);
        let mut book = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut out = Left::default();
        for row in rows {
            let counts = row.upstream == here.upstream && row.account == here.account && row.unit == "requests";
            let reset = row.reset_ms.filter(|reset| *reset > now && row.seen_ms <= now && counts);
            let (Some(remaining), Some(reset)) = (row.remaining, reset) else { continue };
            let own = row.model.is_empty() || row.model == here.model;
            // Of a counter of one model, only calls of that model; else all of the account.
            let covers = |place: &Place| {
                let one = own && !row.model.is_empty();
                place.upstream == here.upstream && place.account == here.account && (!one || place.model == row.model)
            };
            let asked = book.asked.iter().filter(|(place, _)| covers(place)).map(|(_, asked)| *asked);
            let (running, ended) = asked.fold((0, 0), |(r, e), asked| (r + asked.running, e + asked.ended));
            let key = (Place { model: row.model.clone(), ..here.clone() }, format!("{own}/{}", row.what));
            // What runs is in no word that was said before.
            let news = Word { left: remaining, begun: ended };
            let word = book.words.entry(key).or_insert(news);
            if remaining > word.left {
                *word = news;
            }
            let places = word.left.saturating_sub((running + ended).saturating_sub(word.begun));
            let left = places.min(remaining.saturating_sub(running));
            if own {
                out.own = Some(out.own.map_or((left, reset), |known| known.min((left, reset))));
            } else {
                out.others = Some(out.others.map_or(left, |known| known.min(left)));
            }
        }
        out
    }
}

fn place(route: &Route) -> Place {
    let (upstream, account) = (route.upstream.name.clone(), route.account().to_owned());
    Place { upstream, account, model: route.card.id.clone() }
}
