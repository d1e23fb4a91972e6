//! `monster serve logs`: what was asked of a `monster serve`, request by request.

use std::time::Duration;

use clap::Args;
use serde_json::Value;

use crate::commands::context::Context;
use crate::commands::error::{CommandError, Exit, Outcome};
use crate::model::NanoUsd;
use crate::serve::LOG;
use crate::ui::{escaped, named};
use crate::world::clock::zone;
use crate::world::{files, signal};

/// The file is looked at so often.
const LOOK: Duration = Duration::from_millis(500);
/// It is never much longer (bytes).
const LONGEST: u64 = 64 << 20;

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  monster serve logs -n 50 --follow")]
pub(super) struct Logs {
    /// So many of the last requests.
    #[arg(short = 'n', long, default_value_t = 20, value_name = "COUNT")]
    last: usize,
    /// Go on with those to come, until Ctrl-C.
    #[arg(short, long)]
    follow: bool,
}

impl Logs {
    pub(super) fn run(&self, context: &Context) -> Outcome {
        let path = context.state_dir()?.join(LOG);
        let read = || files::read_bounded(&path, LONGEST);
        // The file before this one, where it became too long.
        let before = || files::read_bounded(&files::turned(&path), LONGEST).unwrap_or_default();
        let bytes = match read() {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                if before().is_empty() {
                    context.ui.status("no request was made of a monster serve yet");
                }
                Vec::new()
            }
            Err(error) => return Err(CommandError::of(Exit::Failed, &error)),
        };
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        let missing = self.last.saturating_sub(lines.len());
        if missing > 0 {
            let older = before();
            let older = String::from_utf8_lossy(&older);
            let older: Vec<&str> = older.lines().collect();
            for line in older.iter().skip(older.len().saturating_sub(missing)) {
                show(context, line)?;
            }
        }
        for line in lines.iter().skip(lines.len().saturating_sub(self.last)) {
            show(context, line)?;
        }
        if !self.follow {
            return Ok(Exit::Done);
        }
        // Half a line at the end may be taken back.
        let mut seen = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        context.block_on(async {
            let mut ends = signal::Ends::new();
            loop {
                tokio::select! {
                    () = ends.next() => return Ok(Exit::Done),
                    () = tokio::time::sleep(LOOK) => {}
                }
                let length = files::look(&path).map_or(0, |(_, length)| usize::try_from(length).unwrap_or(usize::MAX));
                if length == seen {
                    continue;
                }
                let Ok(bytes) = read() else { continue };
                if bytes.len() < seen {
                    // A shorter one is another one; the rest of the one before was put aside with it.
                    whole(context, before().get(seen..).unwrap_or_default())?;
                    seen = 0;
                }
                seen += whole(context, bytes.get(seen..).unwrap_or_default())?;
            }
        })
    }
}

/// Shows the lines that are whole; how many bytes they had.
fn whole(context: &Context, bytes: &[u8]) -> Result<usize, CommandError> {
    let length = bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    for line in String::from_utf8_lossy(bytes.get(..length).unwrap_or_default()).lines() {
        show(context, line)?;
    }
    Ok(length)
}

fn show(context: &Context, line: &str) -> Result<(), CommandError> {
    match serde_json::from_str::<Value>(line) {
        Ok(_) if context.ui.look().json => Ok(context.ui.out(&escaped(line))?),
        Ok(row) => Ok(context.ui.out(&told(&row))?),
        // Half a line, of a disk that was full.
        Err(_) => Ok(()),
    }
}

/// One line for a person: names are as strangers gave them.
fn told(row: &Value) -> String {
    let text = |key: &str| named(row[key].as_str().unwrap_or_default());
    let count = |key: &str| row[key].as_u64();
    let at = row["started_ms"].as_i64().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok()).unwrap_or_default();
    let at = at.to_zoned_datetime(zone()).strftime("%Y-%m-%d %H:%M:%S").to_string();
    if row["event"].is_string() {
        return format!("{at}  {:<12}  {}", text("event"), text("message"));
    }
    if let Some(status) = row["status"].as_u64() {
        let who = Some(text("caller")).filter(|who| !who.is_empty()).unwrap_or_else(|| "a stranger".to_owned());
        let (why, dialect) = (text("outcome"), text("dialect"));
        return format!("{at}  {why:<12}  {dialect:<18}  refused with {status} · {who} · {}", text("id"));
    }
    let (asked, route) = (text("model"), text("route"));
    let model = if route.is_empty() || route == asked { asked } else { format!("{asked} > {route}") };
    let mut out = format!("{at}  {:<12}  {:<18}  {model}", text("outcome"), text("dialect"));
    if let Some(took) = count("took_ms") {
        out += &format!(" · {took} ms");
    }
    if let (Some(input), Some(output)) = (count("input_tokens"), count("output_tokens")) {
        out += &format!(" · {input} in / {output} out");
    }
    if let Some(cost) = count("cost_nano_usd") {
        out += &format!(" · {}", NanoUsd(cost));
    }
    for (key, word) in [("failovers", "failed over"), ("redacted", "masked")] {
        if let Some(n) = count(key).filter(|n| *n > 0) {
            out += &format!(" · {n} {word}");
        }
    }
    format!("{out} · {} · {}", text("caller"), text("id"))
}
