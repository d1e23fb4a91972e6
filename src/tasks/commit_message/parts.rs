//! A change too large for one request: its parts are summarised first, as far as the limit on money goes.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::Means;
use crate::client::{CallError, Client, Deaf, Reply, Route};
use crate::git::message;
use crate::model::{NanoUsd, Request};
use crate::tasks::fence::{fold, object};

/// Requests that are under way at the same time.
const TOGETHER: usize = 3;
/// A summary is used up to so many characters.
const SUMMARY: usize = 300;

/// What was asked of models for one message, and how it went.
#[derive(Debug, Default)]
pub struct Asked {
    /// Calls that answered.
    pub replies: Vec<Reply>,
    /// Requests that were made and got no answer.
    pub failed: usize,
    /// Parts of the change that no model has read; `None` = it was told all that there was to tell.
    pub unread: Option<Unread>,
}

/// Parts of a change that no model has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// How many.
    pub parts: usize,
    /// Of how many.
    pub of: usize,
    /// Why, of the first.
    pub why: String,
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} of {} parts of the change were not read: {}", self.parts, self.of, self.why)
    }
}

impl Asked {
    /// A request that got no answer.
    pub(super) fn fail(&mut self, error: &CallError) {
        self.failed += usize::from(error.sent());
    }

    fn leave(&mut self, why: String) {
        match &mut self.unread {
            Some(unread) => unread.parts += 1,
            None => self.unread = Some(Unread { parts: 1, of: 0, why }),
        }
    }
}

/// The most that a request may cost over the first route, with so many bytes put to it; `None` where nobody knows.
fn most(client: &Client, routes: &[Route], request: &Request, more: usize) -> Option<NanoUsd> {
    client.most(routes.first()?, request, crate::client::bytes(request) + more)
}

/// What each of some calls at the same time may cost: its price over the first route, and its share of what is free
/// beside. Another route may be dearer, and all together may not take what is kept for the message.
fn shares(prices: &[u64], free: u64) -> Vec<u64> {
    let spare = free / u64::try_from(prices.len()).unwrap_or(u64::MAX).max(1);
    prices.iter().map(|price| price.saturating_add(spare)).collect()
}

/// Summaries of parts, in their order. A part that is not answered is left out, which is told: the table tells of its
/// files. So is one for which there is no money: what the message itself may cost is kept for it.
pub(super) async fn summarise(
    means: &Means<'_>,
    parts: Vec<Request>,
    last: &Request,
    until: Option<Timestamp>,
) -> (Vec<String>, Asked) {
    let Means { client, routes, .. } = *means;
    let (mut summaries, mut asked, of) = (Vec::new(), Asked::default(), parts.len());
    let kept = most(client, routes, last, SUMMARY * 4 * of).unwrap_or_default();
    for some in parts.chunks(TOGETHER) {
        // Half of what is left is kept for the message itself.
        let time = means.left(until).map(|left| left / 2);
        let money = client.left();
        let mut free = money.map(|left| left.0.saturating_sub(kept.0));
        let mut paid = Vec::new();
        for request in some {
            let price = most(client, routes, request, 0).map(|most| most.0);
            let rest = match (free, price) {
                (None, _) => Some(None),
                (Some(free), Some(price)) => free.checked_sub(price).map(Some),
                (Some(_), None) => None,
            };
            match rest {
                Some(rest) => {
                    free = rest;
                    paid.push((request, price));
                }
                None => asked.leave("what is left of the limit on money (--max-cost) does not hold them".to_owned()),
            }
        }
        let prices: Vec<u64> = paid.iter().map(|(_, price)| price.unwrap_or_default()).collect();
        let limits = shares(&prices, free.unwrap_or_default());
        let calls = paid.into_iter().zip(limits).map(|((request, _), limit)| async move {
            let limit = money.map(|_| NanoUsd(limit));
            client.call(means.call(request.clone(), time, limit), &mut Deaf).await
        });
        for answer in join_all(calls).await {
            match answer {
                Ok(reply) => {
                    let said = object(&reply.text).and_then(|v| v.get("summary")?.as_str().map(str::to_owned));
                    let said = message::sanitise(&said.unwrap_or_default());
                    if let Some(why) = reply.refused() {
                        asked.leave(format!("{}: {why}", reply.route.name()));
                    } else if said.is_empty() {
                        asked.leave(format!("{} gave no summary", reply.route.name()));
                    } else {
                        summaries.push(format!("- {}", fold(&said).chars().take(SUMMARY).collect::<String>()));
                    }
                    asked.replies.push(reply);
                }
                Err(error) => {
                    asked.fail(&error);
                    asked.leave(error.to_string());
                }
            }
        }
    }
    if let Some(unread) = &mut asked.unread {
        unread.of = of;
    }
    (summaries, asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_at_the_same_time_share_what_there_is() {
        assert_eq!(shares(&[10, 20, 30], 7), [12, 22, 32]);
        assert_eq!(shares(&[10], 0), [10]);
        assert!(shares(&[], 5).is_empty());
    }
}
