//! `monster cost`: what was spent. Unknown prices and killed calls are counted, never shown as free.

use std::path::Path;

use clap::{Args, ValueEnum};
use jiff::civil::Date;
use jiff::{Span, ZonedDateTime};
use serde_json::{Value, json};

use super::context::Context;
use super::error::{CommandError, Exit, Outcome};
use super::show::count;
use crate::git::Repo;
use crate::model::NanoUsd;
use crate::store::{Spent, SpentBy, SpentFilter, SpentRow, Sum};
use crate::ui::{Table, plain};
use crate::world::clock::zone;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  monster cost\n  monster cost --since month --by day\n  monster cost --since 2026-11-01 --by commit --repo .\n  monster cost --since month --account work --model gpt-5\n  monster cost --since 90d --by command --csv > cost.csv"
)]
pub(super) struct Cost {
    /// What sums are made by.
    #[arg(long, value_name = "WHAT", default_value = "model")]
    by: By,
    /// Since when: today, 7d (seven days, today included), month (this one), or a day such as 2026-11-01.
    #[arg(long, value_name = "WHEN", value_parser = since, conflicts_with = "days")]
    since: Option<Since>,
    /// Since this many days, today included.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=3660))]
    days: u16,
    /// Only what was spent in this repository.
    #[arg(long, value_name = "PATH")]
    repo: Option<String>,
    /// Comma-separated values, for a spreadsheet.
    #[arg(long)]
    csv: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum By {
    Day,
    Model,
    Account,
    Repo,
    Branch,
    Commit,
    Command,
}

impl By {
    const fn name(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Model => "model",
            Self::Account => "account",
            Self::Repo => "repo",
            Self::Branch => "branch",
            Self::Commit => "commit",
            Self::Command => "command",
        }
    }

    const fn stored(self) -> SpentBy {
        match self {
            Self::Day => SpentBy::Day,
            Self::Model => SpentBy::Model,
            Self::Account => SpentBy::Account,
            Self::Repo => SpentBy::Repo,
            Self::Branch => SpentBy::Branch,
            Self::Commit => SpentBy::Commit,
            Self::Command => SpentBy::Command,
        }
    }

    /// What a sum without a key is the sum of.
    const fn none(self) -> &'static str {
        match self {
            Self::Repo => "no repository",
            Self::Branch => "no branch",
            Self::Commit => "no commit",
            Self::Command => "not known",
            Self::Day | Self::Model | Self::Account => "",
        }
    }
}

/// When it begins, in the user's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Since {
    Days(u16),
    Month,
    Day(Date),
}

fn since(text: &str) -> Result<Since, String> {
    let wrong = || "today, 7d, month, or a day such as 2026-11-01".to_owned();
    match text {
        "today" => Ok(Since::Days(1)),
        "month" => Ok(Since::Month),
        _ => match text.strip_suffix('d') {
            Some(days) => days.parse().ok().filter(|n| (1..=3660).contains(n)).map(Since::Days).ok_or_else(wrong),
            None => text.parse().map(Since::Day).map_err(|_| wrong()),
        },
    }
}

impl Since {
    /// The moment; days are as long as the zone makes them.
    fn begin(self, now: &ZonedDateTime) -> Result<ZonedDateTime, jiff::Error> {
        match self {
            Self::Days(n) => now.checked_sub(Span::new().days(i64::from(n) - 1))?.start_of_day(),
            Self::Month => now.first_of_month()?.start_of_day(),
            Self::Day(day) => day.to_zoned_datetime(now.time_zone().clone())?.start_of_day(),
        }
    }
}

impl Cost {
    /// Does it.
    pub(super) fn run(self, context: &Context) -> Outcome {
        if self.csv && context.ui.look().json {
            return Err(CommandError::new(Exit::Usage, "--csv and --json are two forms of one answer; name one"));
        }
        let zone = zone();
        let now = context.clock.now().to_zoned_datetime(zone.clone());
        let since = self.since.unwrap_or(Since::Days(self.days));
        let begin = since.begin(&now).map_err(|e| CommandError::of(Exit::Usage, &e))?;
        let store = context.kept()?;
        if self.by == By::Commit {
            super::ended::look(context, &store);
        }
        let repo = self.repo.as_deref().map(|path| root(context, path));
        let (account, model) = (context.globals.account.clone(), context.globals.model.clone());
        let filter = SpentFilter { since_ms: begin.timestamp().as_millisecond(), repo, account, model, zone };
        let spent = store.spent(&filter, self.by.stored())?;
        if self.csv {
            context.ui.out(self.table(&spent).trim_end_matches('\n'))?;
        } else if context.ui.look().json {
            context.ui.json(&json!({
                "schema": "monster.cost/1", "since": begin.timestamp().to_string(), "time_zone": named(&begin),
                "repo": filter.repo, "account": filter.account, "model": filter.model, "by": self.by.name(), "rows": spent.rows.iter().map(as_json).collect::<Vec<_>>(),
                "total": Some(&spent.total).filter(|_| !spent.rows.is_empty()).map(sum_json),
            }))?;
        } else if spent.rows.is_empty() {
            let narrow = filter.repo.is_some() || filter.account.is_some() || filter.model.is_some();
            let so = if narrow { "nothing like that was spent" } else { "nothing was spent" };
            context.ui.out(&format!("{so}{}", if since == Since::Days(1) { " today" } else { "" }))?;
        } else {
            context.ui.out(&self.text(&spent))?;
        }
        Ok(Exit::Done)
    }

    fn text(&self, spent: &Spent) -> String {
        let mut table = Table::new(&[self.by.name(), ">attempts", ">in", ">out", ">cost"]);
        let mut line = |key: String, sum: &Sum| {
            table.row([key, sum.attempts.to_string(), count(sum.usage.prompt()), count(sum.usage.output), money(sum)]);
        };
        for row in &spent.rows {
            line(self.label(row), &row.sum);
        }
        if spent.rows.len() > 1 {
            line("total".to_owned(), &spent.total);
        }
        let mut out = table.render().trim_end_matches('\n').to_owned();
        if spent.total.interrupted > 0 {
            let (n, verb) = if spent.total.interrupted == 1 {
                ("1 call".to_owned(), "was")
            } else {
                (format!("{} calls", spent.total.interrupted), "were")
            };
            out.push_str(&format!("\n{n} {verb} killed; what was used then is not known and in no sum"));
        }
        out
    }

    /// A sum's name for people.
    fn label(&self, row: &SpentRow) -> String {
        let key = match (row.key.as_str(), self.by) {
            ("", by) => by.none(),
            (key, By::Commit) => key.get(..12).unwrap_or(key),
            (key, _) => key,
        };
        plain(&match row.repo.as_deref().filter(|_| !row.key.is_empty()) {
            Some(repo) => format!("{key} ({repo})"),
            None => key.to_owned(),
        })
    }

    fn table(&self, spent: &Spent) -> String {
        let mut out = String::new();
        let head = [
            self.by.name(),
            "repo",
            "attempts",
            "input",
            "cache_read",
            "cache_write_short",
            "cache_write_long",
            "output",
            "reasoning",
            "usd_exact",
            "usd_estimated",
            "unpriced",
            "interrupted",
            "running",
        ];
        line(&mut out, head.map(str::to_owned));
        for row in &spent.rows {
            let (sum, usage) = (&row.sum, &row.sum.usage);
            let whole = |n: u64| n.to_string();
            line(
                &mut out,
                [
                    row.key.clone(),
                    row.repo.clone().unwrap_or_default(),
                    whole(sum.attempts),
                    whole(usage.input),
                    whole(usage.cache_read),
                    whole(usage.cache_write_short),
                    whole(usage.cache_write_long),
                    whole(usage.output),
                    usage.reasoning.map(whole).unwrap_or_default(),
                    if sum.exact + sum.local > 0 { dollars(sum.exact_cost) } else { String::new() },
                    if sum.guessed > 0 { dollars(sum.guessed_cost) } else { String::new() },
                    whole(sum.unpriced),
                    whole(sum.interrupted),
                    whole(sum.running),
                ],
            );
        }
        out
    }
}

/// The work tree around a path; the path itself where there is none any more.
fn root(context: &Context, path: &str) -> String {
    let path = context.env.cwd().join(path);
    let path = path.canonicalize().unwrap_or(path);
    let found = Repo::discover(&path, &context.env).ok().and_then(|repo| repo.root().map(Path::to_owned));
    super::context::named(&found.unwrap_or(path))
}

/// A time zone's name; its distance from UTC where it has none.
fn named(at: &ZonedDateTime) -> String {
    at.time_zone().iana_name().map_or_else(|| at.offset().to_string(), str::to_owned)
}

/// `$4.18 + $0.3700 estimated + 2 unpriced`.
fn money(sum: &Sum) -> String {
    let mut parts = Vec::new();
    if sum.exact > 0 || (sum.guessed == 0 && sum.exact_cost.0 > 0) {
        parts.push(sum.exact_cost.to_string());
    }
    if sum.guessed > 0 {
        parts.push(format!("{} estimated", sum.guessed_cost));
    }
    if parts.is_empty() && sum.local > 0 {
        parts.push("local".to_owned());
    }
    match sum.unpriced {
        0 => {}
        _ if parts.is_empty() => parts.push("unpriced".to_owned()),
        n => parts.push(format!("{n} unpriced")),
    }
    if parts.is_empty() && sum.interrupted + sum.running > 0 {
        parts.push("not known".to_owned());
    }
    parts.join(" + ")
}

/// Dollars to the last nano-dollar, without the sign.
fn dollars(amount: NanoUsd) -> String {
    format!("{amount:#}").trim_start_matches('$').to_owned()
}

fn as_json(row: &SpentRow) -> Value {
    let mut out = sum_json(&row.sum);
    if let Value::Object(fields) = &mut out {
        fields.shift_insert(0, "key".to_owned(), json!(row.key));
        if let Some(repo) = &row.repo {
            fields.shift_insert(1, "repo".to_owned(), json!(repo));
        }
    }
    out
}

fn sum_json(sum: &Sum) -> Value {
    let usage = &sum.usage;
    json!({
        "attempts": sum.attempts, "input": usage.prompt(), "output": usage.output,
        "usage": { "input": usage.input, "cache_read": usage.cache_read, "cache_write_short": usage.cache_write_short,
            "cache_write_long": usage.cache_write_long, "output": usage.output, "reasoning": usage.reasoning },
        "nano_usd": sum.cost().map(|c| c.0), "usd": sum.cost().map(dollars),
        "exact": { "attempts": sum.exact, "nano_usd": sum.exact_cost.0 },
        "estimated": { "attempts": sum.guessed, "nano_usd": sum.guessed_cost.0 },
        "local": sum.local, "unpriced": sum.unpriced, "interrupted": sum.interrupted, "running": sum.running,
    })
}

/// One line of RFC 4180.
fn line<const N: usize>(out: &mut String, fields: [String; N]) {
    out.push_str(&fields.map(|field| quoted(&field)).join(","));
    out.push_str("\r\n");
}

/// A field; one that a spreadsheet would run as a formula gets an apostrophe before it.
fn quoted(field: &str) -> String {
    let runs = field.starts_with(['=', '+', '-', '@', '\t', '\r']);
    // A branch or a folder may be called what a terminal would obey.
    let field = plain(field);
    let field = if runs { format!("'{field}") } else { field };
    if field.contains(['"', ',', '\r', '\n']) { format!("\"{}\"", field.replace('"', "\"\"")) } else { field }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_stays_one_field_and_is_no_formula() {
        for (field, written) in [
            ("main", "main"),
            ("a,b", "\"a,b\""),
            ("say \"no\"", "\"say \"\"no\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@SUM(1)", "'@SUM(1)"),
            ("-1", "'-1"),
            ("+1", "'+1"),
            ("\tx", "'\tx"),
            ("a\u{1b}[31mb\u{9d}\u{7f}", "ab"),
        ] {
            assert_eq!(quoted(field), written, "{field:?}");
        }
    }

    #[test]
    fn days_begin_where_the_user_lives_also_when_clocks_change() {
        let at = |text: &str| text.parse::<ZonedDateTime>().unwrap();
        let now = at("2026-10-27T09:00:00+01:00[Europe/Berlin]");
        let begin = |text: &str| since(text).unwrap().begin(&now).unwrap().timestamp().to_string();
        assert_eq!(begin("today"), "2026-10-26T23:00:00Z");
        assert_eq!(begin("3d"), "2026-10-24T22:00:00Z", "the night with 25 hours lies between");
        assert_eq!(begin("month"), "2026-09-30T22:00:00Z");
        assert_eq!(begin("2026-01-01"), "2025-12-31T23:00:00Z");
        for wrong in ["", "d", "0d", "-1d", "7 days", "2026-13-01", "9999999999d", "7é"] {
            assert!(since(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_estimate_is_told_from_what_is_exact() {
        let sum = |exact, exact_nano, guessed, guessed_nano, local, unpriced| Sum {
            attempts: exact + guessed + local + unpriced,
            exact,
            exact_cost: NanoUsd(exact_nano),
            guessed,
            guessed_cost: NanoUsd(guessed_nano),
            local,
            unpriced,
            ..Sum::default()
        };
        assert_eq!(money(&sum(2, 4_180_000_000, 1, 370_000_000, 0, 3)), "$4.18 + $0.3700 estimated + 3 unpriced");
        assert_eq!(money(&sum(0, 0, 0, 0, 2, 0)), "local");
        assert_eq!(money(&sum(0, 0, 0, 0, 0, 2)), "unpriced");
        assert_eq!(money(&Sum { interrupted: 1, ..Sum::default() }), "not known");
    }
}
