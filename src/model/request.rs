//! What is asked of a model, independent of provider and dialect.

use serde::{Deserialize, Serialize};

use super::{Demand, Dialect, Effort, Message, ModelName, Service, ToolSpec, Ttl};

/// Why the request is made: decides deadlines, patience and what history calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// A commit message, typed by hand.
    Commit,
    /// A commit message, from the git hook: never waits longer than its own deadline.
    Hook,
    /// A diff review.
    Review,
    /// One question, one answer.
    Ask,
    /// A member's answer in a dialectic.
    Member,
    /// The reconciliation in a dialectic.
    Synthesis,
    /// A key check at sign-in.
    Check,
    /// What a program asks of the local proxy.
    Serve,
}

impl Purpose {
    /// One word for the ledger.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Hook => "hook",
            Self::Review => "review",
            Self::Ask => "ask",
            Self::Member => "member",
            Self::Synthesis => "synthesis",
            Self::Check => "check",
            Self::Serve => "serve",
        }
    }

    /// The reasoning that such a request wishes for by itself.
    #[must_use]
    pub const fn effort(self) -> Effort {
        match self {
            Self::Commit | Self::Hook => Effort::None,
            Self::Review | Self::Member | Self::Synthesis => Effort::High,
            Self::Ask | Self::Check | Self::Serve => Effort::Auto,
        }
    }

    /// Who asks for such a thing, unless somebody else is named.
    #[must_use]
    pub const fn caller(self) -> &'static str {
        match self {
            Self::Commit => "monster commit",
            Self::Hook => "git hook",
            Self::Review => "monster review",
            Self::Ask | Self::Member | Self::Synthesis => "monster ask",
            Self::Check => "monster login",
            Self::Serve => "monster serve",
        }
    }
}

/// Sampling controls. Left out of the wire where the model does not take them.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 to 2; clamped to 1 for Anthropic.
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1.
    pub top_p: Option<f64>,
    /// Only the so many likeliest tokens.
    #[serde(default)]
    pub top_k: Option<u64>,
    /// The same seed draws the same answer, as far as the provider can.
    #[serde(default)]
    pub seed: Option<i64>,
    /// -2 to 2: against what was said at all.
    #[serde(default)]
    pub presence_penalty: Option<f64>,
    /// -2 to 2: against what was said often.
    #[serde(default)]
    pub frequency_penalty: Option<f64>,
    /// A habit of our own: nobody need be told where it is left out.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub habit: bool,
}

impl Sampling {
    /// Somebody wants words drawn in another way than the model does by itself.
    #[must_use]
    pub fn wished(&self) -> bool {
        let shape = [self.temperature, self.top_p, self.presence_penalty, self.frequency_penalty];
        !self.habit && (shape.iter().any(Option::is_some) || self.top_k.is_some())
    }

    /// With a temperature or `top_p`, for models that refuse both at once: what says no more than the model does by itself
    /// goes, else `top_p`. True where something was wished that is gone.
    #[must_use]
    pub fn single(mut self) -> (Self, bool) {
        let (Some(temperature), Some(top_p)) = (self.temperature, self.top_p) else { return (self, false) };
        let usual = |said: f64| (said - 1.0).abs() < f64::EPSILON;
        if usual(temperature) && !usual(top_p) {
            self.temperature = None;
            return (self, false);
        }
        self.top_p = None;
        (self, !usual(top_p))
    }
}

/// A JSON Schema the answer must follow.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Schema {
    /// `[A-Za-z0-9_-]{1,64}`.
    pub name: String,
    /// The schema. Strict modes take it where every object is closed and every property required.
    pub schema: serde_json::Value,
    /// What the answer is for, for the model.
    #[serde(default)]
    pub description: Option<String>,
    /// Whether it is enforced; `None` = as [`Self::enforced`] has it.
    #[serde(default)]
    pub strict: Option<bool>,
}

impl Schema {
    /// Whether a provider that can is to enforce it: as was said, else where it is closed. A strict mode refuses every
    /// other (openai-chat.md, on `strict`).
    #[must_use]
    pub fn enforced(&self) -> bool {
        self.strict.unwrap_or_else(|| closed(&self.schema))
    }

    /// A schema that is enforced wherever it and the provider can be held to it.
    pub fn new(name: impl Into<String>, schema: serde_json::Value) -> Self {
        Self { name: name.into(), schema, description: None, strict: None }
    }
}

/// Every object in it is closed and requires all it names, as strict modes demand.
fn closed(schema: &serde_json::Value) -> bool {
    use serde_json::Value;
    let Some(map) = schema.as_object() else { return true };
    let object = |kind: &Value| {
        kind == "object" || kind.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == "object"))
    };
    if let Some(properties) = map.get("properties").and_then(Value::as_object) {
        let required: Vec<&str> =
            map.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let shut = map.get("additionalProperties") == Some(&Value::Bool(false));
        if !shut || !properties.keys().all(|name| required.contains(&name.as_str())) {
            return false;
        }
    } else if map.get("type").is_some_and(object) {
        return false;
    }
    map.iter().all(|(word, inner)| match (word.as_str(), inner) {
        ("properties" | "$defs" | "definitions", Value::Object(named)) => named.values().all(closed),
        ("enum" | "const" | "default" | "examples", _) => true,
        (_, Value::Array(items)) => items.iter().all(closed),
        (_, inner) => closed(inner),
    })
}

/// Whether tools may, must or must not be called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    /// The model decides.
    #[default]
    Auto,
    /// No calls.
    None,
    /// At least one call.
    Required,
    /// This tool.
    Named(String),
    /// Only these, although others are known.
    Among {
        /// At least one of them.
        must: bool,
        /// Their names.
        names: Vec<String>,
    },
}

/// How long the answer should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verbosity {
    /// Short.
    Low,
    /// As usual.
    Medium,
    /// At length.
    High,
}

impl Verbosity {
    /// The word the OpenAI dialects have for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The verbosity of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Low, Self::Medium, Self::High].into_iter().find(|v| v.name() == name)
    }
}

/// How much is told of the thoughts that are shown (OpenAI's `reasoning.summary`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Summary {
    /// The least.
    Concise,
    /// The most.
    Detailed,
}

impl Summary {
    /// Its word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Concise => "concise",
            Self::Detailed => "detailed",
        }
    }

    /// The summary of that word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Concise, Self::Detailed].into_iter().find(|s| s.name() == word)
    }
}

/// What of the prompt is worth caching; single blocks say it with a [`super::Block::Mark`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cache {
    /// The tools.
    pub tools: Option<Ttl>,
    /// The tools and the system text.
    pub system: Option<Ttl>,
    /// All of it, up to the last block that can be cached.
    pub last: Option<Ttl>,
    /// Requests with one key share a cache (OpenAI's `prompt_cache_key`).
    pub key: Option<String>,
}

/// Something that only one dialect knows: sent there as it is, and nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Extra {
    /// The dialect that spelled it.
    pub dialect: Dialect,
    /// Field of the body; `tools` for a tool that the provider runs itself.
    pub name: String,
    /// Its value, as it was spelled.
    pub value: serde_json::Value,
}

/// What is asked. Nothing here is safe to send yet: only the redactor makes it so (`client::Clean`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What the user asked for: a role, a model, an `upstream/model`.
    pub model: ModelName,
    /// System text; empty means none.
    pub system: String,
    /// The conversation, oldest first.
    pub messages: Vec<Message>,
    /// Tools on offer.
    pub tools: Vec<ToolSpec>,
    /// Tool policy.
    pub tool_choice: ToolChoice,
    /// Sampling wishes.
    pub sampling: Sampling,
    /// Reasoning asked for.
    pub effort: Demand,
    /// Visible output tokens wanted; room for reasoning is added by `adapt`.
    pub max_output: Option<u32>,
    /// Structure of the answer, if one is wanted.
    pub schema: Option<Schema>,
    /// Whether the caller wants pieces as they come.
    pub stream: bool,
    /// Why.
    pub purpose: Purpose,
    /// The answer ends where one of these would come.
    #[serde(default)]
    pub stop: Vec<String>,
    /// Whether several tools may be called at once; `None` is up to the model.
    #[serde(default)]
    pub parallel: Option<bool>,
    /// The answer is JSON, of whatever shape.
    #[serde(default)]
    pub json: bool,
    /// Who of the caller's own users asks, as the provider may know it (an opaque id).
    #[serde(default)]
    pub user: Option<String>,
    /// The service tier wanted; `None` is up to the account.
    #[serde(default)]
    pub service: Option<Service>,
    /// How long the answer should be.
    #[serde(default)]
    pub verbosity: Option<Verbosity>,
    /// Whether the thoughts are to be shown; `None` is up to the client.
    #[serde(default)]
    pub show_thoughts: Option<bool>,
    /// Its caller has no word for that: he is shown what there is (OpenAI Chat).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub mute: bool,
    /// How much is told of them; `None` is up to the provider.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// What is worth caching.
    #[serde(default)]
    pub cache: Cache,
    /// What only one dialect knows.
    #[serde(default)]
    pub extras: Vec<Extra>,
}

impl Request {
    /// A request of one user text with everything else at rest.
    pub fn text(model: impl Into<String>, purpose: Purpose, text: impl Into<String>) -> Self {
        Self {
            model: ModelName(model.into()),
            system: String::new(),
            messages: vec![Message::user(text)],
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            sampling: Sampling::default(),
            effort: Demand::default(),
            max_output: None,
            schema: None,
            stream: false,
            purpose,
            stop: Vec::new(),
            parallel: None,
            json: false,
            user: None,
            service: None,
            verbosity: None,
            show_thoughts: None,
            mute: false,
            summary: None,
            cache: Cache::default(),
            extras: Vec::new(),
        }
    }

    /// Thought is wished for, and not only an effort for how the answer is written: in words of the request, or by a wish
    /// behind its model's name.
    #[must_use]
    pub fn thinks(&self) -> bool {
        let wish = self.effort.with(Demand::suffix(&self.model.0).map(|(_, wish)| wish));
        !wish.still && (wish.level > Effort::None || wish.open())
    }

    /// Another program asks, and wishes for thought.
    #[must_use]
    pub fn awaits(&self) -> bool {
        self.purpose == Purpose::Serve && self.thinks()
    }

    /// Thoughts are shown where its answer goes: a command shows them, and another program is shown what it asks for.
    #[must_use]
    pub fn shows(&self) -> bool {
        self.show_thoughts.unwrap_or(self.mute || self.thinks() || self.purpose != Purpose::Serve)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_schema_is_enforced_where_it_is_closed_or_where_that_was_said() {
        let enforced = |schema| Schema::new("it", schema).enforced();
        let inner =
            json!({ "type": "object", "properties": { "b": {} }, "required": ["b"], "additionalProperties": false });
        let of = |inner: &serde_json::Value| {
            json!({ "type": "object", "properties": { "properties": { "type": "array", "items": inner } },
                "required": ["properties"], "additionalProperties": false })
        };
        assert!(enforced(of(&inner)) && enforced(json!({ "type": "string" })));
        let mut open = inner.clone();
        open["additionalProperties"] = json!(true);
        let mut lax = inner;
        lax["required"] = json!([]);
        let ordinary = json!({ "type": ["object", "null"], "properties": { "b": {} } });
        for broken in [open, lax, ordinary] {
            assert!(!enforced(of(&broken)) && !enforced(broken.clone()), "{broken}");
            assert!(!enforced(json!({ "anyOf": [{ "type": "string" }, broken] })), "{broken}");
            assert!(!enforced(json!({ "$defs": { "x": broken }, "$ref": "#/$defs/x" })), "{broken}");
            let said = Schema { strict: Some(true), ..Schema::new("it", broken) };
            assert!(said.enforced());
        }
    }

    #[test]
    fn who_wishes_for_thought_is_shown_it_also_where_the_name_says_so() {
        let shown = |name: &str, mute: bool| {
            let request = Request { mute, ..Request::text(name, Purpose::Serve, "hi") };
            (request.thinks(), request.shows())
        };
        assert_eq!(shown("claude-opus-4-8", false), (false, false));
        assert_eq!(shown("claude-opus-4-8(high)", false), (true, true));
        assert_eq!(shown("gemini/gemini-3-pro(8192)", false), (true, true));
        assert_eq!(shown("claude-opus-4-8(none)", false), (false, false));
        assert_eq!(shown("claude-opus-4-8(..high)", false), (false, false));
        assert_eq!(shown("claude-opus-4-8", true), (false, true), "the settings may make it think");
        let still = Demand { still: true, ..Effort::Low.into() };
        let named = Request { effort: still, ..Request::text("claude-opus-4-8(high)", Purpose::Serve, "hi") };
        assert!(named.thinks() && named.awaits());
        let unshown = Request { show_thoughts: Some(false), ..named };
        assert!(unshown.thinks() && !unshown.shows());
    }
}
