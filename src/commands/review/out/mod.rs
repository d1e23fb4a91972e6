//! A review as people and programs read it: one form a file.

mod codeclimate;
mod github;
mod json;
mod markdown;
mod sarif;
#[cfg(test)]
mod tests;
mod text;

use std::collections::{BTreeMap, HashMap, HashSet};

use clap::ValueEnum;

pub(super) use github::summary as github_summary;
pub(super) use json::value as json;
pub(super) use markdown::{comment, thread};
pub(super) use text::Paint;

use super::By;
use super::mend;
use super::silence::Suppressed;
use crate::client::CallError;
use crate::commands::error::Exit;
use crate::git::{ChangeSet, Contents, Path};
use crate::tasks::finding::{Finding, Severity, Side, Source, Verification};
use crate::tasks::review::{Masked, Report};
use crate::ui::{Tone, escaped, plain};

/// Findings that are shown without `--all`.
const SHOWN: usize = 10;

/// A form of a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people.
    Text,
    /// One object; its schema: monster review schema.
    Json,
    /// One object a line: the review, then its findings.
    Jsonl,
    /// SARIF 2.1.0, for code hosts and editors.
    Sarif,
    /// Annotations of GitHub Actions, and its step summary.
    Github,
    /// For a comment or a page.
    Markdown,
    /// The suggestions as one patch for git apply.
    Patch,
    /// Code Climate issues, as GitLab's code quality reports.
    Codeclimate,
}

impl Format {
    /// People read it, not programs.
    pub(super) const fn for_people(self) -> bool {
        matches!(self, Self::Text)
    }

    /// It says itself what was not read.
    pub(super) const fn says_why(self) -> bool {
        matches!(self, Self::Text | Self::Markdown | Self::Json | Self::Jsonl)
    }
}

/// A review, as all forms tell it.
pub(super) struct Told<'a> {
    pub change: &'a ChangeSet,
    pub contents: &'a dyn Contents,
    pub report: &'a Report,
    /// What is shown of files that hold a secret in their names.
    pub names: &'a Masked,
    pub suppressed: &'a [Suppressed],
    pub by: &'a By,
    pub exit: Exit,
    /// Show every finding.
    pub all: bool,
    /// Suggestions that were written to the work tree.
    pub applied: &'a [String],
    /// Show only what is new since the last review.
    pub since: bool,
    /// Ids of the findings at or above the gate.
    pub decisive: &'a [String],
}

impl<'a> Told<'a> {
    /// Findings worth a person's time, worst first.
    pub(super) fn worth(&self) -> impl Iterator<Item = &'a Finding> {
        let (all, over) = (self.all, &self.report.over);
        let beyond = move |f: &Finding| f.source == Source::Model && over.contains(&f.id);
        self.fresh().filter(move |f| all || (f.severity >= Severity::Medium && !f.moot() && !beyond(f)))
    }

    /// All of them, or what is new.
    fn fresh(&self) -> impl Iterator<Item = &'a Finding> {
        let since = self.report.looks.since.as_ref().filter(|_| self.since);
        let new: Option<HashSet<&str>> = since.map(|since| since.new.iter().map(String::as_str).collect());
        self.report.findings.iter().filter(move |f| new.as_ref().is_none_or(|new| new.contains(f.id.as_str())))
    }

    /// What is shown, and how many are not.
    pub(super) fn shown(&self) -> (Vec<&'a Finding>, usize) {
        let shown: Vec<_> = self.worth().take(if self.all { usize::MAX } else { SHOWN }).collect();
        let hidden = self.fresh().count() - shown.len();
        (shown, hidden)
    }

    /// `3 shown · 5 hidden (--all) · 2 suppressed`.
    pub(super) fn counted(&self, shown: usize, hidden: usize) -> String {
        let mut out = match (shown, hidden) {
            (0, 0) if self.report.findings.is_empty() => "no findings".to_owned(),
            (0, 0) => "nothing new".to_owned(),
            (shown, 0) => crate::commands::show::counted(shown, "finding"),
            (shown, hidden) => format!("{shown} shown · {hidden} hidden (--all)"),
        };
        if !self.suppressed.is_empty() {
            out.push_str(&format!(" · {} suppressed", self.suppressed.len()));
        }
        out
    }

    /// `1 file, +3 -1`.
    pub(super) fn size(&self) -> String {
        let files = crate::commands::show::counted(self.change.files.len(), "file");
        format!("{files}, +{} -{}", self.change.added(), self.change.removed())
    }

    /// Who reviewed and what was looked at.
    pub(super) fn coverage(&self) -> String {
        match self.by {
            By::Rules(_) => {
                format!("by monster's own rules, no model was asked · {}", self.report.coverage.line())
            }
            By::Unanswered(name) => {
                let sent = !self.report.failure.as_ref().is_some_and(CallError::policy);
                let what = if sent { "did not answer" } else { "was not asked" };
                format!("by monster's own rules; {} {what}", plain(name))
            }
            By::Model(name) => format!("{} · {}", plain(name), self.report.coverage.line()),
        }
    }

    /// What was not looked at and why, one line each.
    pub(super) fn gaps(&self) -> Vec<String> {
        let mut out = Vec::new();
        let ignored = &self.report.coverage.ignored;
        if let Some((first, whose)) = ignored.first() {
            let more = if ignored.len() > 1 { format!(" and {} more", ignored.len() - 1) } else { String::new() };
            out.push(format!("left out by review.ignore ({}): {}{more}", plain(whose), plain(first)));
        }
        out.extend(self.named());
        out.extend(self.missing(usize::MAX));
        out
    }

    /// What was only named and why, in one line.
    fn named(&self) -> Option<String> {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (file, why) in &self.report.coverage.summarised {
            reasons.entry(why).or_default().push(file);
        }
        let told = |(why, files): (&str, Vec<&str>)| {
            let more = if files.len() > 1 { format!(" and {} more", files.len() - 1) } else { String::new() };
            format!("{}{more} ({why})", plain(files.first().copied().unwrap_or_default()))
        };
        let told: Vec<String> = reasons.into_iter().map(told).collect();
        (!told.is_empty()).then(|| format!("only named: {}", told.join(", ")))
    }

    /// What makes the review incomplete, one line each; at most so many files.
    pub(super) fn missing(&self, most: usize) -> Vec<String> {
        let skipped = &self.report.coverage.skipped;
        let by = if matches!(self.by, By::Rules(_)) { "" } else { " by a model" };
        let told = |(file, why): &(String, String)| format!("not read{by}: {} ({})", plain(file), plain(why));
        let mut out: Vec<String> = skipped.iter().take(most).map(told).collect();
        if skipped.len() > most {
            out.push(format!("not read{by}: {} more", skipped.len() - most));
        }
        if self.report.unreadable > 0 {
            out.push("a part of the model's answer could not be read: this review is incomplete".to_owned());
        }
        out
    }

    /// That the exit code is about findings that are not shown, because they were there before.
    pub(super) fn decided(&self) -> Option<String> {
        let since = self.report.looks.since.as_ref().filter(|_| self.since && self.exit == Exit::Failed)?;
        let before: HashSet<&str> = since.still.iter().map(String::as_str).collect();
        let still = self.decisive.iter().filter(|id| before.contains(id.as_str())).count();
        let verb = if still == 1 { "decides" } else { "decide" };
        (still > 0).then(|| format!("{still} still there {verb} the exit (--fail-on)"))
    }

    /// In a form for a file or a pipe, with its last line feed.
    pub(super) fn in_form(&self, format: Format) -> String {
        match format {
            Format::Text => self.text(crate::ui::measure(None), &|_, text| text.to_owned()),
            Format::Json => lined(escaped(&format!("{:#}", json::value(self)))),
            Format::Jsonl => json::lines(self),
            Format::Sarif => lined(escaped(&format!("{:#}", sarif::log(self)))),
            Format::Github => github::commands(self),
            Format::Markdown => markdown::page(self),
            Format::Patch => mend::together(self.change, self.contents, &self.report.findings).patch(),
            Format::Codeclimate => lined(escaped(&format!("{:#}", codeclimate::issues(self)))),
        }
    }

    /// For people, in lines of so many columns where they can be, with what stands out painted so.
    pub(super) fn text(&self, width: usize, paint: &dyn Fn(Tone, &str) -> String) -> String {
        text::render((width, paint), self)
    }
}

fn lined(text: String) -> String {
    text + "\n"
}

/// What a finding is about; programs want it to be called something.
fn class(finding: &Finding) -> &str {
    if finding.class.is_empty() { "defect" } else { &finding.class }
}

/// `rule`, `model`, and what a second look said where one took place.
fn source(finding: &Finding) -> &'static str {
    match (finding.source, finding.hint(), finding.verification) {
        (Source::Static, ..) => "rule",
        (Source::Model, true, Verification::Unverified) => "model, low confidence",
        (Source::Model, _, Verification::Confirmed) => "model, confirmed",
        (Source::Model, _, Verification::Unsure) => "model, unsure",
        (Source::Model, _, Verification::Unverified) => "model",
    }
}

/// The name of a file as git has it, by the one that it is shown under; what is no text in it is replaced.
fn named(shown: &str) -> String {
    String::from_utf8_lossy(&Path::bytes_of(shown)).into_owned()
}

/// A name as git has it; where that is no text, as it is shown (`\xNN` for each such byte).
pub(super) fn exact(shown: &str) -> String {
    String::from_utf8(Path::bytes_of(shown)).unwrap_or_else(|_| shown.to_owned())
}

/// First and last line on the new side; `None` where the finding is about the whole file, or about lines that are gone.
fn lines(finding: &Finding) -> Option<(u32, u32)> {
    (finding.line > 0 && finding.side == Side::New).then(|| (finding.line, finding.end_line.max(finding.line)))
}

/// Numbers occurrences of one key, from 1.
#[derive(Default)]
struct Nth<'a>(HashMap<&'a str, usize>);

impl<'a> Nth<'a> {
    /// The key itself the first time it comes, then `KEY:2` and so on.
    fn name(&mut self, key: &'a str) -> String {
        let nth = self.0.entry(key).or_default();
        *nth += 1;
        if *nth == 1 { key.to_owned() } else { format!("{key}:{nth}") }
    }
}
