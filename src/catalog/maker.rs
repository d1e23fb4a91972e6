//! Who made a model, told from its name: local servers and routers list models of many makers.

use crate::model::Maker;

/// What [`maker_of`] says when nobody knows.
pub const UNKNOWN: &str = "unknown";

/// First words of model and organisation names, by maker.
const WORDS: &[(&str, &[&str])] = &[
    ("openai", &["openai", "gpt", "chatgpt", "codex"]),
    ("anthropic", &["anthropic", "claude"]),
    ("google", &["google", "gemini", "gemma", "codegemma", "medgemma"]),
    ("deepseek", &["deepseek"]),
    ("xai", &["grok", "xai"]),
    (
        "mistral",
        &["mistral", "mistralai", "mixtral", "codestral", "devstral", "ministral", "magistral", "pixtral", "mathstral"],
    ),
    ("meta", &["llama", "codellama", "meta", "muse"]),
    ("alibaba", &["qwen", "qwq", "codeqwen", "alibaba"]),
    ("microsoft", &["phi", "microsoft", "mai", "wizardlm"]),
    ("huggingface", &["smollm", "smol", "huggingfacetb", "zephyr"]),
    ("ibm", &["granite", "ibm"]),
    ("zhipu", &["glm", "chatglm", "zai", "zhipu", "thudm"]),
    ("moonshot", &["kimi", "moonshot", "moonshotai"]),
    ("minimax", &["minimax", "minimaxai"]),
    ("cohere", &["command", "cohere", "aya", "c4ai"]),
    ("nvidia", &["nemotron", "nvidia"]),
    ("01ai", &["yi"]),
    ("tii", &["falcon", "tiiuae"]),
    ("allenai", &["olmo", "allenai", "tulu"]),
    ("bigcode", &["starcoder"]),
    ("baidu", &["ernie", "baidu"]),
    ("tencent", &["hunyuan", "tencent"]),
    ("bytedance", &["seed", "doubao", "bytedance"]),
    ("lg", &["exaone", "lgai"]),
    ("stability", &["stablelm", "stabilityai"]),
    ("amazon", &["nova", "amazon"]),
    ("xiaomi", &["mimo", "xiaomi"]),
    ("liquid", &["lfm", "liquidai"]),
    ("stepfun", &["step", "stepfun"]),
    ("arcee", &["arcee", "trinity"]),
    ("reflection", &["reflection"]),
    ("internlm", &["internlm", "internvl"]),
    ("openbmb", &["minicpm", "openbmb"]),
];

/// Providers that serve their own models alone.
const OWN: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("anthropic", "anthropic"),
    ("gemini", "google"),
    ("deepseek", "deepseek"),
    ("xai", "xai"),
    ("mistral", "mistral"),
    ("moonshot", "moonshot"),
    ("zhipu", "zhipu"),
    ("minimax", "minimax"),
    ("cohere", "cohere"),
];

/// Who made `model`, told from its name alone; `None` when the name says nothing.
///
/// The last path segment speaks first (`bartowski/Qwen2.5-Coder` is Alibaba's), its leftmost word wins
/// (`deepseek-r1-distill-qwen` counts as DeepSeek's), then the organisations before it.
#[must_use]
pub fn named_maker(model: &str) -> Option<Maker> {
    let lower = model.to_ascii_lowercase();
    lower.rsplit('/').find_map(|segment| segment.split(|c: char| !c.is_ascii_alphanumeric()).find_map(of_word))
}

/// Who made `model` as served by `provider`: by name, else the provider if it serves only its own, else `unknown`.
#[must_use]
pub fn maker_of(provider: &str, model: &str) -> Maker {
    let own = || OWN.iter().find(|(id, _)| *id == provider).map(|(_, maker)| Maker((*maker).to_owned()));
    named_maker(model).or_else(own).unwrap_or_else(|| Maker(UNKNOWN.to_owned()))
}

fn of_word(word: &str) -> Option<Maker> {
    // Version numbers stick to names: qwen2, phi4, gemma3n.
    let letters = word.split(|c: char| c.is_ascii_digit()).next().unwrap_or("");
    let maker = if letters == "o" && word.len() == 2 {
        // o1, o3, o4-mini
        Some("openai")
    } else {
        WORDS.iter().find(|(_, words)| words.contains(&letters)).map(|(maker, _)| *maker)
    };
    maker.map(|m| Maker(m.to_owned()))
}
