//! JSON that is looked at once and not kept: texts and names are borrowed from the bytes wherever they hold no escapes,
//! and an object is the short list it mostly is. Reading an answer's frames costs a fraction of what `Value` takes.

use std::borrow::Cow;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Tree<'a>>),
    /// In the order in which they stand there; of two of one name the last counts.
    Object(Vec<(Cow<'a, str>, Tree<'a>)>),
}

/// What can be looked at as JSON, whatever it is kept in. What is missing or of another type is `None`.
pub(super) trait Look: Sized {
    /// A member.
    fn member(&self, name: &str) -> Option<&Self>;
    /// A text.
    fn said(&self) -> Option<&str>;
    /// A count.
    fn whole(&self) -> Option<u64>;
    /// Any number.
    fn number(&self) -> Option<f64>;
    /// Yes or no.
    fn flag(&self) -> Option<bool>;
    /// The elements of an array; none where it is no array.
    fn list(&self) -> &[Self];
    /// It has members.
    fn object(&self) -> bool;
    /// The same to be kept.
    fn kept(&self) -> Value;
    /// Its members, by name; none where it has none.
    fn members(&self) -> impl Iterator<Item = (&str, &Self)>;
    /// It is null.
    fn null(&self) -> bool;
    /// It says nothing: what programs leave in a field that they do not use.
    fn nothing(&self) -> bool;
}

impl Look for Value {
    fn member(&self, name: &str) -> Option<&Self> {
        self.get(name)
    }

    fn said(&self) -> Option<&str> {
        self.as_str()
    }

    fn whole(&self) -> Option<u64> {
        self.as_u64()
    }

    fn number(&self) -> Option<f64> {
        self.as_f64()
    }

    fn flag(&self) -> Option<bool> {
        self.as_bool()
    }

    fn list(&self) -> &[Self] {
        self.as_array().map_or(&[], Vec::as_slice)
    }

    fn object(&self) -> bool {
        self.is_object()
    }

    fn kept(&self) -> Value {
        self.clone()
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
    }

    fn null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn nothing(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => true,
            Self::String(text) => text.is_empty(),
            Self::Array(list) => list.is_empty(),
            Self::Object(members) => members.is_empty(),
            Self::Bool(true) | Self::Number(_) => false,
        }
    }
}

impl Look for Tree<'_> {
    fn member(&self, name: &str) -> Option<&Self> {
        match self {
            // Most that is asked for is not there, and told apart by its first letter.
            Self::Object(members) => {
                let first = name.as_bytes().first();
                let is = |known: &str| known.as_bytes().first() == first && known == name;
                members.iter().rev().find(|(known, _)| is(known)).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    fn said(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    fn whole(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    fn flag(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    fn object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    fn members(&self) -> impl Iterator<Item = (&str, &Self)> {
        let members = if let Self::Object(members) = self { members.as_slice() } else { &[] };
        members.iter().map(|(name, value)| (&**name, value))
    }

    fn null(&self) -> bool {
        matches!(self, Self::Null)
    }

    fn nothing(&self) -> bool {
        match self {
            Self::Null | Self::Bool(false) => true,
            Self::Text(text) => text.is_empty(),
            Self::List(list) => list.is_empty(),
            Self::Object(members) => members.is_empty(),
            Self::Bool(true) | Self::Number(_) => false,
        }
    }

    fn kept(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => Value::Bool(*flag),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::String(text.clone().into_owned()),
            Self::List(list) => Value::Array(list.iter().map(Self::kept).collect()),
            Self::Object(members) => {
                let members = members.iter().map(|(name, value)| (name.clone().into_owned(), value.kept()));
                Value::Object(Map::from_iter(members))
            }
        }
    }
}

impl From<Value> for Tree<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::Text(Cow::Owned(text)),
            Value::Array(list) => Self::List(list.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                Self::Object(members.into_iter().map(|(name, value)| (Cow::Owned(name), Self::from(value))).collect())
            }
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Tree<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reads)
    }
}

/// The name of a member.
struct Name<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Name<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_str(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E: Error>(self, name: &'de str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Name<'de>, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}

struct Reads;

impl<'de> Visitor<'de> for Reads {
    type Value = Tree<'de>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Tree<'de>, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Tree<'de>, E> {
        Ok(Tree::Bool(flag))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Tree<'de>, E> {
        Ok(Tree::Number(number.into()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Tree<'de>, E> {
        Ok(Number::from_f64(number).map_or(Tree::Null, Tree::Number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Tree<'de>, E> {
        Ok(Tree::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<Tree<'de>, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = from.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Tree<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((Name(name), value)) = from.next_entry()? {
            members.push((name, value));
        }
        Ok(Tree::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_what_value_is_whatever_it_is_read_from() {
        let texts = [
            "null",
            "[true,false,1,-2,1.5,1e300,18446744073709551615,-9223372036854775808]",
            r#"{"a":"plain","b\n\u00e4":"with \"escapes\" \ud83d\ude00","c":[{},[],{"d":null}],"a":"again"}"#,
        ];
        for text in texts {
            let (tree, value): (Tree<'_>, Value) = (serde_json::from_str(text).unwrap(), text.parse().unwrap());
            assert_eq!(tree.kept(), value, "{text}");
        }
        for text in ["{\"a\":", "[1,]", "nul", "\"\\x\"", "\"\u{1}\"", &"[".repeat(200)] {
            assert!(serde_json::from_str::<Tree<'_>>(text).is_err(), "{text}");
            assert!(text.parse::<Value>().is_err(), "{text}");
        }
    }

    #[test]
    fn texts_are_borrowed_and_the_last_of_one_name_counts() {
        let text = r#"{"a":"one","a":"two","n":7,"f":0.5,"y":true,"l":[1]}"#;
        let tree: Tree<'_> = serde_json::from_str(text).unwrap();
        assert!(
            matches!(&tree, Tree::Object(members) if matches!(&members[0], (Cow::Borrowed("a"), Tree::Text(Cow::Borrowed("one")))))
        );
        assert_eq!(tree.member("a").and_then(Look::said), Some("two"));
        assert_eq!(tree.member("n").and_then(Look::whole), Some(7));
        assert_eq!(tree.member("f").and_then(Look::number), Some(0.5));
        assert_eq!(tree.member("y").and_then(Look::flag), Some(true));
        assert_eq!(tree.member("l").map(|l| l.list().len()), Some(1));
        assert!(tree.object() && tree.member("x").is_none() && tree.member("a").and_then(|a| a.member("b")).is_none());
    }
}
