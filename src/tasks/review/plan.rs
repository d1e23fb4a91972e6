//! What a review would ask, before anything is asked.

use super::{Coverage, Job, REQUESTS, request};
use crate::client::Route;
use crate::model::Request;
use crate::tasks::pack::{Lines, pack, pack_rest};
use crate::tasks::room;

/// The first look of a review at these routes: its requests, the first as it would be sent and the later ones as they
/// would be if none before fails, and what they would cover.
#[must_use]
pub fn plan(job: &Job<'_>, model: &str, routes: &[Route]) -> (Vec<Request>, Coverage) {
    let room = room::bytes(routes, job.max_bytes);
    let mut packed = pack(job.change, job.contents, room, Lines::Numbered);
    let (mut requests, mut shown, named) = (Vec::new(), Vec::new(), packed.named.clone());
    while !packed.shown.is_empty() && requests.len() < REQUESTS {
        requests.push(request(job, model, &packed));
        shown.append(&mut packed.shown);
        let before = packed.rest.len();
        if before == 0 {
            break;
        }
        packed = pack_rest(job.change, &packed.rest, room, Lines::Numbered);
        if packed.rest.len() >= before {
            break;
        }
    }
    let mut unread: Vec<(usize, String)> =
        packed.rest.iter().map(|(place, _)| (*place, "larger than the room".to_owned())).collect();
    unread.sort();
    unread.dedup();
    shown.sort_unstable();
    shown.dedup();
    (requests, Coverage::new(job.change, &shown, &named, &unread))
}
