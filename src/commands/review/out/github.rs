//! A review as workflow commands of GitHub Actions: annotations beside the code, as many as it shows of each level.

use super::{Told, lines, named};
use crate::tasks::finding::{Finding, Severity};
use crate::ui::plain;

/// GitHub shows so many annotations of one level for a step.
const EACH: usize = 10;
/// GitHub takes so much of a summary for a step (bytes), with room for what others wrote.
const SUMMARY: usize = 900 << 10;

/// The commands, one a line.
pub(super) fn commands(told: &Told<'_>) -> String {
    let chosen = annotated(told);
    chosen.iter().map(|f| command(f, told.names.folder(&f.file))).collect()
}

/// What the step's summary says: everything that is worth a person's time, and how much of it is not annotated.
pub(in crate::commands::review) fn summary(told: &Told<'_>) -> String {
    let all: Vec<&Finding> = told.worth().collect();
    let rest = all.len() - annotated(told).len();
    let note = match rest {
        0 => String::new(),
        n => format!("\n{n} of these stand here alone: GitHub annotates {EACH} of a level.\n"),
    };
    super::markdown::whole(told, all, SUMMARY) + &note
}

fn annotated<'a>(told: &Told<'a>) -> Vec<&'a Finding> {
    let mut counts = std::collections::HashMap::new();
    let room = |f: &&Finding| {
        let count: &mut usize = counts.entry(level(f)).or_default();
        *count += 1;
        *count <= EACH
    };
    told.worth().filter(room).collect()
}

/// Where a file cannot be named, the annotation stands at none, and says of which it is.
fn command(finding: &Finding, folder: Option<&str>) -> String {
    let place = match (folder, lines(finding)) {
        (Some(_), _) => String::new(),
        (None, Some((first, last))) => format!("file={},line={first},endLine={last},", property(&file(finding))),
        (None, None) => format!("file={},", property(&file(finding))),
    };
    let mut out = format!("::{} {place}", level(finding));
    let removed = if lines(finding).is_none() && finding.line > 0 {
        format!(" (removed line {})", finding.line)
    } else {
        String::new()
    };
    let of = if folder.is_some() { format!("{}\n", finding.file) } else { String::new() };
    let told = format!("{}{removed}\n{of}{} · {}", finding.why, finding.class, finding.id);
    out.push_str(&format!("title={}::{}\n", property(&plain(&finding.title)), data(&plain(&told))));
    out
}

/// The file by its own name, with line ends, which the command escapes, and with what turns text round or is not seen;
/// by the name it is shown under where a control would drive a terminal.
fn file(finding: &Finding) -> String {
    let name = named(&finding.file);
    let drives = |c: char| c.is_control() && !matches!(c, '\r' | '\n');
    if name.contains(drives) { plain(&finding.file) } else { name }
}

/// A hint that decides nothing is one, however bad it would be.
fn level(finding: &Finding) -> &'static str {
    if !finding.counts() {
        return "notice";
    }
    match finding.severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low => "notice",
    }
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
