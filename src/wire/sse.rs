//! Server-sent events out of bytes cut anywhere (WHATWG HTML, "Server-sent events"), within bounds.

use memchr::memchr2;

use crate::model::Failure;

/// One event may not be larger (bytes): nothing a model says in one piece is.
const LIMIT: usize = 32 << 20;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SseEvent {
    /// The `event:` field; empty when there was none.
    pub name: String,
    /// The `data:` lines, joined by line feeds.
    pub data: String,
}

/// The framing's state between two pieces.
#[derive(Debug, Default)]
pub struct Sse {
    line: Vec<u8>,
    /// The last byte was a carriage return: a line feed that follows belongs to it.
    after_cr: bool,
    begun: bool,
    name: String,
    data: Option<String>,
}

impl Sse {
    /// Takes the next bytes and appends the events they complete.
    ///
    /// # Errors
    /// `Broken` when an event grows beyond all reason.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<SseEvent>) -> Result<(), Failure> {
        let mut rest = bytes;
        if self.after_cr && !rest.is_empty() {
            self.after_cr = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(at) = memchr2(b'\n', b'\r', rest) {
            let (line, behind) = rest.split_at(at);
            self.grow(line)?;
            self.end_line(out);
            let (end, cut): (&[u8], bool) = match behind {
                [b'\r', b'\n', end @ ..] => (end, false),
                [byte, end @ ..] => (end, *byte == b'\r' && end.is_empty()),
                [] => (&[], false),
            };
            self.after_cr = cut;
            rest = end;
        }
        self.grow(rest)
    }

    fn grow(&mut self, part: &[u8]) -> Result<(), Failure> {
        self.line.extend_from_slice(part);
        if self.line.len() + self.data.as_ref().map_or(0, String::len) > LIMIT {
            return Err(Failure::broken("the answer holds an event larger than 32 MiB"));
        }
        Ok(())
    }

    /// The connection ended: an event without its blank line still counts, for servers that forget it.
    pub fn end(&mut self, out: &mut Vec<SseEvent>) {
        if !self.line.is_empty() {
            self.end_line(out);
        }
        self.dispatch(out);
    }

    fn end_line(&mut self, out: &mut Vec<SseEvent>) {
        let mut line = std::mem::take(&mut self.line);
        self.read(&line, out);
        line.clear();
        self.line = line;
    }

    fn read(&mut self, line: &[u8], out: &mut Vec<SseEvent>) {
        let mut text = String::from_utf8_lossy(line);
        if !std::mem::replace(&mut self.begun, true)
            && let Some(rest) = text.strip_prefix('\u{feff}')
        {
            text = rest.to_owned().into();
        }
        if text.is_empty() {
            self.dispatch(out);
            return;
        }
        let (field, value) = text.split_once(':').unwrap_or((&text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            "event" => value.clone_into(&mut self.name),
            // Comments (an empty field), id and retry mean nothing to us.
            _ => {}
        }
    }

    fn dispatch(&mut self, out: &mut Vec<SseEvent>) {
        let name = std::mem::take(&mut self.name);
        if let Some(data) = self.data.take() {
            out.push(SseEvent { name, data });
        }
    }
}
