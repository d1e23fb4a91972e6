//! Two models of different makers review one change; a third decides about each finding.

use std::sync::Mutex;

use super::verify::{ANSWER, Ear, Judge, decide, settle};
use super::{Coverage, Job, NEAR, Report, Voice, by_rules, calibrate, cap, generate, ranked};
use crate::client::{Client, Listener, Route};
use crate::model::{Count, ModelName, NanoUsd, Purpose, Request};
use crate::tasks::dialectic::Cast;
use crate::tasks::finding::Finding;
use crate::tasks::weak;

const PROMPT: &str = include_str!("../prompts/adjudicate.md");
/// Findings that are put to the third in one call.
const TOGETHER: usize = 10;

/// Rules and two models, and the third's word on each finding. What only one of them found is put first.
pub async fn review_twice(job: &Job<'_>, client: &Client, cast: &Cast, listener: &mut dyn Listener) -> Report {
    let asked = ModelName(cast.name());
    let mut row = client.open_parent(Purpose::Review, &asked, job.effort, None, None).await;
    let parent = row.id().to_owned();
    let shared = Mutex::new(listener);
    let ([mut a, mut b], [mut to_a, mut to_b]) = ([Report::default(), Report::default()], [Ear(&shared), Ear(&shared)]);
    let voice = |routes| Voice { routes, parent: Some(&parent) };
    tokio::join!(
        generate(job, client, voice(cast.member(0)), &mut a, &mut to_a),
        generate(job, client, voice(cast.member(1)), &mut b, &mut to_b),
    );
    let mut report = by_rules(job.change, job.beside, job.contents, &client.redactor);
    let found = united([a, b], [name(cast.member(0)), name(cast.member(1))], &mut report);
    // The rules decide about their own.
    let mut claims = Report { findings: found, ..Report::default() };
    std::mem::swap(&mut claims.looks, &mut report.looks);
    if !claims.findings.is_empty() {
        third(job, client, cast, &parent, &mut claims, &shared).await;
    }
    std::mem::swap(&mut claims.looks, &mut report.looks);
    report.findings.extend(claims.findings);
    report.replies.extend(claims.replies);
    // Where everything was known, whose word it is stands for who served it.
    let served = report.replies.last().map(|reply| reply.route.clone()).or_else(|| cast.synthesis.first().cloned());
    match (&report.failure, &served) {
        (Some(error), _) => row.close(Err(error)),
        (None, Some(route)) => row.close(Ok(route)),
        (None, None) => drop(row),
    }
    report.findings = ranked(std::mem::take(&mut report.findings));
    // Who decided is whom to believe; where nobody did, it is those who found.
    let who = if report.looks.undecided { vec![cast.member(0), cast.member(1)] } else { vec![&*cast.synthesis] };
    let who = who.into_iter().filter_map(|seat| seat.first());
    let speakers: Vec<(String, bool)> = who.map(|route| (route.name(), weak::doubtful(route))).collect();
    calibrate::doubt(client, &speakers, &mut report);
    cap(job, &mut report);
    report
}

/// The most that one request for a decision can cost, where so many tokens of the change are shown with what was found;
/// `None` = nobody knows its price.
#[must_use]
pub fn most_to_decide(job: &Job<'_>, client: &Client, route: &Route, tokens: u64) -> Option<NanoUsd> {
    let mut request = Request::text(route.name(), Purpose::Review, String::new());
    request.max_output = Some(ANSWER);
    request.effort = job.effort;
    let shown = Count::bytes(tokens);
    client.most(route, &request, PROMPT.len().saturating_add(shown))
}

fn name(routes: &[Route]) -> String {
    routes.first().map(Route::name).unwrap_or_default()
}

/// Something that it said could be read.
fn heard(member: &Report) -> bool {
    let read = member.unreadable < member.replies.len() || member.looks.cached > 0;
    // Of an answer that broke off, what came first may be read.
    let begun = || !member.findings.is_empty() || !member.summary.is_empty();
    member.failure.is_none() && (member.replies.is_empty() || read || begun())
}

/// Why nothing was heard of it.
fn silence(member: &mut Report) -> String {
    member.failure.take().map_or_else(|| "its answer was no review".to_owned(), |error| error.to_string())
}

/// What both found as one finding, with who found it; what both read and could not read goes into `report`.
fn united([mut a, mut b]: [Report; 2], names: [String; 2], report: &mut Report) -> Vec<Finding> {
    let heard = [heard(&a), heard(&b)];
    report.coverage = match heard {
        [true, true] => Coverage::both(&a.coverage, &b.coverage),
        [false, true] => b.coverage.clone(),
        _ => a.coverage.clone(),
    };
    match heard {
        [true, true] => {}
        [true, false] => {
            report.looks.single = Some(names[0].clone());
            report.looks.unheard = Some(silence(&mut b));
        }
        [false, true] => {
            report.looks.single = Some(names[1].clone());
            report.looks.unheard = Some(silence(&mut a));
        }
        [false, false] => {
            // One reason is that of the whole; the other one may be another.
            let second = if a.failure.is_some() { (&names[1], &mut b) } else { (&names[0], &mut a) };
            report.looks.unheard = Some(format!("{}: {}", second.0, silence(second.1)));
            report.failure = a.failure.take().or_else(|| b.failure.take());
        }
    }
    for member in [&mut a, &mut b] {
        if !member.summary.is_empty() && report.looks.told.is_empty() {
            report.summary.clone_from(&member.summary);
            report.looks.told.clone_from(&member.summary);
        }
        report.dropped += member.dropped;
        report.withheld += member.withheld;
        report.unreadable += member.unreadable;
        report.looks.cached = report.looks.cached.max(member.looks.cached);
        report.looks.silenced.append(&mut member.looks.silenced);
        for name in &member.looks.kept_by {
            if !report.looks.kept_by.contains(name) {
                report.looks.kept_by.push(name.clone());
            }
        }
        report.looks.kept_calls.append(&mut member.looks.kept_calls);
        report.replies.append(&mut member.replies);
    }
    let [first, second] = names;
    let (one, mut two) = (ranked(a.findings), ranked(b.findings));
    let (mut both, mut disputed) = (Vec::new(), Vec::new());
    for mut finding in one {
        // The same place, or the same kind nearby: two kinds of problems on two lines are two.
        let near =
            |f: &Finding| f.line == finding.line || (f.class == finding.class && f.line.abs_diff(finding.line) <= NEAR);
        let same = |f: &Finding| f.file == finding.file && f.side == finding.side && near(f);
        match two.iter().position(same) {
            Some(place) => {
                let other = two.remove(place);
                report.looks.note(&finding.id).found_by = vec![first.clone(), second.clone()];
                // The worse of two views is the one to be decided about.
                finding.severity = finding.severity.max(other.severity);
                if finding.line == other.line {
                    finding.suggestion = finding.suggestion.or(other.suggestion);
                }
                both.push(finding);
            }
            None => {
                report.looks.note(&finding.id).found_by = vec![first.clone()];
                disputed.push(finding);
            }
        }
    }
    for finding in two {
        let note = report.looks.note(&finding.id);
        if !note.found_by.contains(&second) {
            note.found_by.push(second.clone());
        }
        disputed.push(finding);
    }
    disputed.extend(both);
    disputed
}

/// Puts every finding to the third.
async fn third(
    job: &Job<'_>,
    client: &Client,
    cast: &Cast,
    parent: &str,
    claims: &mut Report,
    shared: &Mutex<&mut dyn Listener>,
) {
    let first = name(cast.member(0));
    let whose = |f: &Finding| match claims.looks.notes.get(&f.id).map(|note| note.found_by.as_slice()) {
        Some([_, _, ..]) => "X and Y".to_owned(),
        Some([one]) if *one == first => "X".to_owned(),
        Some([_]) => "Y".to_owned(),
        _ => String::new(),
    };
    let whose: Vec<String> = claims.findings.iter().map(whose).collect();
    let places: Vec<usize> = (0..claims.findings.len()).collect();
    let groups = places.chunks(TOGETHER).map(<[usize]>::to_vec).collect();
    let judge = Judge { voice: Voice { routes: &cast.synthesis, parent: Some(parent) }, prompt: PROMPT };
    let mut ear = Ear(shared);
    let decided = decide(job, client, &judge, (&claims.findings, &whose), groups, &mut ear).await;
    if let Some(why) = &decided.failed {
        claims.looks.unverified = Some(why.clone());
        claims.looks.undecided = true;
    }
    settle(claims, decided);
}
