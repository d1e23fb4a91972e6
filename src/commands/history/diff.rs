//! `monster history diff`: what two kept answers say differently.

use clap::Args;
use serde_json::{Value, json};
use similar::{ChangeTag, TextDiff};

use super::kept;
use super::list::cost;
use super::when::seconds;
use crate::client::Answer;
use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::store::{HistoryRow, Store};
use crate::ui::{Table, Tone, Ui, plain};

/// Compare two kept answers, with who gave them, for how much and how fast.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  monster history diff rk3 last --words\n  monster history diff last")]
pub(super) struct Diff {
    /// The first call's id, or its beginning.
    first: String,
    /// The second's; last is the newest call. Left out, the first is a replay and is compared with what it repeats.
    second: Option<String>,
    /// Mark words instead of lines.
    #[arg(long)]
    words: bool,
}

struct Side {
    row: HistoryRow,
    answer: Answer,
    whole: bool,
}

impl Diff {
    /// Compares.
    pub(super) fn run(self, context: &Context) -> Outcome {
        let store = context.kept()?;
        let first = super::find(&store, &self.first)?;
        let rows = match &self.second {
            Some(second) => [first, super::find(&store, second)?],
            None => {
                let Some(original) = store.replayed(&first.id)?.0 else {
                    let what = format!("the call {} repeats no other", first.id);
                    return Err(CommandError::new(Exit::Usage, what).hint("name the one to compare it with"));
                };
                [super::find(&store, &original)?, first]
            }
        };
        for row in &rows {
            if store.content(&row.id)?.is_empty() {
                return Err(kept::missing(context, &row.id, "the content"));
            }
        }
        let opened = kept::unlock(context)?;
        let side = |store: &Store, row: HistoryRow| -> Result<Side, CommandError> {
            let kept = kept::read(&opened, &row.id, &store.content(&row.id)?)?;
            let Some((answer, whole)) = kept.answer else {
                return Err(CommandError::new(Exit::Failed, format!("the call {} gave no answer to compare", row.id))
                    .hint(format!("ask again with: monster history replay {}", row.id)));
            };
            Ok(Side { row, answer, whole })
        };
        let [first, second] = rows;
        let (first, second) = (side(&store, first)?, side(&store, second)?);
        let (old, new) = (spoken(&first.answer), spoken(&second.answer));
        let diff = if self.words { TextDiff::from_words(&old, &new) } else { TextDiff::from_lines(&old, &new) };
        if context.ui.look().json {
            let changes: Vec<Value> =
                diff.iter_all_changes().map(|c| json!({ "is": name(c.tag()), "text": c.value() })).collect();
            context
                .ui
                .json(&json!({ "schema": "monster.history.diff/1", "first": first.json(), "second": second.json(),
                "same": old == new, "ratio": diff.ratio(), "changes": changes }))?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["", "first", "second"]);
        let rows = first.lines().into_iter().zip(second.lines());
        rows.for_each(|((head, a), (_, b))| table.row([head.to_owned(), a, b]));
        let mut out = table.render();
        out.push('\n');
        if old == new {
            out.push_str("the two answers are the same\n");
        } else if self.words {
            out.push_str(&in_words(&context.ui, &diff));
        } else {
            for change in diff.iter_all_changes() {
                let text = plain(change.value());
                let text = text.trim_end_matches('\n');
                out.push_str(&match change.tag() {
                    ChangeTag::Equal => format!("  {text}"),
                    ChangeTag::Delete => context.ui.paint(Tone::Red, &format!("- {text}")),
                    ChangeTag::Insert => context.ui.paint(Tone::Green, &format!("+ {text}")),
                });
                out.push('\n');
            }
        }
        context.ui.out(&out)?;
        Ok(Exit::Done)
    }
}

fn in_words(ui: &Ui, diff: &TextDiff<'_, '_, str>) -> String {
    // Neighbours are marked together; the words of a kind come as one run.
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, text)) if *tag == change.tag() => text.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    runs.iter()
        .map(|(tag, text)| match tag {
            ChangeTag::Equal => plain(text),
            ChangeTag::Delete => ui.paint(Tone::Red, &format!("[-{}-]", plain(text))),
            ChangeTag::Insert => ui.paint(Tone::Green, &format!("{{+{}+}}", plain(text))),
        })
        .collect()
}

/// Text and calls: an answer may be nothing but calls.
fn spoken(answer: &Answer) -> String {
    let mut out = format!("{}\n", answer.text.trim_end());
    for (tool, input) in &answer.calls {
        out.push_str(&format!("calls {tool} {input}\n"));
    }
    out
}

const fn name(tag: ChangeTag) -> &'static str {
    match tag {
        ChangeTag::Equal => "same",
        ChangeTag::Delete => "first",
        ChangeTag::Insert => "second",
    }
}

impl Side {
    fn served(&self) -> String {
        let last = || self.row.attempts.last().map(|a| format!("{}/{}", a.upstream, a.model)).unwrap_or_default();
        self.row.served_by.as_ref().map_or_else(last, |(u, _, m)| format!("{u}/{m}"))
    }

    fn tokens(&self) -> (u64, u64) {
        let used = self.row.attempts.iter().filter_map(|a| a.usage);
        used.fold((0, 0), |(i, o), (u, _)| (i + u.prompt().min(u64::MAX / 4), o + u.output.min(u64::MAX / 4)))
    }

    fn lines(&self) -> [(&'static str, String); 7] {
        let known = |text: String| if text.is_empty() { "unknown".to_owned() } else { text };
        let used = self.row.attempts.iter().any(|a| a.usage.is_some());
        let (input, output) = self.tokens();
        let tokens = if used { format!("{input} in, {output} out") } else { String::new() };
        let took = self.row.ended_ms.map_or_else(String::new, |end| format!("{}s", seconds(self.row.started_ms, end)));
        let sent = self.row.attempts.last().and_then(|a| a.effort_sent.clone());
        let effort = format!("{}, sent {}", self.row.asked_effort, sent.as_deref().unwrap_or("none"));
        [
            ("id", self.row.id.clone()),
            ("model", self.served()),
            ("effort", effort),
            ("cost", known(cost(&self.row))),
            ("time", known(took)),
            ("tokens", known(tokens)),
            ("answer", if self.whole { "whole" } else { "broken off" }.to_owned()),
        ]
    }

    fn json(&self) -> Value {
        let mut value = super::list::as_json(&self.row);
        value["whole"] = json!(self.whole);
        value["answer"] = json!(self.answer.text);
        value
    }
}
