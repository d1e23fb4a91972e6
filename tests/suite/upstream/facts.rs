//! What the real models take, as far as a request can be refused for it (protocols/reasoning.md).

/// Efforts an OpenAI model takes; `None` = it does not reason, and any effort is refused.
pub fn openai_efforts(model: &str) -> Option<&'static [&'static str]> {
    let known: &[(&str, &[&str])] = &[
        ("gpt-5.4-pro", &["medium", "high", "xhigh"]),
        ("gpt-5.5-pro", &["medium", "high", "xhigh"]),
        ("gpt-5.2-pro", &["medium", "high", "xhigh"]),
        ("gpt-5-pro", &["high"]),
        ("gpt-5.6", &["none", "low", "medium", "high", "xhigh", "max"]),
        ("gpt-6-astra", &["low", "medium", "high", "xhigh", "max"]),
        ("gpt-6.1-sol", &["low", "medium", "high", "xhigh", "max"]),
        ("gpt-6.2", &["low", "medium", "high", "xhigh", "max"]),
        ("gpt-6", &["none", "low", "medium", "high", "xhigh", "max"]),
        ("gpt-5.5", &["none", "low", "medium", "high", "xhigh"]),
        ("gpt-5.4", &["none", "low", "medium", "high", "xhigh"]),
        ("gpt-5.3-codex", &["none", "low", "medium", "high", "xhigh"]),
        ("gpt-5.2", &["none", "low", "medium", "high", "xhigh"]),
        ("gpt-5.1", &["none", "low", "medium", "high"]),
        ("gpt-5", &["minimal", "low", "medium", "high"]),
        ("chat-latest", &["medium"]),
        ("o3", &["low", "medium", "high"]),
        ("o4", &["low", "medium", "high"]),
    ];
    known.iter().find(|(prefix, _)| model.starts_with(prefix)).map(|(_, efforts)| *efforts)
}

/// Served by Responses alone.
pub fn responses_only(model: &str) -> bool {
    model.contains("-pro") || model.contains("codex")
}

/// From gpt-5.4 on, function tools and reasoning together belong to Responses.
pub fn tools_need_responses(model: &str) -> bool {
    ["gpt-5.4", "gpt-5.5", "gpt-5.6", "gpt-6"].iter().any(|p| model.starts_with(p))
}

/// What one of Anthropic's models takes.
#[derive(Debug, Clone, Copy)]
pub struct Claude {
    /// Values of `thinking.type`.
    pub thinking: &'static [&'static str],
    /// Values of `output_config.effort`.
    pub efforts: &'static [&'static str],
    /// It takes temperature and its kin.
    pub sampling: bool,
    /// It takes `any` and `tool` as a tool choice.
    pub forced: bool,
    /// It takes a last message of the assistant.
    pub prefill: bool,
    /// It thinks without being asked.
    pub always: bool,
    /// Most tokens it writes.
    pub output: u64,
}

const ALL: &[&str] = &["low", "medium", "high", "xhigh", "max"];

/// The row of a model; the newest of its line when it is not known.
pub fn claude(model: &str) -> Claude {
    let row = |thinking, efforts, sampling, forced, prefill, always, output| Claude {
        thinking,
        efforts,
        sampling,
        forced,
        prefill,
        always,
        output,
    };
    let is = |names: &[&str]| names.iter().any(|n| model.contains(n));
    if is(&["haiku-4-5", "sonnet-4-5"]) {
        row(&["enabled", "disabled"], &[], true, true, true, false, 64_000)
    } else if is(&["opus-4-5"]) {
        row(&["enabled", "disabled"], &["low", "medium", "high"], true, true, true, false, 64_000)
    } else if is(&["opus-4-6", "sonnet-4-6"]) {
        row(&["adaptive", "enabled", "disabled"], &["low", "medium", "high", "max"], true, true, false, false, 128_000)
    } else if is(&["opus-4-7", "opus-4-8"]) {
        row(&["adaptive", "disabled"], ALL, false, true, false, false, 128_000)
    } else if is(&["sonnet-5-5"]) {
        row(&["adaptive", "between_tools"], ALL, false, false, false, true, 128_000)
    } else if is(&["opus-5-5", "fable", "mythos"]) {
        row(&["adaptive"], ALL, false, false, false, true, 128_000)
    } else {
        row(&["adaptive", "disabled"], ALL, false, true, false, true, 128_000)
    }
}

/// How one of Google's models is told how hard to think.
#[derive(Debug, Clone, Copy)]
pub enum Gemini {
    /// A budget between these, or 0 where `off`, or -1.
    Budget { least: i64, most: i64, off: bool },
    /// One of these levels.
    Level(&'static [&'static str]),
}

/// The row of a model; levels when it is not known.
pub fn gemini(model: &str) -> Gemini {
    let is = |name: &str| model.starts_with(name);
    if is("gemini-2.5-pro") {
        Gemini::Budget { least: 128, most: 32_768, off: false }
    } else if is("gemini-2.5-flash-lite") {
        Gemini::Budget { least: 512, most: 24_576, off: true }
    } else if is("gemini-2.5") {
        Gemini::Budget { least: 1, most: 24_576, off: true }
    } else if is("gemini-3.1-pro") || is("gemini-3.7") || is("gemini-3.8") || is("gemini-4-argon") {
        Gemini::Level(&["low", "medium", "high"])
    } else if is("gemini-4") {
        Gemini::Level(&["low", "medium", "high", "xhigh"])
    } else {
        Gemini::Level(&["minimal", "low", "medium", "high"])
    }
}

/// Google's models that take no temperature.
pub fn gemini_without_sampling(model: &str) -> bool {
    ["gemini-3.5-flash-lite", "gemini-3.6", "gemini-3.7", "gemini-3.8"].iter().any(|p| model.starts_with(p))
}
