//! `--post`: a review into its pull request, as one comment that is written anew and a remark at each line. What stands
//! there already is left, what is mended is resolved, and only what we wrote ourselves is touched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::By;
use super::gh::Gh;
use super::input::Pull;
use super::out::{self, Told};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit};
use crate::secrets::mask;
use crate::tasks::finding::{Finding, Side};

/// What our comment begins with; nobody sees it.
const STICKY: &str = "<!-- monster:review -->";
/// What a remark of ours ends with, before the finding's id.
const REMARK: &str = "<!-- monster:finding ";
/// A pull request with more pages of comments than this is not read to its end.
const PAGES: usize = 50;

const READ: &str = "query($owner:String!,$name:String!,$number:Int!,$comments:String,$threads:String){\
viewer{login} repository(owner:$owner,name:$name){pullRequest(number:$number){id headRefOid \
comments(first:100,after:$comments){nodes{id body viewerDidAuthor} pageInfo{hasNextPage endCursor}} \
reviewThreads(first:100,after:$threads){nodes{id isResolved resolvedBy{login} \
comments(first:1){nodes{body viewerDidAuthor}}} pageInfo{hasNextPage endCursor}}}}}";
const COMMENT: &str =
    "mutation($subject:ID!,$body:String!){addComment(input:{subjectId:$subject,body:$body}){clientMutationId}}";
const UPDATE: &str = "mutation($id:ID!,$body:String!){updateIssueComment(input:{id:$id,body:$body}){clientMutationId}}";
const REVIEW: &str = "mutation($pull:ID!,$commit:GitObjectID!,$threads:[DraftPullRequestReviewThread]!){\
addPullRequestReview(input:{pullRequestId:$pull,commitOID:$commit,event:COMMENT,threads:$threads}){clientMutationId}}";
const RESOLVE: &str = "mutation($id:ID!){resolveReviewThread(input:{threadId:$id}){clientMutationId}}";
const REOPEN: &str = "mutation($id:ID!){unresolveReviewThread(input:{threadId:$id}){clientMutationId}}";

/// What stands in a pull request already.
#[derive(Debug, Default)]
struct There {
    /// The pull request's own id.
    pull: String,
    /// Its newest commit.
    head: String,
    /// Our comment: its id and what it says.
    comment: Option<(String, String)>,
    /// Our remarks by the finding's id.
    threads: BTreeMap<String, Thread>,
}

#[derive(Debug)]
struct Thread {
    id: String,
    resolved: bool,
    /// We resolved it, and no person did.
    by_us: bool,
    /// A model found it.
    by_model: bool,
}

/// What is to be sent.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// What our comment is to say, and its id where it stands already; `None` = it says that.
    comment: Option<(Option<String>, String)>,
    /// Remarks to make: finding and the remark as GitHub takes it.
    remarks: Vec<(String, Value)>,
    /// Threads to resolve: finding and thread.
    resolve: Vec<(String, String)>,
    /// Threads to open again.
    reopen: Vec<(String, String)>,
}

/// Brings a pull request up to this review; with `dry` says what would be sent and sends nothing. A review of a part
/// (`narrow`) says nothing of what stands elsewhere.
///
/// # Errors
/// Exit 1 when `gh` fails, or when the pull request has moved on since it was read.
pub(super) fn post(
    context: &Context,
    gh: &Gh<'_>,
    pull: &Pull,
    told: &Told<'_>,
    (dry, narrow): (bool, bool),
) -> Result<(), CommandError> {
    let there = read(gh, pull.number)?;
    if there.head != pull.head {
        return Err(CommandError::new(
            Exit::Failed,
            format!("pull request {} has moved on since it was read; nothing was sent", pull.number),
        )
        .hint("run it again"));
    }
    let plan = plan(told, &there, narrow);
    if dry {
        return show(context, gh, pull, &plan);
    }
    if let Some((id, body)) = &plan.comment {
        match id {
            Some(id) => gh.graphql(UPDATE, &json!({ "id": id, "body": body }))?,
            None => gh.graphql(COMMENT, &json!({ "subject": there.pull, "body": body }))?,
        };
    }
    if !plan.remarks.is_empty() {
        let remarks: Vec<&Value> = plan.remarks.iter().map(|(_, remark)| remark).collect();
        gh.graphql(REVIEW, &json!({ "pull": there.pull, "commit": there.head, "threads": remarks }))?;
    }
    for (query, threads) in [(RESOLVE, &plan.resolve), (REOPEN, &plan.reopen)] {
        for (_, thread) in threads {
            gh.graphql(query, &json!({ "id": thread }))?;
        }
    }
    context.ui.status(&plan.said(pull.number));
    Ok(())
}

impl Plan {
    fn said(&self, number: u64) -> String {
        let many = |n: usize, what: &str| (n > 0).then(|| crate::commands::show::counted(n, what));
        let comment =
            self.comment.as_ref().map(|(id, _)| if id.is_some() { "comment updated" } else { "comment written" });
        let parts: Vec<String> = comment
            .map(str::to_owned)
            .into_iter()
            .chain(many(self.remarks.len(), "new remark"))
            .chain(many(self.resolve.len(), "remark").map(|n| format!("{n} resolved")))
            .chain(many(self.reopen.len(), "remark").map(|n| format!("{n} opened again")))
            .collect();
        if parts.is_empty() {
            format!("pull request {number}: nothing has changed, nothing was sent")
        } else {
            format!("pull request {number}: {}", parts.join(", "))
        }
    }
}

/// Reads what stands there, page by page.
fn read(gh: &Gh<'_>, number: u64) -> Result<There, CommandError> {
    let mut there = There::default();
    let mut cursors = [Some(Value::Null), Some(Value::Null)];
    for _ in 0..PAGES {
        let after = |n: usize| cursors.get(n).cloned().flatten().unwrap_or(Value::Null);
        let answer = gh.graphql(
            READ,
            &json!({ "owner": gh.home.owner, "name": gh.home.name, "number": number, "comments": after(0), "threads": after(1) }),
        )?;
        let found = &answer["repository"]["pullRequest"];
        if !found.is_object() {
            return Err(unknown(number));
        }
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        (there.pull, there.head) = (text(&found["id"]), text(&found["headRefOid"]));
        let viewer = &answer["viewer"]["login"];
        for (n, list) in ["comments", "reviewThreads"].into_iter().enumerate() {
            let Some(cursor) = cursors.get_mut(n).filter(|c| c.is_some()) else { continue };
            let page = &found[list];
            for node in page["nodes"].as_array().into_iter().flatten() {
                if n == 0 { there.comment(node) } else { there.thread(node, viewer) }
            }
            let more = page["pageInfo"]["hasNextPage"] == true;
            *cursor = more.then(|| page["pageInfo"]["endCursor"].clone());
        }
        if cursors.iter().all(Option::is_none) {
            return Ok(there);
        }
    }
    Err(CommandError::new(Exit::Failed, format!("pull request {number} has more comments than are read")))
}

/// There is no such pull request.
pub(super) fn unknown(number: u64) -> CommandError {
    CommandError::new(Exit::Usage, format!("there is no pull request {number}"))
        .hint("see what there is with: gh pr list")
}

impl There {
    fn comment(&mut self, node: &Value) {
        let body = node["body"].as_str().unwrap_or_default();
        if self.comment.is_none() && node["viewerDidAuthor"] == true && body.starts_with(STICKY) {
            let id = node["id"].as_str().unwrap_or_default();
            self.comment = Some((id.to_owned(), body.replace("\r\n", "\n")));
        }
    }

    fn thread(&mut self, node: &Value, viewer: &Value) {
        let first = &node["comments"]["nodes"][0];
        let body = first["body"].as_str().unwrap_or_default();
        let id = body.rsplit_once(REMARK).and_then(|(_, rest)| rest.split_once(" -->")).map(|(id, _)| id);
        let Some(id) = id.filter(|_| first["viewerDidAuthor"] == true) else { return };
        let thread = Thread {
            id: node["id"].as_str().unwrap_or_default().to_owned(),
            resolved: node["isResolved"] == true,
            by_us: !viewer.is_null() && node["resolvedBy"]["login"] == *viewer,
            by_model: body.contains("` · model"),
        };
        // Of two remarks for one finding the open one counts.
        if !thread.resolved || !self.threads.contains_key(id) {
            self.threads.insert(id.to_owned(), thread);
        }
    }
}

/// What to send so that a pull request says what this review says.
fn plan(told: &Told<'_>, there: &There, narrow: bool) -> Plan {
    let body = sendable(&format!("{STICKY}\n{}", out::comment(told)));
    let mut plan = Plan::default();
    match &there.comment {
        Some((_, said)) if said.trim_end() == body.trim_end() => {}
        known => plan.comment = Some((known.as_ref().map(|(id, _)| id.clone()), body)),
    }
    let (shown, _) = told.shown();
    let mut seen = BTreeSet::new();
    for finding in shown.into_iter().filter(|f| seen.insert(f.id.as_str())) {
        match there.threads.get(&finding.id) {
            None => plan.remarks.extend(remark(told, finding).map(|remark| (finding.id.clone(), remark))),
            Some(thread) if thread.resolved && thread.by_us => {
                plan.reopen.push((finding.id.clone(), thread.id.clone()));
            }
            // It is open, or a person has closed it.
            Some(_) => {}
        }
    }
    // A review that did not look everywhere cannot say that something is gone.
    if told.report.complete() && !narrow {
        // Nor can the rules say it of what a model found.
        let looked = |thread: &Thread| !thread.by_model || matches!(told.by, By::Model(_));
        let mut found: BTreeSet<&str> = told.report.findings.iter().map(|f| f.id.as_str()).collect();
        // Nor one model of what another one found.
        let unseen = told.report.looks.since.iter().flat_map(|since| &since.unseen);
        found.extend(unseen.map(|f| f.id.as_str()));
        let gone = there
            .threads
            .iter()
            .filter(|(id, thread)| !thread.resolved && !found.contains(id.as_str()) && looked(thread));
        plan.resolve = gone.map(|(id, thread)| (id.clone(), thread.id.clone())).collect();
    }
    plan
}

/// A remark at a line that the pull request shows; what stands elsewhere is in the comment alone.
fn remark(told: &Told<'_>, finding: &Finding) -> Option<Value> {
    let file = told.change.files.iter().find(|f| {
        let path = if finding.side == Side::Old { f.old_path.as_ref().unwrap_or(&f.path) } else { &f.path };
        path.as_str() == finding.file
    })?;
    let path = std::str::from_utf8(file.path.raw()).ok()?;
    let hunk = |line: u32| {
        file.hunks.iter().position(|h| {
            let (first, count) =
                if finding.side == Side::Old { (h.old_start, h.old_lines) } else { (h.new_start, h.new_lines) };
            (first..first.saturating_add(count)).contains(&line)
        })
    };
    let here = hunk(finding.line).filter(|_| finding.line > 0)?;
    let side = if finding.side == Side::Old { "LEFT" } else { "RIGHT" };
    let body = sendable(&format!("{}\n{REMARK}{} -->", out::thread(finding), finding.id));
    let mut out = json!({ "path": path, "line": finding.line, "side": side, "body": body });
    if finding.end_line > finding.line && hunk(finding.end_line) == Some(here) {
        out["line"] = json!(finding.end_line);
        out["startLine"] = json!(finding.line);
        out["startSide"] = json!(side);
    }
    Some(out)
}

/// Nothing that looks like a key leaves this machine, whoever wrote it.
fn sendable(text: &str) -> String {
    mask(text)
}

fn show(context: &Context, gh: &Gh<'_>, pull: &Pull, plan: &Plan) -> Result<(), CommandError> {
    let ids = |threads: &[(String, String)]| threads.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    let what = match &plan.comment {
        None => "none",
        Some((Some(_), _)) => "update",
        Some((None, _)) => "create",
    };
    context.ui.json(&json!({
        "schema": "monster.review.post/1",
        "repository": format!("{}/{}/{}", gh.home.host, gh.home.owner, gh.home.name),
        "pull_request": pull.number, "commit": pull.head,
        "comment": { "what": what, "body": plan.comment.as_ref().map(|(_, body)| body) },
        "remarks": plan.remarks.iter().map(|(id, remark)| json!({ "id": id, "remark": remark })).collect::<Vec<_>>(),
        "resolve": ids(&plan.resolve), "reopen": ids(&plan.reopen),
    }))?;
    context.ui.status("nothing was sent");
    Ok(())
}
