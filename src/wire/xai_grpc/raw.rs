//! Fields that this program has no place for, as JSON that a person can read and the redactor looks through, and back.
//!
//! A field is a pair of its number and its value. Numbers and texts stand for themselves, a message is the list of its
//! fields, and what is neither says what it is: `{"bytes": "…"}`, `{"fixed32": 1}`, `{"fixed64": 1}`. Protobuf does not
//! tell texts from messages: whichever is guessed gives the same bytes back.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::encoding::{WireType, decode_key, decode_varint, encode_key, encode_varint, encoded_len_varint};
use serde_json::{Value, json};

/// Most fields that are kept of one value: two bytes can be one.
const MOST: usize = 4_096;

/// Most fields that are kept of one request.
pub(super) const ROOM: usize = 1 << 16;

/// Most fields of a message whose elements take room when it is read: two bytes can be one.
pub(super) const CROWD: usize = 1 << 17;

/// Messages within messages.
const DEEPEST: usize = 16;

/// The highest number of a field.
const LAST: u64 = (1 << 29) - 1;

/// One field as it stands in a message.
pub(super) struct Field<'b> {
    pub number: u32,
    value: Spelled<'b>,
    /// Its numbers are written as shortly as they can be: written again, it is the same.
    exact: bool,
}

enum Spelled<'b> {
    Number(u64),
    Eight([u8; 8]),
    Four([u8; 4]),
    Bytes(&'b [u8]),
}

/// The fields of a message, in their order; `None` where it is no message any more, and nothing follows.
pub(super) struct Fields<'b>(pub &'b [u8]);

impl<'b> Iterator for Fields<'b> {
    type Item = Option<Field<'b>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = next(&mut self.0);
        if field.is_none() {
            self.0 = &[];
        }
        Some(field)
    }
}

/// How many fields a message has, with those of the messages that lie along `path` within it. `None` where one of them is
/// no message or holds a group: no message of this version of the language does, and whoever decodes it passes over a
/// group where [`Fields`] ends.
pub(super) fn count(message: &[u8], path: &[u32]) -> Option<usize> {
    let mut count = 0;
    for field in Fields(message) {
        let field = field?;
        count += 1;
        if let (Some((number, path)), Some(inner)) = (path.split_first(), field.bytes())
            && field.number == *number
        {
            count += self::count(inner, path)?;
        }
    }
    Some(count)
}

fn next<'b>(rest: &mut &'b [u8]) -> Option<Field<'b>> {
    let mut short = true;
    let mut number = |rest: &mut &'b [u8]| {
        let before = rest.len();
        let number = decode_varint(rest).ok()?;
        short &= before - rest.len() == encoded_len_varint(number);
        Some(number)
    };
    let before = rest.len();
    let (tag, kind) = decode_key(rest).ok()?;
    let key = before - rest.len();
    let value = match kind {
        WireType::Varint => Spelled::Number(number(rest)?),
        WireType::LengthDelimited => {
            let length = usize::try_from(number(rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            *rest = after;
            Spelled::Bytes(bytes)
        }
        WireType::SixtyFourBit => {
            let (bytes, after) = rest.split_first_chunk()?;
            *rest = after;
            Spelled::Eight(*bytes)
        }
        WireType::ThirtyTwoBit => {
            let (bytes, after) = rest.split_first_chunk()?;
            *rest = after;
            Spelled::Four(*bytes)
        }
        // No message of this version of the language holds groups.
        WireType::StartGroup | WireType::EndGroup => return None,
    };
    let exact = short && key == encoded_len_varint(u64::from(tag) << 3);
    Some(Field { number: tag, value, exact })
}

impl<'b> Field<'b> {
    /// Its bytes, where it holds any.
    pub(super) const fn bytes(&self) -> Option<&'b [u8]> {
        match self.value {
            Spelled::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// What it holds, as far as there is room for further fields.
    pub(super) fn shown(&self, room: &mut usize) -> Value {
        within(room, |room| shown(&self.value, room, 0))
    }
}

/// A message as it is kept: its fields, or its bytes where there is no room for them or they would not come back as they
/// were.
pub(super) fn kept(bytes: &[u8], room: &mut usize) -> Value {
    within(room, |room| message(bytes, room, 0)).unwrap_or_else(|| json!({ "bytes": STANDARD.encode(bytes) }))
}

/// One value takes no more than its part.
fn within<T>(room: &mut usize, show: impl FnOnce(&mut usize) -> T) -> T {
    let most = MOST.min(*room);
    let mut left = most;
    let shown = show(&mut left);
    *room -= most - left;
    shown
}

fn shown(value: &Spelled<'_>, room: &mut usize, depth: usize) -> Value {
    match value {
        Spelled::Number(number) => json!(number),
        Spelled::Eight(bytes) => json!({ "fixed64": u64::from_le_bytes(*bytes) }),
        Spelled::Four(bytes) => json!({ "fixed32": u32::from_le_bytes(*bytes) }),
        Spelled::Bytes(bytes) => {
            let text = std::str::from_utf8(bytes).ok();
            if let Some(text) = text.filter(|text| !text.chars().any(char::is_control)) {
                return json!(text);
            }
            let left = *room;
            match message(bytes, room, depth) {
                Some(fields) => fields,
                None => {
                    *room = left;
                    text.map_or_else(|| json!({ "bytes": STANDARD.encode(bytes) }), |text| json!(text))
                }
            }
        }
    }
}

/// A message within; `None` when it is none, or none that would come back as it was, or too large.
fn message(bytes: &[u8], room: &mut usize, depth: usize) -> Option<Value> {
    if depth == DEEPEST {
        return None;
    }
    let mut out = Vec::new();
    for field in Fields(bytes) {
        let field = field.filter(|field| field.exact)?;
        *room = room.checked_sub(1)?;
        out.push(json!([field.number, shown(&field.value, room, depth + 1)]));
    }
    Some(Value::Array(out))
}

/// Writes a field that was shown like this; what nobody showed is left out.
pub(super) fn write(number: u32, value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Number(said) => {
            if let Some(said) = said.as_u64() {
                encode_key(number, WireType::Varint, out);
                encode_varint(said, out);
            }
        }
        Value::String(text) => bytes(number, text.as_bytes(), out),
        Value::Array(_) => bytes(number, &bytes_of(value), out),
        Value::Object(fields) => {
            let said = |name: &str| fields.get(name);
            if let Some(eight) = said("fixed64").and_then(Value::as_u64) {
                encode_key(number, WireType::SixtyFourBit, out);
                out.extend(eight.to_le_bytes());
            } else if let Some(four) = said("fixed32").and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()) {
                encode_key(number, WireType::ThirtyTwoBit, out);
                out.extend(four.to_le_bytes());
            } else if let Some(coded) = said("bytes").and_then(Value::as_str) {
                bytes(number, &decoded(coded), out);
            }
        }
        Value::Null | Value::Bool(_) => {}
    }
}

fn decoded(coded: &str) -> Vec<u8> {
    // What was masked in it is no base64 any more.
    STANDARD.decode(coded).unwrap_or_else(|_| coded.as_bytes().to_vec())
}

/// A field of bytes.
pub(super) fn bytes(number: u32, bytes: &[u8], out: &mut Vec<u8>) {
    encode_key(number, WireType::LengthDelimited, out);
    encode_varint(bytes.len() as u64, out);
    out.extend_from_slice(bytes);
}

/// The bytes of a message that was shown like this.
pub(super) fn bytes_of(shown: &Value) -> Vec<u8> {
    if let Some(coded) = shown.get("bytes").and_then(Value::as_str) {
        return decoded(coded);
    }
    let mut out = Vec::new();
    for field in shown.as_array().into_iter().flatten() {
        let number = field.get(0).and_then(Value::as_u64).filter(|number| (1..=LAST).contains(number));
        if let (Some(number), Some(value)) = (number.and_then(|n| u32::try_from(n).ok()), field.get(1)) {
            write(number, value, &mut out);
        }
    }
    out
}
