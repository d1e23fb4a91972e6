//! An answer's events as its caller is to hear them.

use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::frames::Item;
use super::transport::Events;
use crate::model::{Event, Failure};
use crate::wire::{Cut, Think};

/// For so long the rest of an answer that was cut is waited for, because what it cost is told at its end.
const LINGER: Duration = Duration::from_secs(10);

/// The events of an answer, with thoughts between tags taken out of the text where there may be any, up to where the
/// caller wants it to stop.
pub(super) struct Thoughts {
    events: Events,
    think: Option<Think>,
    cut: Option<Cut>,
    failure: Option<Failure>,
    /// How it broke, which is told after what was held back.
    broke: Option<Failure>,
    /// When it is to be told at the latest.
    deadline: Option<Instant>,
    /// The answer was cut: what follows is read for its counts, and no longer than until then.
    until: Option<Instant>,
    /// It did not come to its end until then, or broke.
    pub left: bool,
}

impl Thoughts {
    /// All of them are told by `deadline`.
    pub(super) fn new(events: Events, think: Option<Think>, cut: Option<Cut>, deadline: Option<Instant>) -> Self {
        Self { events, think, cut, failure: None, broke: None, deadline, until: None, left: false }
    }

    /// The next of them; the answer's own bytes only where nothing is taken out.
    pub(super) async fn next(&mut self) -> Option<Result<Item, Failure>> {
        if self.cut.is_none() && self.think.is_none() {
            return self.events.item().await;
        }
        self.event().await.map(|next| next.map(Item::Event))
    }

    async fn event(&mut self) -> Option<Result<Event, Failure>> {
        loop {
            if let Some(event) = self.cut.as_mut().and_then(Cut::pull) {
                return Some(Ok(event));
            }
            if self.left {
                return None;
            }
            let next = match self.until {
                Some(until) => timeout_at(until, self.thought()).await.ok(),
                None => Some(self.thought().await),
            };
            let Some(cut) = &mut self.cut else { return next.flatten() };
            match next {
                Some(Some(Ok(event))) => {
                    cut.push(event);
                    if cut.over() && self.until.is_none() {
                        let until = Instant::now() + LINGER;
                        self.until = Some(self.deadline.map_or(until, |deadline| deadline.min(until)));
                    }
                }
                // The answer is whole without it.
                None | Some(Some(Err(_))) if cut.over() => {
                    cut.end();
                    self.left = true;
                }
                // What was held back has arrived: the caller sees it first.
                Some(Some(Err(failure))) => {
                    cut.end();
                    self.broke = Some(failure);
                }
                None | Some(None) => {
                    cut.end();
                    return cut.pull().map(Ok).or_else(|| self.broke.take().map(Err));
                }
            }
        }
    }

    async fn thought(&mut self) -> Option<Result<Event, Failure>> {
        let Some(think) = &mut self.think else { return self.events.next().await };
        loop {
            if let Some(event) = think.pull() {
                return Some(Ok(event));
            }
            match self.events.next().await {
                Some(Ok(event)) => think.push(event),
                // What was held back has arrived: the caller sees it first.
                Some(Err(failure)) => {
                    think.cut();
                    self.failure = Some(failure);
                }
                None => {
                    think.cut();
                    return think.pull().map(Ok).or_else(|| self.failure.take().map(Err));
                }
            }
        }
    }
}
