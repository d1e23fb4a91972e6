//! The form an answer must have: a JSON Schema of the user's, and the check that an answer keeps to it.

use jsonschema::Validator;
use serde_json::Value;

use super::fence::{object, unthink};
use crate::model::Schema;

/// Most faults that are told of one answer.
const FAULTS: usize = 8;

/// A schema that can be checked against.
#[derive(Debug)]
pub struct Form {
    schema: Value,
    check: Validator,
}

/// Why a schema is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormError {
    /// No JSON.
    #[error("it is no JSON: {0}")]
    Json(String),
    /// No JSON Schema, or one that refers to something outside.
    #[error("it is no valid JSON Schema: {0}")]
    Schema(String),
}

/// What an answer is.
#[derive(Debug, Clone, PartialEq)]
pub enum Shaped {
    /// It keeps to the form.
    Right(Value),
    /// It does not, and why.
    Wrong(Vec<String>),
}

impl Form {
    /// Reads a schema. Nothing outside it is looked up.
    ///
    /// # Errors
    /// [`FormError`].
    pub fn read(text: &str) -> Result<Self, FormError> {
        let schema: Value = serde_json::from_str(text).map_err(|e| FormError::Json(e.to_string()))?;
        if !schema.is_object() {
            return Err(FormError::Schema("a schema is a JSON object".to_owned()));
        }
        jsonschema::meta::validate(&schema)
            .map_err(|e| FormError::Schema(format!("{e} (at {})", place(&e.instance_path().to_string()))))?;
        let check = jsonschema::validator_for(&schema).map_err(|e| FormError::Schema(e.to_string()))?;
        Ok(Self { schema, check })
    }

    /// As a request carries it. What strict modes would refuse is asked for loosely: the check comes afterwards anyway.
    #[must_use]
    pub fn schema(&self) -> Schema {
        let schema = Schema::new("answer", self.schema.clone());
        Schema { strict: Some(false).filter(|_| !schema.enforced()), ..schema }
    }

    /// Only an object can be asked for natively; anything else is asked for in words.
    #[must_use]
    pub fn native(&self) -> bool {
        self.schema.get("type").and_then(Value::as_str) == Some("object")
    }

    /// The same in words.
    #[must_use]
    pub fn words(&self) -> String {
        format!("Answer with JSON alone, and nothing around it, that this JSON Schema allows:\n{}\n", self.schema)
    }

    /// Finds the JSON in an answer and holds it against the schema.
    #[must_use]
    pub fn check(&self, answer: &str) -> Shaped {
        let Some(value) = value(answer) else { return Shaped::Wrong(vec!["it is no JSON".to_owned()]) };
        let faults: Vec<String> = self
            .check
            .iter_errors(&value)
            .take(FAULTS)
            .map(|fault| format!("{}: {fault}", place(&fault.instance_path().to_string())))
            .collect();
        if faults.is_empty() { Shaped::Right(value) } else { Shaped::Wrong(faults) }
    }
}

fn place(path: &str) -> &str {
    if path.is_empty() { "the whole" } else { path }
}

/// The JSON in an answer: the whole of it, or what stands in a fence, or the first object.
fn value(answer: &str) -> Option<Value> {
    let text = unthink(answer).trim();
    let fenced = || {
        let (_, rest) = text.split_once("```")?;
        let (_, rest) = rest.split_once('\n')?;
        let (inside, _) = rest.split_once("```")?;
        serde_json::from_str(inside.trim()).ok()
    };
    serde_json::from_str(text).ok().or_else(fenced).or_else(|| object(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(schema: &Value) -> Form {
        Form::read(&schema.to_string()).unwrap()
    }

    #[test]
    fn an_answer_keeps_to_the_form_or_hears_where_it_does_not() {
        let form = form(&json!({ "type": "object", "required": ["name"],
            "properties": { "name": { "type": "string" }, "n": { "type": "integer", "minimum": 1 } } }));
        for right in
            [r#"{"name":"a","n":2}"#, "Sure:\n```json\n{\"name\":\"a\"}\n```\n", "<think>{}</think>{\"name\":\"a\"}"]
        {
            assert!(matches!(form.check(right), Shaped::Right(_)), "{right}");
        }
        let Shaped::Wrong(faults) = form.check(r#"{"n":0}"#) else { panic!("it is wrong") };
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(
            faults.iter().any(|f| f.starts_with("/n: ")) && faults.iter().any(|f| f.contains("name")),
            "{faults:?}"
        );
        assert_eq!(form.check("I cannot."), Shaped::Wrong(vec!["it is no JSON".to_owned()]));
    }

    #[test]
    fn a_list_may_be_wanted_too() {
        let form = form(&json!({ "type": "array", "items": { "type": "string" } }));
        assert_eq!(form.check("```\n[\"a\"]\n```"), Shaped::Right(json!(["a"])));
        assert!(!form.native() && form.words().contains("\"array\""));
    }

    #[test]
    fn what_is_no_schema_is_told_and_nothing_outside_is_looked_up() {
        assert!(matches!(Form::read("{"), Err(FormError::Json(_))));
        assert!(matches!(Form::read("[]"), Err(FormError::Schema(_))));
        assert!(matches!(Form::read(r#"{"type":"strin"}"#), Err(FormError::Schema(_))));
        for out in ["http://127.0.0.1:9/x.json", "file:///etc/hostname"] {
            let outside = json!({ "$ref": out }).to_string();
            assert!(matches!(Form::read(&outside), Err(FormError::Schema(_))), "{out}");
        }
    }

    #[test]
    fn only_closed_schemas_are_asked_for_strictly() {
        let shut = json!({ "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": { "a": { "type": "array", "items": { "type": "string" } } } });
        assert_eq!(form(&shut).schema().strict, None);
        let open = json!({ "type": "object", "additionalProperties": false, "required": ["a"],
            "properties": { "a": { "type": "object" } } });
        assert_eq!(form(&open).schema().strict, Some(false));
        let optional = json!({ "type": "object", "additionalProperties": false, "properties": { "a": {} } });
        assert_eq!(form(&optional).schema().strict, Some(false));
    }
}
