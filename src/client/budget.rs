//! Step: what may be spent by the day, the month, the repository and the account. Asked before anything is sent.

use super::listener::{Listener, Notice};
use super::route::Route;
use super::{CallError, Client, meter};
use crate::config::Budget;
use crate::model::{NanoUsd, Request};
use crate::providers::Intent;
use crate::store::{Ceiling, Offer, Reserved, Store, Wanted};

/// The user's budgets, and the ledger that says what was spent.
pub struct Budgets {
    /// What settings say.
    pub limits: Budget,
    /// Where it stands what was spent; also where this call itself is not kept.
    pub ledger: Store,
}

impl Budgets {
    /// A call that would go beyond is not made.
    pub(super) const fn stop(&self) -> bool {
        self.limits.stop && !self.limits.is_empty()
    }
}

/// One limit, as it is told.
struct Limit {
    /// `budget.day`, …
    key: &'static str,
    /// Whose: empty, or ` (NAME)`.
    whose: String,
    /// `today`, `this month`.
    span: &'static str,
    ceiling: Ceiling,
}

/// What budgets would do to a way of making a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Nothing.
    Fits,
    /// It could go beyond one, which is told in words.
    Beyond(String),
    /// Its price is not known, so the smallest of them could not be kept.
    Unpriced(NanoUsd),
}

/// Whose money a call spends beside the user's own budgets.
#[derive(Debug, Clone, Default)]
pub(super) struct Payer {
    /// As the ledger has it.
    pub caller: String,
    /// What he may spend; nothing is asked beyond it, whatever the user's budgets do.
    pub ceilings: Vec<Ceiling>,
    /// The most that this one call may cost.
    pub limit: Option<NanoUsd>,
}

impl Payer {
    fn limits(&self, client: &Client) -> Vec<Limit> {
        if self.ceilings.is_empty() {
            return Vec::new();
        }
        let today = client.clock.day_start().as_millisecond();
        let limit = |ceiling: &Ceiling| Limit {
            key: "the budget of this key",
            whose: String::new(),
            span: if ceiling.since_ms == today { "today" } else { "this month" },
            ceiling: ceiling.clone(),
        };
        self.ceilings.iter().map(limit).collect()
    }
}

/// What a call keeps reserved while it runs.
pub(super) type Held = Option<Reserved>;

impl Client {
    /// The routes that fit into every budget, with what they may cost reserved until the call is over.
    pub(super) fn within_budgets(
        &self,
        routes: Vec<Route>,
        intent: &Intent,
        id: &str,
        payer: &Payer,
        listener: &mut dyn Listener,
    ) -> Result<(Vec<Route>, Held), CallError> {
        let limits = self.limits_of(payer);
        // What runs on this machine costs nothing: no store has to be asked.
        if limits.is_empty() || routes.iter().all(Route::local) {
            return Ok((routes, None));
        }
        let stop = self.stops(&payer.ceilings);
        let estimates: Vec<Option<NanoUsd>> = routes.iter().map(|route| self.estimate(route, intent)).collect();
        if stop && estimates.iter().all(Option::is_none) {
            let limit = limits.iter().map(|limit| limit.ceiling.most).min().unwrap_or_default();
            return Err(CallError::Unpriced { model: routes.first().map(Route::name).unwrap_or_default(), limit });
        }
        let ways = routes.iter().zip(estimates.iter().copied()).filter(|(_, most)| !stop || most.is_some());
        let wanted = Wanted { caller: payer.caller.clone(), stop, ..self.wanted(id, &limits, ways) };
        // A ledger in memory begins empty: it says nothing of what was spent.
        let asked = if self.budgets.ledger.lasts() {
            self.budgets.ledger.admit(wanted).map_err(|e| e.to_string())
        } else {
            Err("the ledger cannot be opened".to_owned())
        };
        let (admitted, held) = match asked {
            Ok(done) => done,
            Err(why) if stop => return Err(CallError::Unwatched { why }),
            Err(why) => {
                listener.notice(&Notice::Note(format!("the budget cannot be watched: {why}")));
                return Ok((routes, None));
            }
        };
        if !stop && let Some((route, _)) = routes.iter().zip(&estimates).find(|(_, most)| most.is_none()) {
            let note = format!("the price of {} is not known, so the budget cannot be watched for it", route.name());
            listener.notice(&Notice::Note(note));
        }
        let priced = routes.into_iter().zip(estimates).filter(|(_, most)| !stop || most.is_some());
        let judged: Vec<(Route, Option<NanoUsd>, Option<usize>)> =
            priced.zip(&admitted.beyond).map(|((route, most), beyond)| (route, most, *beyond)).collect();
        let refused = judged.iter().find_map(|(_, most, beyond)| Some((most.unwrap_or_default(), (*beyond)?)));
        let kept: Vec<(Route, Option<NanoUsd>)> = judged
            .iter()
            .filter(|(.., beyond)| !stop || beyond.is_none())
            .map(|(route, most, _)| (route.clone(), *most))
            .collect();
        if let (true, Some((estimate, place))) = (kept.is_empty(), refused)
            && let (Some(limit), Some(taken)) = (limits.get(place), admitted.taken.get(place))
        {
            return Err(CallError::Budget {
                key: format!("{}{}", limit.key, limit.whose),
                span: limit.span,
                spent: *taken,
                killed: admitted.killed.get(place).copied().unwrap_or_default(),
                estimate,
                limit: limit.ceiling.most,
            });
        }
        self.warn(&limits, &admitted.taken, kept.iter().filter_map(|(_, most)| *most).max(), listener);
        Ok((kept.into_iter().map(|(route, _)| route).collect(), Some(held)))
    }

    /// Whether a further piece of an answer may be asked for, of which those before cost `spent`: what it may cost at
    /// most is reserved with that, in place of what was.
    pub(super) fn goes_on(&self, route: &Route, intent: &Intent, spent: NanoUsd, id: &str, payer: &Payer) -> bool {
        let limits = self.limits_of(payer);
        if limits.is_empty() || route.local() || !self.stops(&payer.ceilings) {
            return true;
        }
        let Some(next) = self.estimate(route, intent) else { return false };
        // The ledger may not have the rows before yet: counted twice is better than not at all.
        let most = Some(NanoUsd(next.0.saturating_add(spent.0)));
        let wanted = self.wanted(id, &limits, std::iter::once((route, most)));
        let wanted = Wanted { caller: payer.caller.clone(), stop: true, ..wanted };
        let ledger = &self.budgets.ledger;
        ledger.lasts() && ledger.renew(wanted).is_ok_and(|renewed| renewed.beyond.iter().all(Option::is_none))
    }

    /// A call that would go beyond a budget of the user's or of its key is not made.
    fn stops(&self, ceilings: &[Ceiling]) -> bool {
        self.budgets.limits.stop || !ceilings.is_empty()
    }

    /// The smallest budget that stops a call from here by a key with these, if one does.
    pub(super) fn stopping(&self, ceilings: &[Ceiling]) -> Option<NanoUsd> {
        let payer = Payer { ceilings: ceilings.to_vec(), ..Payer::default() };
        let limits = self.limits_of(&payer);
        limits.iter().map(|limit| limit.ceiling.most).min().filter(|_| self.stops(ceilings))
    }

    /// What limits a call of this payer's. A key's budget stops; beside it, one that only warns is not watched.
    fn limits_of(&self, payer: &Payer) -> Vec<Limit> {
        let own = if self.budgets.limits.stop || payer.ceilings.is_empty() { self.limits() } else { Vec::new() };
        own.into_iter().chain(payer.limits(self)).collect()
    }

    fn wanted<'a>(
        &self,
        id: &str,
        limits: &[Limit],
        ways: impl Iterator<Item = (&'a Route, Option<NanoUsd>)>,
    ) -> Wanted {
        let offer = |(route, most): (&Route, Option<NanoUsd>)| Offer {
            account: format!("{}/{}", route.upstream.name, route.account()),
            most: most.unwrap_or_default(),
        };
        Wanted {
            id: id.to_owned(),
            repo: self.place.repo.clone(),
            caller: String::new(),
            offers: ways.map(offer).collect(),
            ceilings: limits.iter().map(|limit| limit.ceiling.clone()).collect(),
            stop: self.budgets.limits.stop,
        }
    }

    /// What budgets would do to each of these ways now; nothing is reserved. `Err` says why they cannot be watched.
    pub(super) fn verdicts(&self, ways: &[(&Route, Option<NanoUsd>)]) -> Result<Vec<Verdict>, String> {
        let limits = self.limits();
        if limits.is_empty() || ways.iter().all(|(route, _)| route.local()) {
            return Ok(ways.iter().map(|_| Verdict::Fits).collect());
        }
        if !self.budgets.ledger.lasts() {
            return Err("the ledger cannot be opened".to_owned());
        }
        let wanted = self.wanted("", &limits, ways.iter().copied());
        let weighed = self.budgets.ledger.weigh(wanted).map_err(|e| e.to_string())?;
        let verdict = |((_, most), beyond): (&(&Route, Option<NanoUsd>), &Option<usize>)| {
            let Some(most) = most else {
                return Verdict::Unpriced(limits.iter().map(|limit| limit.ceiling.most).min().unwrap_or_default());
            };
            let limit = beyond.and_then(|at| Some((limits.get(at)?, weighed.taken.get(at)?)));
            limit.map_or(Verdict::Fits, |(limit, taken)| {
                Verdict::Beyond(format!(
                    "{}{} is {:#}: {taken} is spent or reserved {}, and it may cost {most}",
                    limit.key, limit.whose, limit.ceiling.most, limit.span
                ))
            })
        };
        Ok(ways.iter().zip(&weighed.beyond).map(verdict).collect())
    }

    /// Tells once what runs out, the fullest first.
    fn warn(&self, limits: &[Limit], taken: &[NanoUsd], estimate: Option<NanoUsd>, listener: &mut dyn Listener) {
        let estimate = estimate.unwrap_or_default();
        let part = |limit: &Limit, taken: NanoUsd| {
            let with = u128::from(taken.0.saturating_add(estimate.0)) * 100;
            with.checked_div(u128::from(limit.ceiling.most.0)).unwrap_or(u128::MAX)
        };
        let fullest = limits.iter().zip(taken).max_by_key(|(limit, taken)| part(limit, **taken));
        if let Some((limit, taken)) = fullest
            && part(limit, *taken) >= u128::from(self.budgets.limits.warn_at)
        {
            let Limit { key, whose, span, ceiling } = limit;
            listener.notice(&Notice::Note(format!(
                "{key}{whose}: {taken} of {:#} is spent or reserved {span}, and this call may cost {estimate}",
                ceiling.most
            )));
        }
    }

    /// What limits a call from here.
    fn limits(&self) -> Vec<Limit> {
        let Budget { day, month, repo_day, repo_month, accounts, .. } = &self.budgets.limits;
        // When a day began is worked out for those who have one.
        if self.budgets.limits.is_empty() {
            return Vec::new();
        }
        let (today, this_month) = (self.clock.day_start().as_millisecond(), self.clock.month_start().as_millisecond());
        let limit = |key, most: NanoUsd, month: bool| Limit {
            key,
            whose: String::new(),
            span: if month { "this month" } else { "today" },
            ceiling: Ceiling {
                since_ms: if month { this_month } else { today },
                repo: None,
                account: None,
                caller: None,
                most,
            },
        };
        let mut out = Vec::new();
        out.extend(day.map(|most| limit("budget.day", most, false)));
        out.extend(month.map(|most| limit("budget.month", most, true)));
        if let Some(repo) = &self.place.repo {
            let here = |mut limit: Limit| {
                limit.ceiling.repo = Some(repo.clone());
                limit
            };
            out.extend(repo_day.map(|most| here(limit("budget.repo_day", most, false))));
            out.extend(repo_month.map(|most| here(limit("budget.repo_month", most, true))));
        }
        for account in accounts {
            let mut limit = limit("budget.accounts", account.amount, account.month);
            limit.whose = format!(" ({})", account.account);
            limit.ceiling.account = Some(account.account.clone());
            out.push(limit);
        }
        out
    }

    /// The most a request whose texts have so many bytes may cost over a route; `None` where nobody knows the price.
    #[must_use]
    pub fn most(&self, route: &Route, request: &Request, bytes: usize) -> Option<NanoUsd> {
        self.estimate(route, &Intent::of(request, bytes))
    }

    /// The most a request may cost over a route; `None` where nobody knows the price.
    pub(super) fn estimate(&self, route: &Route, intent: &Intent) -> Option<NanoUsd> {
        let intent = &route.intent(intent);
        let dialect = route.provider.dialect(&route.upstream, &route.card, intent);
        let adapted = route.provider.adapt(&route.upstream, dialect, &route.card, intent);
        meter::ceiling(&route.card, route.local(), intent, adapted.max_output.or(intent.max_output))
    }
}
