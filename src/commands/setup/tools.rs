//! Every tool that can be set up, as data: where it keeps its settings, and what is to stand there.
//!
//! What each row says was seen in the tool's own package or page, and, but for Zed, Crush and Goose, with the real
//! program against a server on this machine (`tests/suite/real/setup.rs`): Claude Code 2.1, Codex 0.171, Gemini CLI 0.61,
//! opencode 1.18, aider 0.86, Continue's `cn` 1.5, llm 0.36.

use serde_json::{Value, json};

use super::edit::{Edit, Format};
use super::place::{Folder, Root};
use super::wish::Wish;
use crate::commands::serve::address::KEY as VARIABLE;

/// How a tool takes the access key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holding {
    /// Its settings can name a variable.
    Variable,
    /// Its settings hold the key itself.
    Value,
    /// It keeps the key itself, and never in its settings: what the user is to do.
    Own(&'static str),
}

/// One file of a tool.
#[derive(Debug)]
pub(super) struct File {
    /// The folder.
    pub folder: Folder,
    /// Its names; the first that is there, else the first.
    pub names: &'static [&'static str],
    /// What it is written in.
    pub format: Format,
    /// What is to stand in it; nothing = the file is left alone.
    pub says: fn(&Wish) -> Vec<Edit>,
}

/// One tool.
#[derive(Debug)]
pub(super) struct Tool {
    /// The word on the command line.
    pub name: &'static str,
    /// Its name for people.
    pub label: &'static str,
    /// Its programs.
    pub programs: &'static [&'static str],
    /// Its files.
    pub files: &'static [File],
    /// How it takes the key.
    pub key: Holding,
    /// What a user has to know beside that.
    pub notes: &'static [&'static str],
}

/// The tool of that name.
pub(super) fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().find(|tool| tool.name == name)
}

/// How much a model that is only a role's name is said to read and to write (tokens), where a tool has to be told: what
/// the models behind every role can do.
const READS: u64 = 128_000;
const WRITES: u64 = 16_000;

/// Every tool.
pub(super) const TOOLS: &[Tool] = &[
    Tool {
        name: "claude-code",
        label: "Claude Code",
        programs: &["claude"],
        files: &[File {
            folder: Folder { moved: Some(("CLAUDE_CONFIG_DIR", "")), root: Root::Home, below: ".claude" },
            names: &["settings.json"],
            format: Format::Json,
            says: |wish| {
                let mut all = vec![Edit::new(&["env", "ANTHROPIC_BASE_URL"], wish.base.as_str())];
                // It takes the first of these that is there: the token, the key, what the helper prints. One of the user's
                // own would go to monster in the place of ours.
                let (token, helper) = (["env", "ANTHROPIC_AUTH_TOKEN"], ["apiKeyHelper"]);
                match wish.word() {
                    None => all.extend([Edit::new(&helper, printed()), Edit::out(&token).covered()]),
                    Some(word) => all.extend([held(&token, word), Edit::out(&helper)]),
                }
                all.push(Edit::out(&["env", "ANTHROPIC_API_KEY"]).covered());
                all.extend(wish.asked().map(|model| Edit::new(&["model"], model)));
                all
            },
        }],
        key: Holding::Variable,
        notes: &["an ANTHROPIC_BASE_URL in a project's own settings goes before this one"],
    },
    Tool {
        name: "codex",
        label: "Codex",
        programs: &["codex"],
        files: &[File {
            folder: Folder { moved: Some(("CODEX_HOME", "")), root: Root::Home, below: ".codex" },
            names: &["config.toml"],
            format: Format::Toml,
            says: |wish| {
                let ours = |key| ["model_providers", "monster", key];
                let mut all: Vec<Edit> = wish.asked().map(|model| Edit::new(&["model"], model)).into_iter().collect();
                all.push(Edit::new(&["model_provider"], "monster"));
                all.push(Edit::new(&ours("name"), "monster serve"));
                all.push(Edit::new(&ours("base_url"), v1(wish)));
                all.push(Edit::new(&ours("wire_api"), "responses"));
                let (variable, token) = (ours("env_key"), ours("experimental_bearer_token"));
                all.extend(match wish.word() {
                    None => [Edit::new(&variable, VARIABLE), Edit::out(&token).covered()],
                    // Without a key Codex sends none.
                    Some((_, false)) => [Edit::out(&variable), Edit::out(&token).covered()],
                    Some(word) => [Edit::out(&variable), held(&token, word)],
                });
                // What a table of the user's under our name may send instead, the sign-in at OpenAI among it.
                all.extend([Edit::out(&ours("requires_openai_auth")), Edit::out(&ours("auth"))]);
                all
            },
        }],
        key: Holding::Variable,
        notes: &[],
    },
    Tool {
        name: "gemini-cli",
        label: "Gemini CLI",
        programs: &["gemini"],
        files: &[
            File {
                folder: Folder { moved: Some(("GEMINI_CLI_HOME", ".gemini")), root: Root::Home, below: ".gemini" },
                names: &[".env"],
                format: Format::Dotenv,
                says: |wish| {
                    let mut all = vec![Edit::new(&["GOOGLE_GEMINI_BASE_URL"], wish.base.as_str())];
                    all.extend(wish.word().map(|word| held(&["GEMINI_API_KEY"], word)));
                    all
                },
            },
            File {
                folder: Folder { moved: Some(("GEMINI_CLI_HOME", ".gemini")), root: Root::Home, below: ".gemini" },
                names: &["settings.json"],
                format: Format::Json,
                says: |wish| {
                    let mut all = vec![Edit::new(&["security", "auth", "selectedType"], "gemini-api-key")];
                    all.extend(wish.asked().map(|model| Edit::new(&["model", "name"], model)));
                    all
                },
            },
        ],
        key: Holding::Value,
        notes: &[
            "its .env is read in trusted folders only, and a nearer .env or an exported GEMINI_API_KEY goes before it",
        ],
    },
    Tool {
        name: "opencode",
        label: "opencode",
        programs: &["opencode"],
        files: &[File {
            folder: Folder { moved: None, root: Root::Config, below: "opencode" },
            names: &["opencode.json", "opencode.jsonc"],
            format: Format::Json,
            says: |wish| {
                let ours = ["provider", "monster"];
                let at = |more: &[&'static str]| [&ours[..], more].concat();
                let mut all = vec![
                    Edit::new(&at(&["npm"]), "@ai-sdk/openai-compatible"),
                    Edit::new(&at(&["name"]), "monster serve"),
                    Edit::new(&at(&["options", "baseURL"]), v1(wish)),
                    match wish.word() {
                        None => Edit::new(&at(&["options", "apiKey"]), format!("{{env:{VARIABLE}}}")),
                        Some(word) => held(&at(&["options", "apiKey"]), word),
                    },
                ];
                let models = wish.models.iter().map(|model| {
                    let at = [&ours[..], &["models", model.as_str()]].concat();
                    Edit::new(&at, json!({ "name": model }))
                });
                all.extend(models);
                all.push(Edit::new(&["model"], format!("monster/{}", wish.first())));
                all
            },
        }],
        key: Holding::Variable,
        notes: &[],
    },
    Tool {
        name: "aider",
        label: "aider",
        programs: &["aider"],
        files: &[File {
            folder: Folder { moved: None, root: Root::Home, below: "" },
            names: &[".aider.conf.yml"],
            format: Format::Yaml,
            says: |wish| {
                let mut all = vec![Edit::new(&["openai-api-base"], v1(wish))];
                all.extend(wish.word().map(|word| held(&["openai-api-key"], word)));
                all.push(Edit::new(&["model"], format!("openai/{}", wish.first())));
                all
            },
        }],
        key: Holding::Value,
        notes: &["a .aider.conf.yml in a repository goes before this one"],
    },
    Tool {
        name: "continue",
        label: "Continue",
        programs: &["cn"],
        files: &[
            File {
                folder: CONTINUE,
                names: &["config.yaml"],
                format: Format::Yaml,
                says: |wish| {
                    let mut all = vec![
                        Edit::new(&["name"], "Local").gentle(),
                        Edit::new(&["version"], "0.0.1").gentle(),
                        Edit::new(&["schema"], "v1").gentle(),
                    ];
                    let key = match wish.word() {
                        Some((none, false)) => none,
                        _ => format!("${{{{ secrets.{VARIABLE} }}}}"),
                    };
                    for model in &wish.models {
                        let member = format!("name={model}");
                        let mut field =
                            |name, value: &str| all.push(Edit::new(&["models", member.as_str(), name], value));
                        field("provider", "openai");
                        field("model", model);
                        field("apiBase", &v1(wish));
                        field("apiKey", &key);
                    }
                    all
                },
            },
            File {
                folder: CONTINUE,
                names: &[".env"],
                format: Format::Dotenv,
                says: |wish| {
                    wish.word().filter(|(_, secret)| *secret).map(|word| held(&[VARIABLE], word)).into_iter().collect()
                },
            },
        ],
        key: Holding::Variable,
        notes: &[
            "the editors' extension reads secrets from ~/.continue/.env and not from the environment: --key-stdin writes them there",
        ],
    },
    Tool {
        name: "zed",
        label: "Zed",
        programs: &["zed", "zeditor"],
        files: &[File {
            folder: Folder { moved: None, root: Root::Roaming, below: "zed" },
            names: &["settings.json"],
            format: Format::Json,
            says: |wish| {
                let ours = |key| ["language_models", "openai_compatible", "monster", key];
                let models: Vec<Value> = wish
                    .models
                    .iter()
                    .map(|model| json!({ "name": model, "display_name": model, "max_tokens": READS }))
                    .collect();
                let mut all = vec![Edit::new(&ours("api_url"), v1(wish)), Edit::new(&ours("available_models"), models)];
                if let Some(model) = wish.asked() {
                    all.push(Edit::new(&["agent", "default_model", "provider"], "monster"));
                    all.push(Edit::new(&["agent", "default_model", "model"], model));
                }
                all
            },
        }],
        key: Holding::Own(
            "enter the key in Zed's settings under LLM Providers, monster, or start Zed with MONSTER_API_KEY",
        ),
        notes: &[],
    },
    Tool {
        name: "llm",
        label: "llm",
        programs: &["llm"],
        files: &[
            File {
                folder: LLM,
                names: &["extra-openai-models.yaml"],
                format: Format::Yaml,
                says: |wish| {
                    let mut all = Vec::new();
                    for model in &wish.models {
                        let member = format!("model_id={model}");
                        let mut field = |name, value: Value| all.push(Edit::new(&[member.as_str(), name], value));
                        field("model_name", json!(model));
                        field("api_base", json!(v1(wish)));
                        field("api_key_name", json!("monster"));
                        field("supports_tools", json!(true));
                    }
                    all
                },
            },
            File {
                folder: LLM,
                names: &["keys.json"],
                format: Format::Json,
                says: |wish| wish.word().map(|word| held(&["monster"], word)).into_iter().collect(),
            },
        ],
        key: Holding::Value,
        notes: &["ask with: llm -m monster/balanced"],
    },
    Tool {
        name: "crush",
        label: "Crush",
        programs: &["crush"],
        files: &[File {
            folder: Folder { moved: Some(("CRUSH_GLOBAL_CONFIG", "")), root: Root::Config, below: "crush" },
            names: &["crush.json"],
            format: Format::Json,
            says: |wish| {
                let ours = |key| ["providers", "monster", key];
                let model = |model: &String| json!({ "id": model, "name": model, "context_window": READS, "default_max_tokens": WRITES });
                vec![
                    Edit::new(&ours("name"), "monster serve"),
                    Edit::new(&ours("type"), "openai-compat"),
                    Edit::new(&ours("base_url"), v1(wish)),
                    match wish.word() {
                        None => Edit::new(&ours("api_key"), format!("${VARIABLE}")),
                        Some(word) => held(&ours("api_key"), word),
                    },
                    Edit::new(&ours("models"), wish.models.iter().map(model).collect::<Vec<Value>>()),
                ]
            },
        }],
        key: Holding::Variable,
        notes: &["choose the model in Crush"],
    },
    Tool {
        name: "goose",
        label: "Goose",
        programs: &["goose"],
        files: &[File {
            folder: Folder { moved: None, root: Root::Config, below: "goose/custom_providers" },
            names: &["monster.json"],
            format: Format::Json,
            says: |wish| {
                let models: Vec<Value> =
                    wish.models.iter().map(|model| json!({ "name": model, "context_limit": READS })).collect();
                vec![
                    Edit::new(&["name"], "monster"),
                    Edit::new(&["engine"], "openai"),
                    Edit::new(&["display_name"], "monster serve"),
                    Edit::new(&["description"], "monster on this machine"),
                    Edit::new(&["api_key_env"], VARIABLE),
                    Edit::new(&["base_url"], wish.base.as_str()),
                    Edit::new(&["models"], models),
                    Edit::new(&["supports_streaming"], true),
                ]
            },
        }],
        key: Holding::Own("start Goose with MONSTER_KEY, or store it with: goose configure"),
        notes: &["start it with: GOOSE_PROVIDER=monster GOOSE_MODEL=monster/balanced goose"],
    },
];

const CONTINUE: Folder = Folder { moved: Some(("CONTINUE_GLOBAL_DIR", "")), root: Root::Home, below: ".continue" };

const LLM: Folder = Folder { moved: Some(("LLM_USER_PATH", "")), root: Root::App, below: "io.datasette.llm" };

/// The address that OpenAI's clients are given.
fn v1(wish: &Wish) -> String {
    format!("{}/v1", wish.base)
}

/// A key that stands in the file, or the word that stands for none.
fn held(at: &[&str], (word, secret): (String, bool)) -> Edit {
    let edit = Edit::new(at, word);
    if secret { edit.secret() } else { edit.covered() }
}

/// A command that prints the variable.
fn printed() -> String {
    if cfg!(windows) { format!("echo %{VARIABLE}%") } else { format!("printenv {VARIABLE}") }
}
