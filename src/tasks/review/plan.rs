//! What a review would ask, before anything is asked.

use super::{Coverage, Job, REQUESTS, Ready, TOO_LARGE, cache, covered};
use crate::client::{Client, Route};
use crate::model::Request;

/// The first look of a review at these routes: its requests, the first as it would be sent and the later ones as they
/// would be if none before fails, what they would cover, and of how many files answers of before hold.
#[must_use]
pub fn plan(job: &Job<'_>, client: &Client, model: &str, routes: &[Route]) -> (Vec<Request>, Coverage, usize) {
    let ready = Ready::new(job, &client.redactor, routes);
    let (_, known, mut packed) = cache::begin(job, &ready, client, routes);
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
    let coverage = covered(job, shown, &named, (&packed.rest, TOO_LARGE), &known);
    (requests, coverage, known.len())
}
