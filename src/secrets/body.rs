//! Masking a request's body in place: strings are found as spans, what is found in them is spliced, and every other byte
//! stays as it was.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;

use super::conversation::Conversation;
use super::digits::{STANDARD, URL_SAFE};
use super::hit::Hit;
use super::json::{Fault, Flat, Member, Outer, Piece, Reader, Token, escaped};
use super::known::KNOWN_MIN;
use super::mode::Mode;
use super::place::Place;
use super::redactor::line_ends;
use super::refused::{Blocked, BodyError};
use super::splice::{Edit, moved, splice};

/// Something found in a body.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// Where, as a JSON pointer: `/messages/3/content/0/text`. A name that holds a secret is `*`.
    pub place: String,
    /// What. Positions are bytes of the body as it came.
    pub hit: Hit,
    /// Whether it was masked; a doubtful one in sealed thinking is not, and what is only warned of.
    pub masked: bool,
}

/// A body that may be sent.
#[derive(Clone, PartialEq)]
pub struct Masked<'a> {
    /// The body; borrowed where nothing had to change.
    pub body: Cow<'a, str>,
    /// What was found.
    pub hits: Vec<Placed>,
    /// The members of the object that it is, in order, as they lie in it; `None` where it is no object, was not read, or
    /// has another name for one of them now.
    pub members: Option<Vec<Member>>,
}

impl std::fmt::Debug for Masked<'_> {
    /// In mode `warn` the body still holds its secrets, so it is not shown.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Masked").field("bytes", &self.body.len()).field("hits", &self.hits).finish()
    }
}

/// Surer ones are not sent where nothing can be changed.
const SURE: f64 = 0.9;
/// A choice of the protocol is shorter; what is longer is looked at.
const CHOICE: usize = 128;
/// Base64 that is shorter may as well be a word.
const WORD: usize = 1024;

/// Masks a body for a conversation.
pub(super) fn mask<'a>(conversation: &Conversation, bytes: &'a [u8], now: Duration) -> Result<Masked<'a>, BodyError> {
    let text = std::str::from_utf8(bytes).map_err(|e| BodyError::Encoding(e.valid_up_to()))?;
    let mut pass =
        Pass { conversation, text, now, edits: Vec::new(), found: Vec::new(), message: None, parts: Parts::default() };
    let members = pass.walk()?;
    let Pass { mut edits, mut found, .. } = pass;
    if found.is_empty() {
        return Ok(Masked { body: Cow::Borrowed(text), hits: Vec::new(), members });
    }
    edits.sort_by_key(|e| e.span.start);
    found.sort_by_key(|f| f.hit.start);
    name(text, &mut found)?;
    let blocked = |f: &&Found| f.hit.mode == Mode::Block && (f.masked || f.sealed);
    let blocked: Vec<Blocked> =
        found.iter().filter(blocked).map(|f| Blocked { place: f.place.clone(), hit: f.hit.clone() }).collect();
    if !blocked.is_empty() {
        return Err(BodyError::Blocked(blocked));
    }
    if let Some(sealed) = found.iter().find(|f| f.sealed) {
        return Err(BodyError::Sealed { place: sealed.place.clone(), hit: Box::new(sealed.hit.clone()) });
    }
    let (body, members) = match edits.is_empty() {
        true => (Cow::Borrowed(text), members),
        false => (Cow::Owned(splice(text, &edits)), members.and_then(|members| moved(members, &edits))),
    };
    let placed = |f: Found| Placed { place: f.place, hit: f.hit, masked: f.masked };
    Ok(Masked { body, hits: found.into_iter().map(placed).collect(), members })
}

/// Nobody would take it for anything else.
fn sure(hit: &Hit) -> bool {
    hit.label.is_some() || hit.checksum || hit.confidence >= SURE
}

struct Found {
    place: String,
    hit: Hit,
    masked: bool,
    sealed: bool,
}

struct Pass<'c, 'a> {
    conversation: &'c Conversation,
    text: &'a str,
    now: Duration,
    edits: Vec<Edit>,
    found: Vec<Found>,
    /// The message that is read: where it lies, whose it is, and what the vault gets once that is known.
    message: Option<Author>,
    parts: Parts,
}

/// Types of the parts that are open, and strings whose meaning hangs on them, with the depth they lie at.
#[derive(Default)]
struct Parts {
    types: Vec<(usize, Range<usize>)>,
    waiting: Vec<(usize, Place, Piece)>,
}

#[derive(Default)]
struct Author {
    depth: usize,
    own: bool,
    texts: Vec<(String, Arc<[Hit]>)>,
}

/// A part of the body whose names and strings are looked at together.
struct Region {
    start: usize,
    depth: usize,
    pieces: Vec<Piece>,
}

impl Pass<'_, '_> {
    /// Looks at all of it, and tells the members of the object that it is.
    fn walk(&mut self) -> Result<Option<Vec<Member>>, BodyError> {
        let mut reader = Reader::new(self.text);
        let (mut outer, mut members, mut object) = (Outer::default(), Vec::with_capacity(8), false);
        let mut open: Vec<Place> = Vec::new();
        let mut member: Option<Place> = None;
        let mut region: Option<Region> = None;
        loop {
            let token = reader.token()?;
            if let Token::Open { object: is, .. } = token {
                object = if open.is_empty() { is } else { object };
            }
            if let Some((Some(name), value)) = outer.value(&token, reader.depth()) {
                let member = Member::of(self.text, &name, value);
                object &= member.is_some();
                members.extend(member);
            }
            let place = match (&token, open.last()) {
                (Token::Key(_) | Token::Close { .. } | Token::End, _) => Place::Free,
                (_, None) => Place::Root,
                (_, Some(outer)) => member.take().unwrap_or_else(|| outer.element()),
            };
            match token {
                Token::Key(piece) => {
                    let outer = open.last().copied().unwrap_or(Place::Free);
                    let inner = outer.member(self.text.get(piece.span.clone()).unwrap_or_default());
                    if let Some(region) = &mut region {
                        region.pieces.push(piece);
                    } else if inner == Place::Free {
                        let start = piece.span.start - 1;
                        region = Some(Region { start, depth: reader.depth(), pieces: vec![piece] });
                    }
                    member = Some(inner);
                }
                Token::Open { at, .. } => {
                    let known = place.known() || region.is_some();
                    if !known {
                        region = Some(Region { start: at, depth: reader.depth() - 1, pieces: Vec::new() });
                    }
                    open.push(if region.is_some() { Place::Free } else { place });
                    if place == Place::Message && region.is_none() {
                        self.message = Some(Author { depth: reader.depth(), ..Author::default() });
                    }
                }
                Token::Close { end } => {
                    open.pop();
                    self.typed(reader.depth())?;
                    if region.as_ref().is_some_and(|r| r.depth == reader.depth())
                        && let Some(region) = region.take()
                    {
                        self.region(&region, end)?;
                    }
                    if self.message.as_ref().is_some_and(|m| m.depth > reader.depth()) {
                        self.settle();
                    }
                }
                Token::Text(piece) => match &mut region {
                    Some(inside) => {
                        let end = piece.span.end + 1;
                        inside.pieces.push(piece);
                        if inside.depth == reader.depth()
                            && let Some(region) = region.take()
                        {
                            self.region(&region, end)?;
                        }
                    }
                    None => match place {
                        Place::Signature | Place::Opaque => self.parts.waiting.push((reader.depth(), place, piece)),
                        Place::Type => {
                            self.parts.types.push((reader.depth(), piece.span.clone()));
                            self.string(Place::Plain, &piece)?;
                        }
                        _ => self.string(place.string(), &piece)?,
                    },
                },
                Token::Scalar(span) => {
                    if region.as_ref().is_some_and(|r| r.depth == reader.depth())
                        && let Some(region) = region.take()
                    {
                        self.region(&region, span.end)?;
                    }
                }
                Token::End => return Ok(object.then_some(members)),
            }
        }
    }

    /// All that lies deeper is complete: its type, too, may be said further down.
    fn typed(&mut self, depth: usize) -> Result<(), BodyError> {
        let Parts { types, waiting } = &mut self.parts;
        let waiting = waiting.split_off(waiting.partition_point(|w| w.0 <= depth));
        let types = types.split_off(types.partition_point(|t| t.0 <= depth));
        let types: Vec<&str> = types.into_iter().filter_map(|(_, span)| self.text.get(span)).collect();
        for (_, place, piece) in waiting {
            self.string(place.typed(&types), &piece)?;
        }
        Ok(())
    }

    fn string(&mut self, place: Place, piece: &Piece) -> Result<(), BodyError> {
        if place == Place::Free {
            let region = Region { start: piece.span.start - 1, depth: 0, pieces: vec![piece.clone()] };
            return self.region(&region, piece.span.end + 1);
        }
        let raw = self.text.get(piece.span.clone()).unwrap_or_default();
        let way = match place {
            Place::Source => 2,
            Place::Data => 3,
            Place::Seal => 4,
            Place::Thought => 5,
            // Looked at for what is sure alone, so it says nothing about text.
            Place::Plain | Place::Role => 7,
            _ => 1,
        };
        let short = !piece.escaped && (way == 1 || raw.len() <= CHOICE);
        if !short && self.conversation.clean(way, raw) {
            return Ok(());
        }
        let (before, age) = (self.found.len(), self.conversation.age());
        let flat = self.flat(piece)?;
        self.treat(place, piece, raw, flat.as_ref())?;
        if !short && self.found.len() == before {
            self.conversation.cleared(age, way, raw);
        }
        Ok(())
    }

    fn treat(&mut self, place: Place, piece: &Piece, raw: &str, flat: Option<&Flat>) -> Result<(), BodyError> {
        let text = flat.map_or(raw, |flat| &flat.text);
        match place {
            Place::Role => {
                if let Some(message) = &mut self.message {
                    message.own = matches!(text, "user" | "system" | "developer");
                }
                self.fixed(piece, text);
            }
            Place::Plain if text.len() <= CHOICE => self.fixed(piece, text),
            Place::Source => self.source(piece, text, flat)?,
            Place::Data => self.data(piece, text, flat),
            Place::Seal | Place::Thought => {
                for hit in self.conversation.look(text).iter() {
                    if hit.label.is_some() || place == Place::Thought {
                        self.found(hit, piece.span.clone(), false, sure(hit));
                    }
                }
            }
            _ => self.masked(piece, text, flat, place == Place::Own),
        }
        Ok(())
    }

    /// A name or an id of the protocol: masked it would mean another thing, so it is sent as it is or not at all.
    fn fixed(&mut self, piece: &Piece, text: &str) {
        for hit in self.conversation.look(text).iter().filter(|hit| sure(hit)) {
            self.found(hit, piece.span.clone(), false, true);
        }
    }

    /// The string without escapes, where it has some.
    fn flat(&self, piece: &Piece) -> Result<Option<Flat>, Fault> {
        if !piece.escaped {
            return Ok(None);
        }
        let mut flat = Flat::default();
        flat.unescape(self.text, piece, false)?;
        Ok(Some(flat))
    }

    fn found(&mut self, hit: &Hit, span: Range<usize>, masked: bool, sealed: bool) {
        let changed = hit.mode >= Mode::Redact;
        let hit = Hit { start: span.start, end: span.end, ..hit.clone() };
        self.found.push(Found { place: String::new(), hit, masked: masked && changed, sealed: sealed && changed });
    }

    /// A string that is text by itself.
    fn masked(&mut self, piece: &Piece, text: &str, flat: Option<&Flat>, own: bool) {
        let hits = self.conversation.look(text);
        if hits.is_empty() {
            return;
        }
        for hit in hits.iter() {
            let span = hit.start..hit.end;
            let raw = flat.map_or(piece.span.start + span.start..piece.span.start + span.end, |f| f.origins(&span));
            let fill = escaped(&line_ends(text, &span));
            let edit = Edit { span: raw.clone(), text: format!("{}{fill}", hit.placeholder) };
            self.edit(hit, edit);
            self.found(hit, raw, true, false);
        }
        self.keep(text, hits, own);
    }

    /// What is only warned of stays as it is.
    fn edit(&mut self, hit: &Hit, edit: Edit) {
        if hit.mode >= Mode::Redact {
            self.edits.push(edit);
        }
    }

    fn keep(&mut self, text: &str, hits: Arc<[Hit]>, own: bool) {
        let Some(vault) = self.conversation.vault() else { return };
        // Nothing else leaves as a placeholder.
        let masked = |hit: &Hit| hit.mode == Mode::Redact;
        let hits = if hits.iter().all(masked) { hits } else { hits.iter().filter(|h| masked(h)).cloned().collect() };
        match &mut self.message {
            // Whose it is may be said further down.
            Some(message) if own => message.texts.push((text.to_owned(), hits)),
            message => vault.keep(text, &hits, own && message.is_none(), self.now),
        }
    }

    /// The message is complete.
    fn settle(&mut self) {
        if let (Some(message), Some(vault)) = (self.message.take(), self.conversation.vault()) {
            for (text, hits) in message.texts {
                vault.keep(&text, &hits, message.own, self.now);
            }
        }
    }

    /// Names and strings that are looked at together; what is found is masked inside of strings alone.
    fn region(&mut self, region: &Region, end: usize) -> Result<(), BodyError> {
        const WAY: u8 = 6;
        let raw = self.text.get(region.start..end).unwrap_or_default();
        let escaped = region.pieces.iter().any(|p| p.escaped);
        if escaped && self.conversation.clean(WAY, raw) {
            return Ok(());
        }
        let age = self.conversation.age();
        let edits = self.free(self.text, region.start..end, &region.pieces)?;
        if escaped && edits.is_empty() {
            self.conversation.cleared(age, WAY, raw);
        }
        for (hit, edit) in edits {
            self.found(&hit, edit.span.clone(), true, false);
            self.edit(&hit, edit);
        }
        Ok(())
    }

    fn free(&self, source: &str, span: Range<usize>, pieces: &[Piece]) -> Result<Vec<(Hit, Edit)>, Fault> {
        if pieces.iter().all(|p| p.span.len() < KNOWN_MIN && !p.escaped) {
            return Ok(Vec::new());
        }
        let (mut flat, mut at) = (Flat::default(), span.start);
        for piece in pieces.iter().filter(|p| p.escaped) {
            flat.copy(source, at..piece.span.start);
            flat.unescape(source, piece, true)?;
            at = piece.span.end;
        }
        let plain = flat.text.is_empty();
        if !plain {
            flat.copy(source, at..span.end);
        }
        let text = if plain { source.get(span.clone()).unwrap_or_default() } else { &flat.text };
        let hits = self.conversation.look(text);
        let (mut out, mut whole) = (Vec::new(), Vec::new());
        for hit in hits.iter() {
            let raw =
                if plain { span.start + hit.start..span.start + hit.end } else { flat.origins(&(hit.start..hit.end)) };
            let first = pieces.partition_point(|p| p.span.end <= raw.start);
            let inside = pieces.iter().skip(first).take_while(|p| p.span.start < raw.end);
            for piece in inside.filter(|p| p.span.start.max(raw.start) < p.span.end.min(raw.end)) {
                let span = raw.start.max(piece.span.start)..raw.end.min(piece.span.end);
                let text = if span == raw {
                    if hit.mode == Mode::Redact {
                        whole.push(hit.clone());
                    }
                    format!("{}{}", hit.placeholder, escaped(&line_ends(text, &(hit.start..hit.end))))
                } else {
                    hit.placeholder.clone()
                };
                out.push((hit.clone(), Edit { span, text }));
            }
        }
        if let Some(vault) = self.conversation.vault() {
            for hit in whole {
                // What would end a string was left escaped; the secret is without.
                let slice = text.get(hit.start..hit.end).unwrap_or_default();
                let piece = Piece { span: 0..slice.len(), escaped: true };
                let mut value = Flat::default();
                if !slice.contains('\\') {
                    vault.keep(text, &[hit], false, self.now);
                } else if value.unescape(slice, &piece, false).is_ok() {
                    let hit = Hit { start: 0, end: value.text.len(), ..hit };
                    vault.keep(&value.text, &[hit], false, self.now);
                }
            }
        }
        Ok(out)
    }

    /// JSON in a string: names and strings in it are looked at together, one level deeper.
    fn source(&mut self, piece: &Piece, text: &str, flat: Option<&Flat>) -> Result<(), BodyError> {
        let Some(pieces) = strings(text) else {
            // Models write arguments, and not always well.
            self.masked(piece, text, flat, false);
            return Ok(());
        };
        let Ok(edits) = self.free(text, 0..text.len(), &pieces) else {
            self.masked(piece, text, flat, false);
            return Ok(());
        };
        if edits.is_empty() {
            return Ok(());
        }
        for (hit, edit) in edits {
            let start = piece.span.start;
            let raw = flat.map_or(start + edit.span.start..start + edit.span.end, |f| f.origins(&edit.span));
            self.edit(&hit, Edit { span: raw.clone(), text: escaped(&edit.text) });
            self.found(&hit, raw, true, false);
        }
        Ok(())
    }

    /// A picture's or file's bytes or address. Base64 is left alone unless it is text.
    fn data(&mut self, piece: &Piece, text: &str, flat: Option<&Flat>) {
        let (lead, payload) = match text.strip_prefix("data:").and_then(|t| t.split_once(";base64,")) {
            Some((kind, payload)) if kind.len() < 256 => (text.len() - payload.len(), payload),
            _ => (0, text),
        };
        let inside = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=');
        // In blocks, without a branch for each byte: pictures are large.
        if !payload.as_bytes().chunks(64).all(|c| c.iter().fold(true, |all, b| all & inside(*b))) {
            return self.masked(piece, text, flat, false);
        }
        if payload.len() < WORD {
            self.masked(piece, text, flat, false);
        }
        let Some(decoded) = decoded(payload) else { return };
        let hits = self.conversation.look(&decoded);
        if hits.is_empty() {
            return;
        }
        let (mut masked, mut at) = (String::with_capacity(decoded.len()), 0);
        for hit in hits.iter() {
            self.found(hit, piece.span.clone(), true, false);
            if hit.mode >= Mode::Redact {
                masked.push_str(decoded.get(at..hit.start).unwrap_or_default());
                masked.push_str(&hit.placeholder);
                masked.push_str(&line_ends(&decoded, &(hit.start..hit.end)));
                at = hit.end;
            }
        }
        if masked.is_empty() {
            return;
        }
        masked.push_str(decoded.get(at..).unwrap_or_default());
        self.keep(&decoded, hits, false);
        // What stands before the base64 has no escape that changes its length.
        let lead = text.get(..lead).unwrap_or_default();
        let text = format!("{}{}", escaped(lead), STANDARD.encode(masked));
        self.edits.push(Edit { span: piece.span.clone(), text });
    }
}

/// The strings of a JSON text; `None` when it is none.
fn strings(text: &str) -> Option<Vec<Piece>> {
    let (mut reader, mut out) = (Reader::new(text), Vec::new());
    loop {
        match reader.token().ok()? {
            Token::Key(piece) | Token::Text(piece) => out.push(piece),
            Token::End => return Some(out),
            _ => {}
        }
    }
}

/// Text that was written as base64; its first bytes tell it from pictures.
fn decoded(payload: &str) -> Option<String> {
    let safe = memchr::memchr2(b'-', b'_', payload.as_bytes()).is_some();
    let engine = if safe { URL_SAFE } else { STANDARD };
    let control = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x1b);
    let first = engine.decode(payload.get(..payload.len().min(256) / 4 * 4)?).ok()?;
    if first.iter().any(control) || first.utf8_chunks().filter(|c| !c.invalid().is_empty()).count() > 1 {
        return None;
    }
    String::from_utf8(engine.decode(payload).ok()?).ok()
}

/// Most of a pointer, and of a name in it.
const POINTER: usize = 256;
const NAME: usize = 64;

/// Says where everything found lies, in one more pass up to the last of it.
fn name(text: &str, found: &mut [Found]) -> Result<(), BodyError> {
    enum Step {
        Name(Range<usize>),
        Index(usize),
    }
    let (mut reader, mut path, mut next) = (Reader::new(text), Vec::<Step>::new(), 0);
    let mut secret: Vec<Range<usize>> = found.iter().map(|f| f.hit.start..f.hit.end).collect();
    secret.dedup();
    let called = |span: &Range<usize>| {
        let at = secret.partition_point(|s| s.end <= span.start);
        if secret.get(at).is_some_and(|s| s.start < span.end) {
            return "*".to_owned();
        }
        let shown = text.get(span.clone()).unwrap_or_default();
        let short = shown.get(..shown.floor_char_boundary(NAME)).unwrap_or_default();
        short.replace('~', "~0").replace('/', "~1")
    };
    let pointer = |path: &[Step]| {
        let mut out = String::new();
        for step in path {
            out.push('/');
            match step {
                Step::Name(span) => out.push_str(&called(span)),
                Step::Index(at) => out.push_str(&at.to_string()),
            }
            if out.len() > POINTER {
                out.push_str("/…");
                break;
            }
        }
        out
    };
    while next < found.len() {
        let token = reader.token()?;
        if let Token::Close { .. } = token {
            path.pop();
        } else if !matches!(token, Token::Key(_) | Token::End)
            && let Some(Step::Index(at)) = path.last_mut()
        {
            *at = at.wrapping_add(1);
        }
        let end = match &token {
            Token::Key(piece) => {
                if let Some(step) = path.last_mut() {
                    *step = Step::Name(piece.span.clone());
                }
                piece.span.end
            }
            Token::Text(piece) => piece.span.end,
            Token::Open { object, .. } => {
                path.push(if *object { Step::Name(0..0) } else { Step::Index(usize::MAX) });
                continue;
            }
            Token::End => return Ok(()),
            _ => continue,
        };
        while let Some(f) = found.get_mut(next).filter(|f| f.hit.start <= end) {
            f.place = pointer(&path);
            next += 1;
        }
    }
    Ok(())
}
