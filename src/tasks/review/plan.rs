//! What a review would ask, before anything is asked.

use super::{Coverage, Job, REQUESTS, Ready, TOO_LARGE};
use crate::client::Route;
use crate::model::Request;
use crate::secrets::Redactor;

/// The first look of a review at these routes: its requests, the first as it would be sent and the later ones as they
/// would be if none before fails, and what they would cover. What is known from before is not taken off.
#[must_use]
pub fn plan(job: &Job<'_>, redactor: &Redactor, model: &str, routes: &[Route]) -> (Vec<Request>, Coverage) {
    let ready = Ready::new(job, redactor, routes);
    let mut packed = ready.first(job);
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
    unread.sort();
    unread.dedup();
    shown.sort_unstable();
    shown.dedup();
    (requests, Coverage::new(job.change, &shown, &named, &unread))
}
