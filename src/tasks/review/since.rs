//! What is new, what still stands and what is fixed since the last review of the same.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::cache::Drawer;
use super::{NEAR, Report};
use crate::client::Shelf;
use crate::git::{ChangeSet, Path};
use crate::secrets::Redactor;
use crate::store::Store;
use crate::tasks::finding::{Finding, Side, Source};

/// Against the last review.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Since {
    /// When that was, milliseconds since 1970.
    pub at_ms: i64,
    /// Ids of findings that were not there then.
    pub new: Vec<String>,
    /// Ids of findings that were.
    pub still: Vec<String>,
    /// Findings of then that are no more.
    pub fixed: Vec<Finding>,
    /// What a model found then and another one did not find again: that says nothing of the code.
    pub unseen: Vec<Finding>,
    /// Findings of then in files that are not in this change any more: nobody says that they are fixed.
    pub left: Vec<Finding>,
}

/// A review as it is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Last {
    findings: Vec<Finding>,
    /// Who was asked.
    #[serde(default)]
    asked: Option<Asked>,
    /// Findings of reviews before, of which this one says nothing, and who was asked for them.
    #[serde(default)]
    earlier: Vec<Earlier>,
    /// Ids of what a mark silenced then, and that was no finding of a review before.
    #[serde(default)]
    silenced: Vec<String>,
}

/// A finding, and who was asked for the review that found it.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Earlier {
    asked: Option<Asked>,
    finding: Finding,
    /// Its id with the mark beside it that silences it.
    #[serde(default)]
    silenced: Option<String>,
}

impl Last {
    /// Every finding that is remembered.
    fn all(self) -> Vec<Earlier> {
        let asked = self.asked;
        let last = self.findings.into_iter();
        let last = last.map(|finding| Earlier { asked: asked.clone(), finding, silenced: None });
        last.chain(self.earlier).collect()
    }
}

/// Who was asked for a review, as the user said it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Role or names.
    pub model: String,
    /// Two reviewed, a third decided.
    pub dialectic: bool,
    /// The two, where they were named.
    pub members: Vec<String>,
    /// The third, where it was named.
    pub synthesis: Option<String>,
    /// Two of one maker would do.
    pub same_family: bool,
}

/// Who was asked for the last review of this repository and label, if a model found one of these in it.
#[must_use]
pub fn asked(
    store: &Store,
    redactor: &Redactor,
    shelf: &Shelf,
    repo: &str,
    change: &ChangeSet,
    ids: &[String],
) -> Option<Asked> {
    let drawer = Drawer::new(shelf, store, redactor);
    let last = drawer.get::<Last>(&drawer.name(&["last", repo, &change.label]))?;
    let found = |e: &Earlier| e.finding.source == Source::Model && ids.contains(&e.finding.id);
    last.all().into_iter().find(found)?.asked
}

/// Compares with the last review of this repository and label, and remembers this one instead. `None` when there was
/// none, or it is past its time.
#[must_use]
pub fn since(
    store: &Store,
    redactor: &Redactor,
    shelf: &Shelf,
    (repo, asked): (&str, Option<Asked>),
    change: &ChangeSet,
    report: &Report,
) -> Option<Since> {
    let drawer = Drawer::new(shelf, store, redactor);
    let name = drawer.name(&["last", repo, &change.label]);
    let mut calls = report.calls();
    let (mut out, mut findings, mut earlier) = (None, report.findings.clone(), Vec::new());
    let mut silenced: Vec<String> = report.looks.silenced.iter().map(|finding| finding.id.clone()).collect();
    if let Some(mut kept) = drawer.all::<Last>(std::slice::from_ref(&name)).pop().flatten() {
        let before = std::mem::take(&mut kept.value.silenced).into_iter().collect();
        let (since, unsaid) = compared((kept.value.all(), &before), kept.made_ms, change, (report, asked.as_ref()));
        if !unsaid.is_empty() {
            calls.extend(kept.calls);
        }
        let claimed: HashSet<&str> = unsaid.iter().filter_map(|e| e.silenced.as_deref()).collect();
        silenced.retain(|id| !claimed.contains(id.as_str()));
        earlier = unsaid;
        out = Some(since);
    }
    // What is compared is where and what they are; a patch is of no use any more.
    let all = findings.iter_mut().chain(earlier.iter_mut().map(|e| &mut e.finding));
    all.for_each(|finding| finding.suggestion = None);
    drawer.put(&name, &calls, &Last { findings, asked, earlier, silenced });
    out
}

/// The comparison, and findings of then of which this review says nothing: they are remembered on. What was `silenced`
/// then already is none of them.
fn compared(
    (before, silenced): (Vec<Earlier>, &HashSet<String>),
    at_ms: i64,
    change: &ChangeSet,
    (report, asked): (&Report, Option<&Asked>),
) -> (Since, Vec<Earlier>) {
    let mut out = Since { at_ms, ..Since::default() };
    let askers: Vec<Option<Asked>> = before.iter().map(|earlier| earlier.asked.clone()).collect();
    let mut left = Left::new(before);
    for finding in &report.findings {
        let list = if left.take(finding) { &mut out.still } else { &mut out.new };
        list.push(finding.id.clone());
    }
    let mut unsaid = Vec::new();
    // A mark beside it mends nothing: it is remembered as it was, for the day on which the mark goes.
    for (mark, (n, finding)) in left.hush(&report.looks.silenced, silenced) {
        out.still.push(finding.id.clone());
        let asked = askers.get(n).cloned().flatten();
        // Nearest to it is what lies where it lies now.
        let finding = Finding { line: mark.line, end_line: mark.end_line, ..finding };
        unsaid.push(Earlier { asked, finding, silenced: Some(mark.id.clone()) });
    }
    let old = change.files.iter().filter_map(|f| f.old_path.as_ref());
    let names: HashSet<&str> = change.files.iter().map(|f| &f.path).chain(old).map(Path::as_str).collect();
    let reviewed: HashSet<&str> = report.coverage.reviewed.iter().map(String::as_str).collect();
    let whole = report.failure.is_none() && report.unreadable == 0;
    // Whoever found such a thing has looked again.
    let looked = |f: &Finding| f.source == Source::Static || (whole && reviewed.contains(f.file.as_str()));
    for (n, finding) in left.rest() {
        let asker = askers.get(n).cloned().flatten();
        // Of before this was kept, nobody knows who was asked.
        let same = finding.source == Source::Static || asker.is_none() || asker.as_ref() == asked;
        // A file that is not in the change any more was committed or put back: nothing was fixed in it by this change.
        let list = match names.contains(finding.file.as_str()) {
            false => &mut out.left,
            true if looked(&finding) && same => &mut out.fixed,
            there => {
                if there && looked(&finding) {
                    out.unseen.push(finding.clone());
                }
                unsaid.push(Earlier { asked: asker, finding, silenced: None });
                continue;
            }
        };
        list.push(finding);
    }
    (out, unsaid)
}

/// A file, a class and a side of it.
type Place = (Source, String, String, Side);

/// Findings of then that are not found again yet, at hand by what makes them the same as one of now.
struct Left {
    findings: Vec<Option<Finding>>,
    by_id: HashMap<String, Vec<usize>>,
    /// By file and class, then by line.
    by_place: HashMap<Place, BTreeMap<u32, Vec<usize>>>,
}

impl Left {
    fn new(before: Vec<Earlier>) -> Self {
        let mut by_id: HashMap<String, Vec<usize>> = HashMap::new();
        let mut by_place: HashMap<Place, BTreeMap<u32, Vec<usize>>> = HashMap::new();
        for (n, Earlier { finding, silenced, .. }) in before.iter().enumerate().rev() {
            let marked = silenced.as_ref().filter(|id| **id != finding.id);
            marked.into_iter().chain([&finding.id]).for_each(|id| by_id.entry(id.clone()).or_default().push(n));
            by_place.entry(place(finding)).or_default().entry(finding.line).or_default().push(n);
        }
        Self { findings: before.into_iter().map(|earlier| Some(earlier.finding)).collect(), by_id, by_place }
    }

    /// Takes out the same problem, also when a model calls it by the same name a few lines further on.
    fn take(&mut self, finding: &Finding) -> bool {
        self.same(&finding.id).is_some() || (finding.source == Source::Model && self.near(finding).is_some())
    }

    /// Takes out what is silenced now. The id of one may be another by the mark on its line: then it is one of its class
    /// that lies there, unless it was silenced before.
    fn hush<'f>(&mut self, silenced: &'f [Finding], before: &HashSet<String>) -> Vec<(&'f Finding, (usize, Finding))> {
        // What is surely another's is nobody's by its place.
        let (mut out, mut others) = (Vec::new(), Vec::new());
        for finding in silenced {
            match self.same(&finding.id) {
                Some(taken) => out.push((finding, taken)),
                None => others.push(finding),
            }
        }
        let new = others.into_iter().filter(|finding| !before.contains(&finding.id));
        out.extend(new.filter_map(|finding| Some((finding, self.near(finding)?))));
        out
    }

    /// Takes out the one with this id.
    fn same(&mut self, id: &str) -> Option<(usize, Finding)> {
        claim(self.by_id.get_mut(id)?, &mut self.findings)
    }

    /// Takes out the nearest of the same class that lies near it.
    fn near(&mut self, finding: &Finding) -> Option<(usize, Finding)> {
        let lines = self.by_place.get_mut(&place(finding))?;
        let near = finding.line.saturating_sub(NEAR)..=finding.line.saturating_add(NEAR);
        let mut near: Vec<_> = lines.range_mut(near).collect();
        near.sort_by_key(|(line, _)| line.abs_diff(finding.line));
        near.into_iter().find_map(|(_, places)| claim(places, &mut self.findings))
    }

    fn rest(self) -> impl Iterator<Item = (usize, Finding)> {
        self.findings.into_iter().enumerate().filter_map(|(n, finding)| Some((n, finding?)))
    }
}

fn place(finding: &Finding) -> Place {
    (finding.source, finding.file.clone(), finding.class.clone(), finding.side)
}

/// Takes out the first of these that is still there.
fn claim(places: &mut Vec<usize>, findings: &mut [Option<Finding>]) -> Option<(usize, Finding)> {
    while let Some(place) = places.pop() {
        if let Some(finding) = findings.get_mut(place).and_then(Option::take) {
            return Some((place, finding));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::{FileChange, Status};
    use crate::tasks::finding::{Severity, Verification, identify};

    fn finding(source: Source, file: &str, line: u32, class: &str) -> Finding {
        Finding {
            id: identify(class, &format!("{file}{line}"), "", 0),
            file: file.into(),
            line,
            end_line: line,
            side: Side::New,
            severity: Severity::High,
            confidence: 0.6,
            class: class.into(),
            title: String::new(),
            why: String::new(),
            suggestion: None,
            source,
            verification: Verification::Unverified,
            rule: None,
        }
    }

    fn earlier(findings: Vec<Finding>) -> Vec<Earlier> {
        findings.into_iter().map(|finding| Earlier { asked: None, finding, silenced: None }).collect()
    }

    /// Where nothing was silenced before.
    fn compared(
        before: Vec<Earlier>,
        at_ms: i64,
        change: &ChangeSet,
        now: (&Report, Option<&Asked>),
    ) -> (Since, Vec<Earlier>) {
        super::compared((before, &HashSet::new()), at_ms, change, now)
    }

    #[test]
    fn what_another_model_does_not_find_again_is_not_fixed() {
        let asked = |model: &str| Asked {
            model: model.into(),
            dialectic: false,
            members: Vec::new(),
            synthesis: None,
            same_family: false,
        };
        let race = || finding(Source::Model, "a.rs", 10, "race");
        let before = || vec![Earlier { asked: Some(asked("a")), finding: race(), silenced: None }];
        let mut report = Report::default();
        report.coverage.reviewed = vec!["a.rs".into()];
        let run = |before, who: &Asked| compared(before, 7, &change(&["a.rs"]), (&report, Some(who)));
        let (since, kept) = run(before(), &asked("b"));
        assert_eq!((since.fixed.len(), since.unseen.len(), kept.len()), (0, 1, 1));
        let (again, kept) = run(kept, &asked("b"));
        assert_eq!((again.fixed.len(), again.unseen.len(), kept.len()), (0, 1, 1), "nor by asking the other once more");
        let (since, kept) = run(kept, &asked("a"));
        assert_eq!((since.fixed.len(), since.unseen.len(), kept.len()), (1, 0, 0), "whoever found it looked again");
    }

    #[test]
    fn what_a_mark_silences_is_not_fixed() {
        let todo = |line| finding(Source::Static, "a.rs", line, "todo");
        let mut report = Report::default();
        // The mark made another line of it, and came a line above the second one.
        report.looks.silenced = vec![Finding { id: String::new(), ..todo(10) }, todo(91)];
        let before = vec![todo(10), todo(50), todo(90)];
        let (since, kept) = compared(earlier(before), 7, &change(&["a.rs"]), (&report, None));
        let lines = |all: &[Finding]| all.iter().map(|f| f.line).collect::<Vec<_>>();
        assert_eq!((since.new.len(), since.still.len(), lines(&since.fixed)), (0, 2, vec![50]));
        let (since, kept) = compared(kept, 7, &change(&["a.rs"]), (&report, None));
        assert_eq!((since.still.len(), since.fixed.len(), kept.len()), (2, 0, 2), "nor is it the next time");
        // Without the mark it is what it was.
        let report = Report { findings: vec![todo(10), todo(90)], ..Report::default() };
        let (since, kept) = compared(kept, 7, &change(&["a.rs"]), (&report, None));
        assert_eq!((since.new.len(), since.still.len(), kept.len()), (0, 2, 0));
    }

    #[test]
    fn a_mark_elsewhere_holds_nothing_that_was_mended() {
        let todo = |line| finding(Source::Static, "a.rs", line, "todo");
        let marked = |line| Finding { id: format!("marked {line}"), ..todo(line) };
        let mut report = Report::default();
        report.looks.silenced = vec![marked(500)];
        let (since, kept) = compared(earlier(vec![todo(10)]), 7, &change(&["a.rs"]), (&report, None));
        assert_eq!((since.still.len(), since.fixed.len(), kept.len()), (0, 1, 0), "far from it is another");
        // One that was silenced before is another, however near it lies.
        report.looks.silenced = vec![marked(12)];
        let silenced = HashSet::from([marked(12).id]);
        let (since, kept) =
            super::compared((earlier(vec![todo(10)]), &silenced), 7, &change(&["a.rs"]), (&report, None));
        assert_eq!((since.still.len(), since.fixed.len(), kept.len()), (0, 1, 0));
        // One that was marked since is known by its mark when it moves.
        let (since, kept) = compared(earlier(vec![todo(10)]), 7, &change(&["a.rs"]), (&report, None));
        assert_eq!((since.still.len(), since.fixed.len()), (1, 0));
        report.looks.silenced = vec![Finding { line: 80, ..marked(12) }];
        let (since, _) = compared(kept, 7, &change(&["a.rs"]), (&report, None));
        assert_eq!((since.still.len(), since.fixed.len()), (1, 0));
    }

    fn change(files: &[&str]) -> ChangeSet {
        let file = |f: &&str| FileChange::new((*f).into(), Status::Modified);
        ChangeSet { files: files.iter().map(file).collect(), ..ChangeSet::default() }
    }

    #[test]
    fn findings_are_new_or_still_there_or_fixed() {
        let before = vec![
            finding(Source::Model, "a.rs", 10, "off-by-one"),
            finding(Source::Model, "a.rs", 40, "race"),
            finding(Source::Static, "b.rs", 1, "todo"),
            finding(Source::Static, "gone.rs", 1, "todo"),
        ];
        let mut report = Report::default();
        report.coverage.reviewed = vec!["a.rs".into(), "b.rs".into()];
        report.findings =
            vec![finding(Source::Model, "a.rs", 12, "off-by-one"), finding(Source::Model, "b.rs", 3, "leak")];
        let (since, unsaid) = compared(earlier(before), 7, &change(&["a.rs", "b.rs"]), (&report, None));
        let fixed: Vec<(&str, &str)> = since.fixed.iter().map(|f| (f.file.as_str(), f.class.as_str())).collect();
        assert_eq!((since.still.len(), since.new.len()), (1, 1), "two lines further on it is the same");
        assert_eq!(fixed, [("a.rs", "race"), ("b.rs", "todo")], "a file that left the change is not fixed by it");
        assert_eq!(
            since.left.iter().map(|f| f.file.as_str()).collect::<Vec<_>>(),
            ["gone.rs"],
            "it is told as what it is"
        );
        assert!(unsaid.is_empty());
    }

    #[test]
    fn what_no_model_looked_at_again_is_not_fixed_and_not_forgotten() {
        let before = vec![finding(Source::Model, "a.rs", 10, "race"), finding(Source::Static, "a.rs", 1, "todo")];
        let (since, unsaid) = compared(earlier(before), 7, &change(&["a.rs"]), (&Report::default(), None));
        assert_eq!(since.fixed.len(), 1, "the rules did look");
        assert_eq!(unsaid.len(), 1, "the model did not");
    }
}
