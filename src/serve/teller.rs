//! Hears an answer, and tells it in the caller's dialect: as it came where that is possible, else spelled anew.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use smol_str::SmolStr;

use super::board::Entry;
use super::flow::Shared;
use crate::client::{Listener, Notice};
use crate::model::{BlockKind, Event, Failure};
use crate::secrets::{Channel, Conversation, Restorer, Sink, Source};
use crate::wire::Writer;

/// The beginning of every placeholder.
const MARK: &str = "MSEC_";
/// Most that the notes of one answer say (bytes).
const NOTES: usize = 1024;

/// What the caller is told beside the answer.
#[derive(Debug, Default, Clone)]
pub(super) struct Beside {
    /// `upstream/model` that is asked.
    pub route: SmolStr,
    /// Sentences.
    pub notes: Vec<String>,
}

impl Beside {
    fn note(&mut self, text: &str) {
        // What is met again and again is told once.
        if self.notes.iter().any(|note| note == text) {
            return;
        }
        if self.notes.iter().map(String::len).sum::<usize>() + text.len() < NOTES {
            self.notes.push(text.to_owned());
        }
    }

    fn hear(&mut self, notice: &Notice) {
        match notice {
            Notice::Trying { model, .. } => self.route = model.clone(),
            Notice::Took { who } => self.route = who.into(),
            Notice::Note(text) => self.note(text),
            _ => {}
        }
    }
}

/// Looks for placeholders among the arguments of tools, in what is told: they may come in any pieces.
#[derive(Default)]
pub(super) struct Leaks {
    /// By block: the end of what was told, where a mark may begin.
    ends: HashMap<usize, String>,
    found: bool,
}

impl Leaks {
    /// Whether the first one is here.
    fn first(&mut self, event: &Event) -> bool {
        let Event::ToolInput { index, json } = event else { return false };
        if self.found {
            return false;
        }
        let end = self.ends.entry(*index).or_default();
        let seen = format!("{end}{json}");
        self.found = seen.contains(MARK);
        let from = seen.ceil_char_boundary(seen.len().saturating_sub(MARK.len() - 1));
        *end = seen.get(from..).unwrap_or_default().to_owned();
        self.found
    }
}

/// Puts a caller's own secrets back, block by block.
pub(super) struct Restoring {
    talk: Arc<Conversation>,
    now: Duration,
    open: HashMap<usize, (Restorer, bool)>,
}

impl Restoring {
    pub(super) fn new(talk: Arc<Conversation>, now: Duration) -> Self {
        Self { talk, now, open: HashMap::new() }
    }

    /// What is told in the place of an event.
    fn back(&mut self, event: &Event, out: &mut Vec<Event>) {
        match event {
            Event::BlockStart { index, kind } => {
                let channel = match kind {
                    BlockKind::Text | BlockKind::Refusal => {
                        Some(Channel { sink: Sink::ClientText, source: Source::Plain, tool: "" })
                    }
                    BlockKind::ToolCall { name, custom, .. } => {
                        let source = if *custom { Source::Plain } else { Source::Json };
                        Some(Channel { sink: Sink::ToolArguments, source, tool: name })
                    }
                    _ => None,
                };
                let tool = matches!(kind, BlockKind::ToolCall { .. });
                let made = channel.and_then(|channel| self.talk.restorer(channel, self.now));
                self.open.extend(made.map(|made| (*index, (made, tool))));
                out.push(event.clone());
            }
            Event::Text { index, text } | Event::ToolInput { index, json: text } => match self.open.get_mut(index) {
                Some((restorer, tool)) => {
                    let (restored, tool) = (restorer.feed(text.as_bytes()).forward(), *tool);
                    out.extend(piece(*index, restored, tool));
                }
                None => out.push(event.clone()),
            },
            Event::BlockEnd { index } => {
                if let Some((restorer, tool)) = self.open.remove(index) {
                    out.extend(piece(*index, restorer.finish().0.forward(), tool));
                }
                out.push(event.clone());
            }
            _ => out.push(event.clone()),
        }
    }

    /// What was held back when the answer broke off.
    fn rest(&mut self, out: &mut Vec<Event>) {
        let mut open: Vec<_> = self.open.drain().collect();
        open.sort_by_key(|(index, _)| *index);
        out.extend(
            open.into_iter().filter_map(|(index, (restorer, tool))| piece(index, restorer.finish().0.forward(), tool)),
        );
    }
}

fn piece(index: usize, bytes: Vec<u8>, tool: bool) -> Option<Event> {
    let text = String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned());
    if text.is_empty() {
        return None;
    }
    Some(if tool { Event::ToolInput { index, json: text } } else { Event::Text { index, text } })
}

/// Tells a streamed answer.
pub(super) struct Stream {
    writer: Box<dyn Writer>,
    shared: Shared,
    forwards: bool,
    restore: Option<Restoring>,
    leaks: Leaks,
    raw: bool,
    pub(super) entry: Option<Entry>,
}

impl Stream {
    pub(super) fn new(
        writer: Box<dyn Writer>,
        shared: Shared,
        forwards: bool,
        restore: Option<Restoring>,
        entry: Entry,
    ) -> Self {
        Self { writer, shared, forwards, restore, leaks: Leaks::default(), raw: false, entry: Some(entry) }
    }

    /// Looks at what the caller is told.
    fn look(&mut self, event: &Event) {
        if self.leaks.first(event)
            && let Some(entry) = &mut self.entry
        {
            entry.leaked();
        }
    }

    fn write(&mut self, events: &[Event]) {
        events.iter().for_each(|event| self.look(event));
        let mut out = Vec::new();
        events.iter().for_each(|event| self.writer.push(event, &mut out));
        self.shared.put(out.into());
    }

    /// The answer is complete.
    pub(super) fn end(&mut self) {
        let mut out = Vec::new();
        match self.raw {
            true => self.writer.passed_all(&mut out),
            false => self.writer.end(&mut out),
        }
        self.shared.put(out.into());
        self.shared.trail(self.writer.trailers());
    }

    /// It broke off.
    pub(super) fn fail(&mut self, failure: &Failure) {
        let mut rest = Vec::new();
        if let Some(restore) = &mut self.restore {
            restore.rest(&mut rest);
        }
        self.write(&rest);
        let mut out = Vec::new();
        match self.raw {
            // What came before it was somebody else's: the writer knows of it what it saw pass.
            true => self.writer.interrupt(failure, &mut out),
            false => self.writer.fail(failure, &mut out),
        }
        self.shared.put(out.into());
        self.shared.trail(self.writer.trailers());
    }
}

impl Listener for Stream {
    fn event(&mut self, event: &Event) {
        if let Some(entry) = &mut self.entry {
            entry.answers(event);
        }
        if let Some(entry) = self.entry.as_mut().filter(|_| event.is_content()) {
            entry.begins();
        }
        if self.raw {
            self.look(event);
            return;
        }
        match &mut self.restore {
            None => self.write(std::slice::from_ref(event)),
            Some(restore) => {
                let mut out = Vec::new();
                restore.back(event, &mut out);
                self.write(&out);
            }
        }
    }

    fn forwards(&self) -> bool {
        self.forwards
    }

    fn forwarding(&mut self, raw: bool) {
        self.raw = raw;
    }

    fn raw(&mut self, bytes: &Bytes) {
        let spelled = self.writer.passed(bytes).map_or_else(|| bytes.clone(), Bytes::from);
        self.shared.put(legible(spelled));
    }

    fn full(&self) -> bool {
        self.shared.full()
    }

    fn notice(&mut self, notice: &Notice) {
        if let Some(entry) = &mut self.entry {
            entry.hear(notice);
        }
        self.shared.aside(|beside| beside.hear(notice));
    }
}

/// Whole frames as text: what is none in them is a fault of the upstream's, and one that programs break at.
fn legible(frames: Bytes) -> Bytes {
    match std::str::from_utf8(&frames) {
        Ok(_) => frames,
        Err(_) => String::from_utf8_lossy(&frames).into_owned().into(),
    }
}

/// Hears an answer that is told when it is whole.
pub(super) struct Whole {
    pub(super) events: Vec<Event>,
    /// As it came.
    pub(super) raw: Option<Bytes>,
    /// It is told as it came: what it says need not be kept.
    pub(super) passing: bool,
    pub(super) forwards: bool,
    pub(super) restore: Option<Restoring>,
    pub(super) beside: Beside,
    pub(super) leaks: Leaks,
    pub(super) entry: Option<Entry>,
}

impl Whole {
    pub(super) fn new(entry: Entry) -> Self {
        let entry = Some(entry);
        Self {
            events: Vec::new(),
            raw: None,
            passing: false,
            forwards: false,
            restore: None,
            beside: Beside::default(),
            leaks: Leaks::default(),
            entry,
        }
    }

    /// What is told.
    pub(super) fn told(&mut self) -> Vec<Event> {
        let events = std::mem::take(&mut self.events);
        let told = match &mut self.restore {
            None => events,
            Some(restore) => {
                let mut out = Vec::new();
                events.iter().for_each(|event| restore.back(event, &mut out));
                out
            }
        };
        told.iter().for_each(|event| self.look(event));
        told
    }

    /// Looks at what the caller is told, and says what is in it.
    fn look(&mut self, event: &Event) {
        if self.leaks.first(event) {
            if let Some(entry) = &mut self.entry {
                entry.leaked();
            }
            self.beside.note(
                "a placeholder stands in a tool's arguments: serve.restore says where it becomes the secret again",
            );
        }
    }
}

impl Listener for Whole {
    fn event(&mut self, event: &Event) {
        if let Some(entry) = &mut self.entry {
            entry.answers(event);
        }
        if let Some(entry) = self.entry.as_mut().filter(|_| event.is_content()) {
            entry.begins();
        }
        match self.passing {
            true => self.look(event),
            false => self.events.push(event.clone()),
        }
    }

    fn forwards(&self) -> bool {
        self.forwards
    }

    fn forwarding(&mut self, raw: bool) {
        (self.raw, self.passing) = (None, raw);
    }

    fn raw(&mut self, bytes: &Bytes) {
        self.raw = Some(legible(bytes.clone()));
    }

    fn notice(&mut self, notice: &Notice) {
        if let Some(entry) = &mut self.entry {
            entry.hear(notice);
        }
        self.beside.hear(notice);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_met_again_is_told_once() {
        let mut beside = Beside::default();
        ["one", "two", "one", "one"].iter().for_each(|note| beside.hear(&Notice::Note((*note).to_owned())));
        assert_eq!(beside.notes, ["one", "two"]);
    }

    #[test]
    fn a_frame_that_is_no_text_is_forwarded_as_one_that_is() {
        assert_eq!(legible(Bytes::from_static("data: é\n\n".as_bytes())), "data: é\n\n");
        assert_eq!(legible(Bytes::from_static(b"data: {\"a\":\"\xff\"}\n\n")), "data: {\"a\":\"\u{fffd}\"}\n\n");
    }
}
