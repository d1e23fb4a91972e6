//! Reads answers, whole and streamed.

use serde_json::Value;

use crate::model::{BlockKind, Event, Failure, FinishReason, Kind, Scope, Source, Usage};
use crate::wire::emit::{Emit, Key};
use crate::wire::json::{call_id, count, error_value, items, parse, stated, text, truncated, whole as ended};
use crate::wire::{Lines, Reader, exact};

/// The events of a whole answer.
pub(super) fn whole(body: &[u8]) -> Result<Vec<Event>, Failure> {
    let value = parse(body)?;
    let (mut state, mut out) = (State::default(), Vec::new());
    state.line(&value, &mut out)?;
    if value.get("message").is_none() && value.get("response").is_none() {
        return Err(Failure::unread("the answer holds no message"));
    }
    state.end(&mut out)?;
    Ok(out)
}

#[derive(Default)]
struct State {
    emit: Emit,
    calls: u64,
    finish: Option<FinishReason>,
}

impl State {
    fn line(&mut self, value: &Value, out: &mut Vec<Event>) -> Result<(), Failure> {
        if value.get("error").is_some_and(|e| !e.is_null()) {
            return Err(stated(&error_value(value)));
        }
        self.emit.start("", text(value, "model"), out);
        // The older call's answers say the same without a message.
        if value.get("response").is_some() {
            self.emit.thought(text(value, "thinking"), out);
            self.emit.text(text(value, "response"), out);
        }
        if let Some(message) = value.get("message") {
            self.emit.thought(text(message, "thinking"), out);
            self.emit.text(text(message, "content"), out);
            for image in items(message, "images").filter_map(Value::as_str) {
                self.emit.whole(BlockKind::Image(Source::data("image/png", image)), out);
            }
            for call in items(message, "tool_calls") {
                self.calls += 1;
                let function = call.get("function").unwrap_or(&Value::Null);
                let id = Some(text(call, "id")).filter(|i| !i.is_empty()).map_or_else(call_id, str::to_owned);
                let input = match function.get("arguments") {
                    Some(Value::String(input)) => input.clone(),
                    Some(object @ Value::Object(_)) => object.to_string(),
                    _ => String::new(),
                };
                self.emit.call(Key::Number(self.calls), [&id, text(function, "name")], &input, false, out);
            }
        }
        if value.get("done").and_then(Value::as_bool) == Some(true) {
            self.finish = Some(match text(value, "done_reason") {
                "stop" | "" if self.calls > 0 => FinishReason::ToolCalls,
                "stop" | "" => FinishReason::Stop,
                "length" => FinishReason::Length,
                // The server loaded or dropped the model instead of answering.
                broken @ ("load" | "unload") => {
                    let told = format!("the server did not answer ({broken})");
                    return Err(Failure::new(Kind::Broken, Scope::Model, told));
                }
                other => FinishReason::Other(other.to_owned()),
            });
            if count(value, "eval_count").is_some() || count(value, "prompt_eval_count").is_some() {
                let n = |key: &str| count(value, key).unwrap_or(0);
                out.push(Event::Usage(Usage {
                    input: n("prompt_eval_count"),
                    output: n("eval_count"),
                    ..Usage::default()
                }));
            }
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        self.emit.close_all(out);
        out.push(Event::Finish(self.finish.take().ok_or_else(truncated)?));
        Ok(())
    }
}

#[derive(Default)]
pub(super) struct Stream {
    lines: Lines,
    state: State,
}

impl Stream {
    fn all(&mut self, lines: &[String], out: &mut Vec<Event>) -> Result<(), Failure> {
        lines.iter().try_for_each(|line| {
            let from = out.len();
            let read = self.state.line(&parse(line.as_bytes())?, out);
            exact::events(line.as_bytes(), out.get_mut(from..).unwrap_or_default());
            read
        })
    }
}

impl Reader for Stream {
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut lines = Vec::new();
        let framed = self.lines.feed(bytes, &mut lines);
        self.all(&lines, out)?;
        framed
    }

    fn end(&mut self, out: &mut Vec<Event>) -> Result<(), Failure> {
        let mut lines = Vec::new();
        self.lines.end(&mut lines);
        lines.retain(|line| ended(line));
        self.all(&lines, out)?;
        self.state.end(out)
    }

    fn done(&self) -> bool {
        self.state.finish.is_some()
    }
}
