//! JSON written quickly: what has to be escaped is looked for many bytes at a time, as it is when such texts are read
//! (`quick`). A long conversation with code in it is mostly texts.

use serde_json::Value;

use crate::model::plain_text;

/// Appends a value as serde_json would. A value in memory is written to memory without a fault.
pub(super) fn value(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => self::text(text, out),
        Value::Array(list) => {
            out.push(b'[');
            for (at, one) in list.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                self::value(one, out);
            }
            out.push(b']');
        }
        Value::Object(members) => {
            out.push(b'{');
            for (at, (name, one)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                text(name, out);
                out.push(b':');
                self::value(one, out);
            }
            out.push(b'}');
        }
        word => drop(serde_json::to_writer(out, word)),
    }
}

fn text(text: &str, out: &mut Vec<u8>) {
    out.reserve(text.len() + 2);
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, marked) = rest.split_at(plain_text(rest));
        out.extend_from_slice(plain);
        let Some((byte, behind)) = marked.split_first() else { break };
        match byte {
            b'"' => out.extend(b"\\\""),
            b'\\' => out.extend(b"\\\\"),
            b'\n' => out.extend(b"\\n"),
            b'\t' => out.extend(b"\\t"),
            b'\r' => out.extend(b"\\r"),
            8 => out.extend(b"\\b"),
            12 => out.extend(b"\\f"),
            byte => out.extend(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = behind;
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::quick::json;
    use super::*;

    fn agrees(value: &Value) {
        let mut out = Vec::new();
        self::value(value, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), serde_json::to_string(value).unwrap());
    }

    #[test]
    fn every_byte_is_written_as_serde_json_writes_it() {
        let all: String = (0..=0x2ff).filter_map(char::from_u32).collect();
        for at in 0..all.len() {
            agrees(&Value::from(all.get(at..).unwrap_or_default()));
        }
    }

    proptest! {
        #[test]
        fn whatever_there_is_is_written_as_serde_json_writes_it(value in json()) {
            agrees(&value);
        }
    }
}
