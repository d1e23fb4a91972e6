//! Vendors compatible with OpenAI's Chat, each with its accent: what it takes and how it answers, from the types of its
//! own SDK (mistralai 3.7.0, groq 1.7.0, together 3.1.1, cerebras-cloud-sdk 1.91.0, zai-sdk 0.2.3, huggingface_hub
//! 2.4.0, dashscope 2.0.2) and protocols/openai-compatible.md. `real/sdk/vendors.rs` holds it against these SDKs.

use serde_json::{Value, json};

use super::answer::Answer;
use super::call::Call;
use super::chat::{call_id, content, finish, unknown};
use super::dialect::{CREATED, Frame};
use super::rules::{Check, Field, Kind, fields, must, refuse};

/// One of them.
pub struct Vendor {
    /// Its id here and in the program.
    pub id: &'static str,
    /// Where it serves, below its own folder.
    pub path: &'static str,
    /// Fields it takes beside [`COMMON`].
    takes: &'static [Field],
    /// Fields of messages that it does not know although OpenAI does.
    ignorant: &'static [&'static str],
    /// How it shows thoughts.
    thoughts: Shown,
    /// It counts cached and thought tokens.
    pub counts: bool,
    /// Where the usage of a stream stands.
    stream: Counted,
    /// Members of an answer that only its types have.
    own: fn(&mut Value),
}

/// How thoughts are shown.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    /// Not at all.
    Hidden,
    /// In this field of the message.
    Field(&'static str),
    /// As parts of the content.
    Parts,
}

/// Where the usage of a stream stands.
#[derive(Clone, Copy, PartialEq)]
enum Counted {
    /// In the last chunk of the answer itself, unasked.
    Last,
    /// In a chunk of its own, when asked for.
    Asked,
    /// In `x_groq` of the last chunk, unasked.
    Groq,
}

const COMMON: &[Field] = &[
    ("model", Kind::Text),
    ("messages", Kind::List),
    ("max_tokens", Kind::Whole),
    ("temperature", Kind::Number),
    ("top_p", Kind::Number),
    ("stop", Kind::Any),
    ("stream", Kind::Bool),
    ("tools", Kind::List),
    ("tool_choice", Kind::Any),
    ("response_format", Kind::Object),
];

const PENALTIES: &[Field] = &[("frequency_penalty", Kind::Number), ("presence_penalty", Kind::Number)];

/// What an answer has everywhere.
const PLAIN: Vendor = Vendor {
    id: "",
    path: "v1",
    takes: &[],
    ignorant: &[],
    thoughts: Shown::Hidden,
    counts: false,
    stream: Counted::Asked,
    own: |_| {},
};

const VENDORS: &[Vendor] = &[
    Vendor {
        id: "mistral",
        takes: &[
            ("random_seed", Kind::Whole),
            ("metadata", Kind::Object),
            ("min_tokens", Kind::Whole),
            ("repetition_penalty", Kind::Number),
            ("top_k", Kind::Whole),
            ("n", Kind::Whole),
            ("prediction", Kind::Object),
            ("parallel_tool_calls", Kind::Bool),
            ("reasoning_effort", Kind::Word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
            ("prompt_mode", Kind::Word(&["reasoning"])),
            ("prompt_cache_key", Kind::Text),
            ("service_tier", Kind::Text),
            ("safe_prompt", Kind::Bool),
        ],
        ignorant: &["name", "reasoning_content", "reasoning_details"],
        thoughts: Shown::Parts,
        stream: Counted::Last,
        ..PLAIN
    },
    Vendor {
        id: "groq",
        path: "openai/v1",
        takes: &[
            ("max_completion_tokens", Kind::Whole),
            ("seed", Kind::Whole),
            ("user", Kind::Text),
            ("parallel_tool_calls", Kind::Bool),
            ("reasoning_effort", Kind::Word(&["none", "default", "low", "medium", "high"])),
            ("reasoning_format", Kind::Word(&["hidden", "raw", "parsed"])),
            ("include_reasoning", Kind::Bool),
            ("service_tier", Kind::Word(&["auto", "on_demand", "flex", "performance"])),
            // Its requests do not name it, but its chunks say what it does.
            ("stream_options", Kind::Object),
        ],
        ignorant: &["reasoning_content", "reasoning_details"],
        thoughts: Shown::Field("reasoning"),
        counts: true,
        stream: Counted::Groq,
        own: |out| {
            out["system_fingerprint"] = json!("fp_1");
            out["x_groq"] = json!({ "id": "req_1" });
        },
    },
    Vendor {
        id: "together",
        takes: &[
            ("seed", Kind::Whole),
            ("n", Kind::Whole),
            ("top_k", Kind::Whole),
            ("min_p", Kind::Number),
            ("repetition_penalty", Kind::Number),
            ("logprobs", Kind::Whole),
            ("reasoning", Kind::Object),
            ("reasoning_effort", Kind::Word(&["low", "medium", "high"])),
            ("chat_template_kwargs", Kind::Object),
            ("context_length_exceeded_behavior", Kind::Word(&["truncate", "error"])),
            ("stream_options", Kind::Object),
        ],
        thoughts: Shown::Field("reasoning"),
        // Its SDK cannot ask for it, and finds it there.
        stream: Counted::Last,
        own: |out| {
            if out["object"] == "chat.completion" {
                out["prompt"] = json!([]);
            }
        },
        ..PLAIN
    },
    Vendor {
        id: "cohere",
        path: "compatibility/v1",
        takes: &[
            ("seed", Kind::Whole),
            ("user", Kind::Text),
            ("reasoning_effort", Kind::Word(&["none", "high"])),
            ("max_completion_tokens", Kind::Whole),
            ("stream_options", Kind::Object),
        ],
        ..PLAIN
    },
    Vendor {
        id: "qwen",
        path: "compatible-mode/v1",
        takes: &[
            ("seed", Kind::Whole),
            ("n", Kind::Whole),
            ("top_k", Kind::Whole),
            ("repetition_penalty", Kind::Number),
            ("parallel_tool_calls", Kind::Bool),
            ("enable_thinking", Kind::Bool),
            ("thinking_budget", Kind::Whole),
            ("enable_search", Kind::Bool),
            ("stream_options", Kind::Object),
        ],
        thoughts: Shown::Field("reasoning_content"),
        counts: true,
        ..PLAIN
    },
    Vendor {
        id: "zhipu",
        path: "api/paas/v4",
        takes: &[
            ("seed", Kind::Whole),
            ("request_id", Kind::Text),
            ("user_id", Kind::Text),
            ("do_sample", Kind::Bool),
            ("thinking", Kind::Object),
            ("tool_stream", Kind::Bool),
            ("reasoning_effort", Kind::Word(&["none", "minimal", "low", "medium", "high", "xhigh", "max"])),
        ],
        thoughts: Shown::Field("reasoning_content"),
        counts: true,
        stream: Counted::Last,
        own: |out| {
            out.as_object_mut().unwrap().remove("object");
            if out["choices"][0]["message"].is_object() {
                out["request_id"] = json!("req_1");
            }
        },
        ..PLAIN
    },
    Vendor {
        id: "cerebras",
        takes: &[
            ("max_completion_tokens", Kind::Whole),
            ("seed", Kind::Whole),
            ("user", Kind::Text),
            ("n", Kind::Whole),
            ("parallel_tool_calls", Kind::Bool),
            ("prediction", Kind::Object),
            ("prompt_cache_key", Kind::Text),
            ("reasoning_effort", Kind::Word(&["none", "low", "medium", "high"])),
            ("reasoning_format", Kind::Word(&["none", "parsed", "text_parsed", "raw", "hidden"])),
            ("disable_reasoning", Kind::Bool),
            ("clear_thinking", Kind::Bool),
            ("service_tier", Kind::Word(&["auto", "default", "flex", "priority"])),
            ("stream_options", Kind::Object),
        ],
        ignorant: &["reasoning_content", "reasoning_details"],
        thoughts: Shown::Field("reasoning"),
        counts: true,
        own: |out| {
            out["system_fingerprint"] = json!("fp_1");
            out["time_info"] = json!({ "queue_time": 0.1, "total_time": 0.2 });
        },
        ..PLAIN
    },
    Vendor {
        id: "huggingface",
        takes: &[
            ("seed", Kind::Whole),
            ("n", Kind::Whole),
            ("tool_prompt", Kind::Text),
            ("logprobs", Kind::Bool),
            ("top_logprobs", Kind::Whole),
            ("stream_options", Kind::Object),
            // Not its own: passed on to whoever serves the model.
            ("reasoning_effort", Kind::Text),
        ],
        thoughts: Shown::Field("reasoning"),
        own: |out| out["system_fingerprint"] = json!(""),
        ..PLAIN
    },
];

/// The vendor of that id.
pub fn of(id: &str) -> Option<&'static Vendor> {
    VENDORS.iter().find(|vendor| vendor.id == id)
}

impl Vendor {
    /// It takes thoughts back in `reasoning`.
    pub fn takes_reasoning(&self) -> bool {
        self.thoughts == Shown::Field("reasoning")
    }

    /// The fields of a request, and of its messages.
    pub fn check(&self, body: &Value) -> Check {
        let penalties = if self.id == "zhipu" { &[] } else { PENALTIES };
        let mut said = body.clone();
        // Z.ai's SDK says also what it does not say.
        said.as_object_mut().into_iter().for_each(|said| said.retain(|_, v| self.id != "zhipu" || !v.is_null()));
        fields("", &said, &[COMMON, penalties, self.takes].concat(), unknown)?;
        for (n, message) in body["messages"].as_array().into_iter().flatten().enumerate() {
            for name in self.ignorant {
                must(message.get(name).is_none(), name, || unknown(&format!("messages[{n}].{name}")))?;
            }
            self.message(n, message)?;
        }
        match (self.id, &body["response_format"]) {
            ("cohere", format) => must(format["type"] != "json_schema", "response_format", || {
                "a schema stands beside the type json_object".to_owned()
            }),
            _ => Ok(()),
        }
    }

    fn message(&self, n: usize, message: &Value) -> Check {
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        let ids: Vec<&str> =
            calls.map(|call| &call["id"]).chain([&message["tool_call_id"]]).filter_map(Value::as_str).collect();
        let nine = |id: &&str| id.len() == 9 && id.bytes().all(|b| b.is_ascii_alphanumeric());
        must(self.id != "mistral" || ids.iter().all(nine), "tool_call_id", || {
            format!("Tool call id was {ids:?} but must be a-z, A-Z, 0-9, with a length of 9.")
        })?;
        let null = message.as_object().into_iter().flatten().any(|(_, value)| value.is_null());
        must(self.id != "groq" || !null, "messages", || format!("messages[{n}] holds a null"))?;
        let parts = message["content"].as_array().into_iter().flatten();
        let pictures: Vec<&str> = parts.filter_map(|part| part["image_url"]["url"].as_str()).collect();
        match self.id {
            "zhipu" if pictures.iter().any(|url| url.starts_with("data:")) => {
                Err(refuse("image_url", "image data stands there without an address around it"))
            }
            _ => Ok(()),
        }
    }

    fn envelope(&self, call: &Call, object: &str, choices: Value) -> Value {
        let id = format!("chatcmpl-{:029}", call.number);
        let mut out =
            json!({ "id": id, "object": object, "created": CREATED, "model": call.model, "choices": choices });
        (self.own)(&mut out);
        out
    }

    fn usage(&self, answer: &Answer) -> Value {
        let used = answer.usage;
        let thought = answer.thoughts.as_ref().map_or(0, |(_, tokens)| *tokens);
        let mut out = json!({ "prompt_tokens": used.input, "completion_tokens": used.output, "total_tokens": used.input + used.output });
        if self.counts {
            out["prompt_tokens_details"] = json!({ "cached_tokens": used.cached });
            out["completion_tokens_details"] = json!({ "reasoning_tokens": thought });
        }
        out
    }

    fn shown<'a>(&self, call: &Call, answer: &'a Answer) -> Option<&'a str> {
        let off = call.body["reasoning_effort"] == "none"
            || call.body["thinking"]["type"] == "disabled"
            || call.body["enable_thinking"] == false;
        let hidden = off || self.thoughts == Shown::Hidden;
        answer.thoughts.as_ref().filter(|_| !hidden).map(|(text, _)| text.as_str())
    }

    /// A message, or a piece of one, of these.
    fn said(&self, text: Value, thoughts: Option<&str>) -> Value {
        let mut out = json!({ "role": "assistant", "content": text });
        match (self.thoughts, thoughts) {
            (Shown::Field(field), Some(thoughts)) => out[field] = json!(thoughts),
            (Shown::Parts, Some(thoughts)) => {
                let thinking = json!({ "type": "thinking", "thinking": [{ "type": "text", "text": thoughts }] });
                let said = out["content"].as_str().filter(|text| !text.is_empty());
                let said = said.map(|text| json!({ "type": "text", "text": text }));
                out["content"] = [Some(thinking), said].into_iter().flatten().collect();
            }
            _ => {}
        }
        out
    }

    fn made(&self, call: &Call, n: usize, name: &str, arguments: &str) -> Value {
        // Nine characters for Mistral.
        let id = if self.id == "mistral" { format!("c{:06}{n:02}", call.number) } else { call_id(call, n) };
        let mut out = json!({ "id": id, "type": "function", "function": { "name": name, "arguments": arguments } });
        if ["mistral", "together", "cerebras", "qwen"].contains(&self.id) {
            out["index"] = json!(n);
        }
        out
    }

    /// An answer in one piece.
    pub fn whole(&self, call: &Call, answer: &Answer) -> Value {
        let mut message = self.said(content(answer), self.shown(call, answer));
        if !answer.tools.is_empty() {
            let made = answer.tools.iter().enumerate();
            message["tool_calls"] = made.map(|(n, (name, a))| self.made(call, n, name, &a.to_string())).collect();
        }
        let choice = json!({ "index": 0, "message": message, "finish_reason": finish(answer) });
        let mut out = self.envelope(call, "chat.completion", json!([choice]));
        out["usage"] = self.usage(answer);
        out
    }

    /// An answer as a stream.
    pub fn stream(&self, call: &Call, answer: &Answer) -> Vec<Frame> {
        let chunk = |delta: Value, finish: Option<&str>| {
            let choice = json!({ "index": 0, "delta": delta, "finish_reason": finish });
            self.envelope(call, "chat.completion.chunk", json!([choice]))
        };
        let piece = |text: &str| chunk(self.said(json!(text), None), None);
        let mut out = vec![Frame::data(&piece(""))];
        if let Some(thoughts) = self.shown(call, answer) {
            let pieces = thoughts.split_inclusive(' ');
            out.extend(pieces.map(|word| Frame::data(&chunk(self.said(json!(""), Some(word)), None))));
        }
        out.extend(answer.pieces().iter().map(|word| Frame::data(&piece(word)).with_text()));
        for (n, (name, arguments)) in answer.tools.iter().enumerate() {
            let arguments = arguments.to_string();
            // Mistral, Together and Hugging Face type a call in a stream as a whole one.
            let mut made = self.made(call, n, name, &arguments);
            made["index"] = json!(n);
            let mut delta = self.said(json!(""), None);
            delta["tool_calls"] = json!([made]);
            out.push(Frame::data(&chunk(delta, None)));
        }
        let mut last = chunk(self.said(json!(""), None), Some(finish(answer)));
        match self.stream {
            Counted::Last => last["usage"] = self.usage(answer),
            Counted::Groq => last["x_groq"]["usage"] = self.usage(answer),
            Counted::Asked => {}
        }
        out.push(Frame::data(&last));
        if call.body["stream_options"]["include_usage"] == true {
            let mut end = self.envelope(call, "chat.completion.chunk", json!([]));
            end["usage"] = self.usage(answer);
            out.push(Frame::data(&end));
        }
        out.push(Frame::raw("data: [DONE]\n\n"));
        out
    }
}
