//! What the script says: an answer in nobody's dialect, and what goes wrong with it.

use std::time::Duration;

use serde_json::Value;

/// One scripted answer.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// Visible text.
    pub text: String,
    /// Thoughts and the tokens they took; shown only to a request that asks for them.
    pub thoughts: Option<(String, u64)>,
    /// Tool calls: name and arguments.
    pub tools: Vec<(String, Value)>,
    /// What it cost in tokens.
    pub usage: Usage,
    /// Why it stops.
    pub finish: Finish,
    /// It is an error and no answer.
    pub error: Option<Error>,
    /// What goes wrong on the way.
    pub fault: Option<Fault>,
    /// How long nothing at all is said.
    pub wait: Duration,
    /// Headers beside the dialect's own.
    pub headers: Vec<(String, String)>,
}

/// Tokens, each counted once; `output` includes thoughts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    pub input: u64,
    pub cached: u64,
    pub output: u64,
}

impl Default for Usage {
    fn default() -> Self {
        Self { input: 100, cached: 0, output: 20 }
    }
}

/// Why a model stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Finish {
    #[default]
    Stop,
    Length,
    /// The model refuses; its words are those of a refusal, where the dialect has a field for them.
    Refusal,
}

/// An error of the provider.
#[derive(Debug, Clone)]
pub struct Error {
    pub status: u16,
    /// OpenAI's code or Anthropic's type; the others follow from the status.
    pub kind: String,
    pub message: String,
    /// Seconds until it may be tried again.
    pub retry_after: Option<u64>,
}

/// What goes wrong. A number is the count of text pieces that still arrive.
#[derive(Debug, Clone)]
pub enum Fault {
    /// The connection is closed without a word.
    Refuse,
    /// Success, and nothing in it.
    Empty,
    /// Something that is no frame of any dialect.
    Garbage(usize),
    /// An error in the dialect's own words, after success was announced.
    ErrorEvent(usize),
    /// Another status, content type and body: a proxy in between.
    Body(u16, String, String),
    /// The connection is cut.
    Drop(usize),
    /// Silence, until the caller hangs up.
    Stall(usize),
}

impl Answer {
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// This value, as text.
    pub fn json(value: &Value) -> Self {
        Self::text(value.to_string())
    }

    /// An error.
    pub fn status(status: u16, kind: &str, message: &str) -> Self {
        let error = Error { status, kind: kind.to_owned(), message: message.to_owned(), retry_after: None };
        Self { error: Some(error), ..Self::default() }
    }

    /// "Too many requests", told in each provider's way.
    pub fn rate_limited(seconds: u64) -> Self {
        let mut answer = Self::status(429, "rate_limit_exceeded", "Rate limit reached for requests per minute.");
        answer.error.as_mut().unwrap().retry_after = Some(seconds);
        answer
    }

    pub fn thinking(mut self, thoughts: &str, tokens: u64) -> Self {
        self.thoughts = Some((thoughts.to_owned(), tokens));
        self
    }

    pub fn tool(mut self, name: &str, arguments: Value) -> Self {
        self.tools.push((name.to_owned(), arguments));
        self
    }

    pub fn usage(mut self, usage: Usage) -> Self {
        self.usage = usage;
        self
    }

    /// It ends at the output limit.
    pub fn cut(mut self) -> Self {
        self.finish = Finish::Length;
        self
    }

    /// The model refuses in these words.
    pub fn refusal(text: &str) -> Self {
        Self { finish: Finish::Refusal, ..Self::text(text) }
    }

    pub fn fault(mut self, fault: Fault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Says nothing for so long, not even a status.
    pub fn slow_head(mut self, wait: Duration) -> Self {
        self.wait = wait;
        self
    }

    /// Says this in a header too, in the place of the dialect's own of that name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The text as it streams: word by word, and long words in pieces.
    pub fn pieces(&self) -> Vec<String> {
        let mut out = Vec::new();
        for word in self.text.split_inclusive(char::is_whitespace) {
            let letters: Vec<char> = word.chars().collect();
            out.extend(letters.chunks(16).map(|c| c.iter().collect::<String>()));
        }
        out
    }
}
