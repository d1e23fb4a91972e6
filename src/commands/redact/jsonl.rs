//! Findings for machines: a line of JSON in, a line for each finding out.

use std::borrow::Cow;
use std::io::{BufRead, Write};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::commands::context::Context;
use crate::commands::error::{Exit, Outcome};
use crate::secrets::Hit;

#[derive(Deserialize)]
struct Asked<'a> {
    id: Value,
    #[serde(borrow)]
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct Told<'a> {
    id: &'a Value,
    start: usize,
    end: usize,
    kind: &'a str,
    rule: &'a str,
    confidence: f64,
}

/// Reads lines to the end of standard input. A line that is none of ours is told by its number and the next is read.
pub(super) fn run(context: &Context, find: impl Fn(&str) -> Vec<Hit>) -> Outcome {
    let mut input = std::io::BufReader::with_capacity(1 << 20, std::io::stdin().lock());
    let mut out = context.ui.writer();
    let (mut line, mut number, mut found, mut wrong) = (Vec::new(), 0_usize, false, false);
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let asked: Asked<'_> = match serde_json::from_slice(&line) {
            Ok(asked) => asked,
            Err(error) => {
                wrong = true;
                context.ui.error(&format!("line {number} is no {{\"id\",\"text\"}}: {}", said(&error)), &[], &[]);
                continue;
            }
        };
        for hit in find(&asked.text) {
            found = true;
            let told = Told {
                id: &asked.id,
                start: hit.start,
                end: hit.end,
                kind: hit.kind,
                rule: hit.rule,
                confidence: hit.confidence,
            };
            serde_json::to_writer(&mut out, &told).map_err(std::io::Error::from)?;
            out.write_all(b"\n")?;
        }
    }
    out.flush()?;
    Ok(if wrong {
        Exit::Usage
    } else if found {
        Exit::Failed
    } else {
        Exit::Done
    })
}

/// Why, without a piece of the line: it may hold a secret.
fn said(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        serde_json::error::Category::Io => "it cannot be read",
        serde_json::error::Category::Syntax => "it is no JSON",
        serde_json::error::Category::Data => "a field is missing or of another type",
        serde_json::error::Category::Eof => "it ends too early",
    };
    format!("{what} (column {})", error.column())
}
