//! What a review would ask, before anything is asked.

use super::{Coverage, Job, REQUESTS, Ready, TOO_LARGE, cache};
use crate::client::{Client, Route};
use crate::model::Request;

/// The first look of a review at these routes: its requests, the first as it would be sent and the later ones as they
/// would be if none before fails, what they would cover, and of how many files answers of before hold.
#[must_use]
pub fn plan(job: &Job<'_>, client: &Client, model: &str, routes: &[Route]) -> (Vec<Request>, Coverage, usize) {
    let ready = Ready::new(job, &client.redactor, routes);
    let mut packed = ready.first(job);
    let mut book = cache::Book::open(job, &ready, client, routes);
    let known = book.as_mut().map(|book| book.known(&packed)).unwrap_or_default();
    if let Some(book) = book.as_ref().filter(|_| !known.is_empty()) {
        packed = book.without(packed, &known);
    }
    let (mut requests, mut shown, named) = (Vec::new(), Vec::new(), packed.named.clone());
    while !packed.shown.is_empty() && requests.len() < REQUESTS {
        requests.push(ready.request(job, model, &packed));
        shown.append(&mut packed.shown);
        let before = packed.rest.len();
        if before == 0 {
            break;
        }
        packed = ready.next(&packed.rest);
        if packed.rest.len() >= before {
            break;
        }
    }
    let mut unread: Vec<(usize, String)> =
        packed.rest.iter().map(|(place, _)| (*place, TOO_LARGE.to_owned())).collect();
    for (place, kept) in &known {
        shown.push(*place);
        unread.extend(kept.unread.clone().map(|why| (*place, why)));
    }
    unread.sort();
    unread.dedup();
    shown.sort_unstable();
    shown.dedup();
    (requests, Coverage::new(job.change, &shown, &named, &unread), known.len())
}
