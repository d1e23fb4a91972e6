//! The second look: claims of a model are put to another, who must show the line that decides.

pub(super) mod sheet;

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use futures_util::future::join_all;

use self::sheet::{Verdict, Word};
use super::cache::{Drawer, settled};
use super::{Job, Report, Verify, Voice};
use crate::client::{Call, CallError, Client, Listener, Notice, Reply, Route, Terms};
use crate::model::{ModelName, Purpose, Request};
use crate::tasks::fence::fence;
use crate::tasks::finding::{Finding, Severity, Source, Verification};
use crate::tasks::{room, weak};

const PROMPT: &str = include_str!("../../prompts/verify.md");
/// Claims of one file that are put in one call.
const TOGETHER: usize = 4;
/// Most calls.
pub const SECOND_LOOKS: usize = 10;
/// Calls at a time, where the model runs elsewhere.
const AT_ONCE: usize = 3;
/// Visible tokens of an answer.
pub(super) const ANSWER: u32 = 2_048;
/// How much to believe what was confirmed, and what nobody could decide.
const CONFIRMED: f64 = 0.9;
const UNSURE: f64 = 0.4;

/// Claims that are put to somebody together, by their places among the findings.
type Group = Vec<usize>;

/// Whoever decides, and how it is asked.
pub(super) struct Judge<'a> {
    pub voice: Voice<'a>,
    pub prompt: &'static str,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Decided {
    /// By place among the findings.
    pub verdicts: Vec<(usize, Verdict)>,
    /// Calls that were answered.
    pub replies: Vec<Reply>,
    /// Why something is not decided, one sentence.
    pub failed: Option<String>,
}

/// Puts the claims of a review that are at least of medium severity to a verifier.
pub(super) async fn verify(
    job: &Job<'_>,
    client: &Client,
    routes: &[Route],
    report: &mut Report,
    listener: &mut dyn Listener,
) {
    let when = job.second.verify;
    if when == Verify::Never || (when == Verify::Auto && report.looks.doubt.is_some()) {
        return;
    }
    let groups = groups(&report.findings, 2 * job.max);
    if groups.is_empty() {
        return;
    }
    let seat = match seat(job, client, routes) {
        Ok(seat) => seat,
        Err(error) => {
            report.looks.unverified = Some(format!("no verifier can be asked: {error}"));
            return;
        }
    };
    let judge = Judge { voice: Voice { routes: &seat, parent: None }, prompt: PROMPT };
    let decided = decide(job, client, &judge, (&report.findings, &[]), groups, listener).await;
    report.looks.unverified.clone_from(&decided.failed);
    settle(report, decided);
}

/// Who verifies: whom the user named; else another maker's model, else another model, of those that were asked for;
/// else the same one in a call of its own.
fn seat(job: &Job<'_>, client: &Client, routes: &[Route]) -> Result<Vec<Route>, CallError> {
    if let Some(name) = &job.second.verifier {
        return client.routes(&ModelName(name.clone()));
    }
    let Some(lead) = routes.first() else { return Ok(Vec::new()) };
    let pool = client.pool(&ModelName(job.second.pool.clone()))?;
    let able = |r: &&Route| !weak::doubtful(r);
    let other = pool.iter().filter(able).find(|r| r.card.maker != lead.card.maker);
    let other = other.or_else(|| pool.iter().filter(able).find(|r| r.name() != lead.name()));
    let Some(other) = other else { return Ok(routes.to_vec()) };
    let mut seat: Vec<Route> = pool.iter().filter(|r| r.name() == other.name()).cloned().collect();
    if !client.fallback {
        seat.truncate(1);
    }
    Ok(seat)
}

/// The first `most` claims worth it, by file.
fn groups(findings: &[Finding], most: usize) -> Vec<Group> {
    let worth = |f: &Finding| {
        f.source == Source::Model && f.severity >= Severity::Medium && f.verification == Verification::Unverified
    };
    let mut out: Vec<(&str, Group)> = Vec::new();
    for (place, finding) in findings.iter().enumerate().filter(|(_, f)| worth(f)).take(most) {
        let open = out.iter_mut().find(|(file, group)| *file == finding.file && group.len() < TOGETHER);
        match open {
            Some((_, group)) => group.push(place),
            None => out.push((&finding.file, vec![place])),
        }
    }
    out.into_iter().map(|(_, group)| group).take(SECOND_LOOKS).collect()
}

/// Asks about each group, a few at a time; what was decided before of the same is not asked again.
pub(super) async fn decide(
    job: &Job<'_>,
    client: &Client,
    judge: &Judge<'_>,
    (findings, whose): (&[Finding], &[String]),
    groups: Vec<Group>,
    listener: &mut dyn Listener,
) -> Decided {
    let mut out = Decided::default();
    let drawer = Drawer::open(job.second.shelf, client);
    let name = |place: &usize| drawer.and_then(|d| Some(named(job, judge, d, findings.get(*place)?)));
    let mut open: Vec<(Group, Vec<Option<String>>)> = Vec::new();
    for group in groups {
        let names: Vec<Option<String>> = group.iter().map(name).collect();
        let mut left = (Vec::new(), Vec::new());
        for (place, name) in group.into_iter().zip(names) {
            let kept = drawer.zip(name.as_deref()).and_then(|(d, name)| d.get::<Verdict>(name));
            match kept {
                Some(verdict) => out.verdicts.push((place, verdict)),
                None => {
                    left.0.push(place);
                    left.1.push(name);
                }
            }
        }
        if !left.0.is_empty() {
            open.push(left);
        }
    }
    let local = judge.voice.routes.first().is_some_and(Route::local);
    let shared = Mutex::new(listener);
    for batch in open.chunks(if local { 1 } else { AT_ONCE }) {
        let asked = batch.iter().map(|(group, _)| {
            let about: Vec<&Finding> = group.iter().filter_map(|place| findings.get(*place)).collect();
            let whose: Vec<String> = group.iter().filter_map(|place| whose.get(*place).cloned()).collect();
            ask(job, client, judge, about, whose, Ear(&shared))
        });
        let answers = join_all(asked).await;
        for ((group, names), answer) in batch.iter().zip(answers) {
            match answer {
                Ok((reply, verdicts)) => {
                    let (by, why) = (reply.route.name(), reply.refused().unwrap_or("gave no verdict that can be read"));
                    let verdicts = verdicts.unwrap_or_else(|| group.iter().map(|_| None).collect());
                    for ((place, name), verdict) in group.iter().zip(names).zip(verdicts) {
                        let Some(verdict) = verdict else {
                            out.failed = Some(format!("{by} {why}"));
                            continue;
                        };
                        if let Some((drawer, name)) = drawer.zip(name.as_deref()) {
                            drawer.put(name, &BTreeSet::from([reply.id.clone()]), &verdict);
                        }
                        out.verdicts.push((*place, verdict));
                    }
                    out.replies.push(reply);
                }
                Err(error) => out.failed = Some(error.to_string()),
            }
        }
        if out.failed.is_some() && out.replies.is_empty() {
            // Whoever does not answer the first does not answer the tenth.
            break;
        }
    }
    out
}

/// The name of what is decided about a finding: who decides how, the code as it is shown, the claim.
fn named(job: &Job<'_>, judge: &Judge<'_>, drawer: Drawer<'_>, finding: &Finding) -> String {
    let model = judge.voice.routes.first().map(Route::name).unwrap_or_default();
    let code = sheet::code(job.change, job.contents, &[finding], drawer.redactor(), job.max_bytes);
    let (severity, effort) = (finding.severity.name(), job.effort.to_string());
    let claim = [&finding.id, &finding.class, &finding.title, &finding.why].map(|text| settled(text));
    let claim: Vec<&str> = claim.iter().map(String::as_str).collect();
    drawer.name(&["verdict", judge.prompt, &model, &effort, &drawer.sent(&code), severity, &claim.join("\0")])
}

async fn ask(
    job: &Job<'_>,
    client: &Client,
    judge: &Judge<'_>,
    findings: Vec<&Finding>,
    whose: Vec<String>,
    mut ear: Ear<'_, '_>,
) -> Result<(Reply, Option<Vec<Option<Verdict>>>), CallError> {
    let Voice { routes, parent } = judge.voice;
    let code = sheet::code(job.change, job.contents, &findings, &client.redactor, room::bytes(routes, job.max_bytes));
    let claims = sheet::claims(job.change, &findings, &whose);
    let text = format!("{}\n{}", fence("The code", &code), fence("The claims", &claims));
    let model = routes.first().map(Route::name).unwrap_or_default();
    let mut request = Request::text(model, Purpose::Review, text);
    request.system = judge.prompt.to_owned();
    request.schema = Some(sheet::schema());
    request.max_output = Some(ANSWER);
    request.effort = job.effort;
    request.stream = true;
    let terms = Terms { parent: parent.map(str::to_owned), patience: job.patience, ..Terms::default() };
    let reply = client.call(Call { terms, ..Call::new(routes, request) }, &mut ear).await?;
    // What was shown is what was masked: evidence may hold a placeholder and no secret.
    let shown = client.redactor.hide(&code);
    let verdicts = sheet::read(&reply.text, findings.len(), &shown, &reply.route.name());
    Ok((reply, verdicts))
}

/// Gives findings what was decided about them; what was refuted goes.
pub(super) fn settle(report: &mut Report, decided: Decided) {
    report.replies.extend(decided.replies);
    let mut refuted = Vec::new();
    for (place, verdict) in decided.verdicts {
        let Some(finding) = report.findings.get_mut(place) else { continue };
        match verdict.word {
            Word::Confirmed => {
                finding.verification = Verification::Confirmed;
                finding.confidence = CONFIRMED;
            }
            Word::Unsure => {
                finding.verification = Verification::Unsure;
                finding.confidence = finding.confidence.min(UNSURE);
            }
            Word::Refuted => refuted.push(place),
        }
        let note = report.looks.notes.entry(finding.id.clone()).or_default();
        note.by = Some(verdict.by);
        note.evidence = verdict.evidence;
        note.reason = Some(verdict.reason).filter(|reason| !reason.is_empty());
    }
    refuted.sort_unstable();
    for place in refuted.into_iter().rev() {
        if place < report.findings.len() {
            let gone = report.findings.remove(place);
            if !report.findings.iter().any(|f| f.id == gone.id) {
                report.looks.notes.remove(&gone.id);
            }
            report.looks.refuted += 1;
        }
    }
}

/// Passes on what happens beside the answers of several calls.
pub(super) struct Ear<'a, 'w>(pub(super) &'a Mutex<&'w mut dyn Listener>);

impl Listener for Ear<'_, '_> {
    fn notice(&mut self, notice: &Notice) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).notice(notice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::finding::{Side, identify};

    fn finding(file: &str, line: u32, severity: Severity, source: Source) -> Finding {
        Finding {
            id: identify("race", &format!("{file}{line}"), "", 0),
            file: file.into(),
            line,
            end_line: line,
            side: Side::New,
            severity,
            confidence: 0.6,
            class: "race".into(),
            title: String::new(),
            why: String::new(),
            suggestion: None,
            source,
            verification: Verification::Unverified,
            rule: None,
        }
    }

    #[test]
    fn claims_are_put_together_by_file_four_at_a_time_in_at_most_ten_calls() {
        let model = |file: &str, line| finding(file, line, Severity::High, Source::Model);
        let mut findings = vec![
            model("a", 1),
            model("b", 1),
            finding("a", 2, Severity::Low, Source::Model),
            finding("a", 3, Severity::High, Source::Static),
        ];
        findings.extend((10..15).map(|line| model("a", line)));
        assert_eq!(groups(&findings, 99), [vec![0, 4, 5, 6], vec![1], vec![7, 8]]);
        assert_eq!(groups(&findings, 2), [vec![0], vec![1]]);
        let many: Vec<Finding> = (0..90).map(|n| model(&format!("f{n}"), 1)).collect();
        assert_eq!(groups(&many, 90).len(), SECOND_LOOKS);
    }

    #[test]
    fn what_is_refuted_goes_and_the_others_keep_their_own_verdicts() {
        let list = (0..4).map(|n| finding("a", 10 * n, Severity::High, Source::Model)).collect();
        let mut report = Report { findings: list, ..Report::default() };
        let verdict = |word| Verdict { word, evidence: None, reason: "so".into(), by: "m".into() };
        let verdicts = vec![
            (2, verdict(Word::Refuted)),
            (0, verdict(Word::Refuted)),
            (3, verdict(Word::Confirmed)),
            (1, verdict(Word::Unsure)),
        ];
        settle(&mut report, Decided { verdicts, ..Decided::default() });
        let left: Vec<(u32, Verification)> = report.findings.iter().map(|f| (f.line, f.verification)).collect();
        assert_eq!(left, [(10, Verification::Unsure), (30, Verification::Confirmed)]);
        assert_eq!((report.looks.refuted, report.looks.notes.len()), (2, 2));
    }
}
