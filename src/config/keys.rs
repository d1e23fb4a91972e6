//! Every setting: one line each. The reader, `config list`, `config explain` and the schema follow this table.

use super::{redact, strategy};

/// What a value looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Any text; empty = not set.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number in this range.
    Number(u64, u64),
    /// Dollars; empty = no limit.
    Dollars,
    /// One of these words.
    Word(&'static [&'static str]),
    /// A wish for reasoning; empty = not said.
    Effort,
    /// A list of texts.
    List,
}

/// What a repository may do with a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repo {
    /// Nothing.
    Never,
    /// Set it.
    May,
    /// Set it to something stricter than what holds without it: a later word of the list, a smaller amount, or true.
    Tighten,
}

/// One setting.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its name, with dots.
    pub name: &'static str,
    /// What it looks like.
    pub kind: Kind,
    /// Its value when nobody sets it.
    pub default: &'static str,
    /// What a repository may do with it.
    pub repo: Repo,
    /// What it means, one line.
    pub means: &'static str,
}

/// Beside what a repository may tighten and wishes for reasoning, what keeps something from being sent, spent or thought.
const BOUNDS: [&str; 4] = ["budget.accounts", "effort_strict", "efforts", "offline"];

impl Key {
    /// It bounds what is sent, spent or thought: where it cannot be read, it cannot be kept.
    pub(super) fn bounds(&self) -> bool {
        self.repo == Tighten || self.kind == Effort || BOUNDS.contains(&self.name)
    }
}

const fn key(name: &'static str, kind: Kind, default: &'static str, repo: Repo, means: &'static str) -> Key {
    Key { name, kind, default, repo, means }
}

use Kind::{Bool, Dollars, Effort, List, Number, Text, Word};
use Repo::{May, Never, Tighten};

const DAY: u64 = 86_400;

/// The table.
pub(super) const KEYS: &[Key] = &[
    key("model", Text, "", Never, "role, model or list of models to ask; empty = each command's own role"),
    key("effort", Effort, "", Never, "how hard models think; empty = each command's own (commit none, review high)"),
    key(
        "efforts",
        List,
        "[]",
        Never,
        "how hard single models think: \"anthropic/*=..medium\" bounds them, \"ollama/*=none\" holds where nobody says",
    ),
    key("effort_strict", Bool, "false", Never, "ask no model that cannot be held to the effort that is wished"),
    key("offline", Bool, "false", Never, "ask no model; monster's own rules answer"),
    key("roles.fast", List, "[]", Never, "models for quick work, in failover order; empty = the catalog's ranks"),
    key("roles.balanced", List, "[]", Never, "models for everyday work"),
    key("roles.reasoning", List, "[]", Never, "models for hard questions"),
    key("roles.long", List, "[]", Never, "models for long prompts"),
    key(
        "commit.style",
        Word(&["auto", "conventional", "plain", "gitmoji", "subsystem"]),
        "auto",
        May,
        "how subjects look; auto = learned from history",
    ),
    key("commit.language", Text, "", May, "language of messages; empty = English"),
    key("commit.subject_max", Number(20, 200), "72", May, "longest subject, in characters"),
    key("commit.body", Word(&["auto", "always", "never"]), "auto", May, "whether messages have a body"),
    key("commit.types", List, "[]", May, "allowed types; empty = the usual ones"),
    key("commit.scopes", List, "[]", May, "allowed scopes; empty = any"),
    key(
        "commit.conventions",
        Word(&["off", "auto"]),
        "auto",
        Tighten,
        "follow what the repository declares for commitlint, commitizen, cocogitto and git-cliff",
    ),
    key(
        "commit.issue",
        Word(&["auto", "never"]),
        "auto",
        May,
        "put the branch's issue key into messages, where history puts keys",
    ),
    key(
        "commit.max_bytes",
        Number(1_000, 4_000_000),
        "65536",
        Tighten,
        "most bytes of a change that are sent for a message",
    ),
    key("commit.effort", Effort, "", Never, "how hard models think about messages, the hook's too"),
    key("commit.deadline", Number(1, DAY), "60", Never, "seconds a message may take"),
    key("hook.enabled", Bool, "true", May, "run the hooks; a repository's file can only stop the drafts"),
    key("hook.deadline", Number(1, DAY), "8", Never, "seconds the hook may take"),
    key("hook.amend", Bool, "false", Never, "draft messages in git commit --amend too"),
    key(
        "hook.validate",
        Word(&["off", "warn", "block"]),
        "warn",
        Never,
        "what the commit-msg hook does about a message that breaks a rule you or the repository set",
    ),
    key(
        "hook.secrets",
        Word(&["warn", "block"]),
        "block",
        Never,
        "what the pre-commit hook does about secrets that are staged",
    ),
    key(
        "review.fail_on",
        Word(&["never", "critical", "high", "medium", "low"]),
        "never",
        Tighten,
        "findings this severe end a review with 1",
    ),
    key("review.effort", Effort, "", Never, "how hard models think about reviews"),
    key("review.ignore", List, "[]", May, "globs of paths that are not reviewed"),
    key(
        "review.rules",
        Text,
        "",
        May,
        "a file of the repository with rules for reviews, read before AGENTS.md and the like",
    ),
    key("review.max_findings", Number(1, 100), "10", May, "most findings a model may make"),
    key(
        "review.max_bytes",
        Number(1_000, 4_000_000),
        "200000",
        Tighten,
        "most bytes of a change that one request holds",
    ),
    key(
        "review.verify",
        Word(&["auto", "always", "never"]),
        "auto",
        Never,
        "look at claims of a model a second time; auto = not those of models that are not believed",
    ),
    key(
        "review.cache",
        Bool,
        "true",
        Never,
        "keep what models said in reviews for 30 days, so that the same is not asked again",
    ),
    key("review.verifier", Text, "", Never, "model that looks a second time; empty = another one of those asked for"),
    key("ask.first", Text, "", Never, "first member of a dialectic; empty = chosen"),
    key("ask.second", Text, "", Never, "second member of a dialectic; empty = chosen"),
    key("ask.synthesis", Text, "", Never, "who reconciles a dialectic; empty = chosen"),
    key("ask.effort", Effort, "", Never, "how hard models think about questions, every voice of a dialectic"),
    key("ask.deadline", Number(1, DAY), "300", Never, "seconds each voice of a dialectic may take"),
    key(
        "ask.mode",
        Word(&["two", "debate", "council"]),
        "two",
        Never,
        "how models work together in a dialectic that does not say: two answer, they debate, or up to five rank each other",
    ),
    key(
        "ask.rounds",
        Word(&["auto", "0", "1", "2"]),
        "auto",
        Never,
        "rounds in which members criticise each other and answer again; auto = one in a debate, none elsewhere",
    ),
    key(
        "ask.keep",
        Number(0, 3_650),
        "30",
        Never,
        "days that a dialectic is kept, masked and sealed for this machine, so that one seat can be given to another; 0 = not at all",
    ),
    key("redact.mode", Word(redact::MODES), "redact", Tighten, "what happens to secrets in what is sent"),
    key("redact.strict", Bool, "false", Never, "look only for what is nearly certain to be a secret"),
    key(
        "redact.pii",
        Bool,
        "false",
        Tighten,
        "look for personal data too: mail addresses, telephone, card, bank account and social security numbers, visitors' IP addresses",
    ),
    key(
        "redact.deny_values_from",
        List,
        "[]",
        Never,
        "environment files such as \".env\", from the top of the repository, whose values are masked wherever they stand",
    ),
    key("redact.values", List, "[]", Never, "names of variables whose values are masked wherever they stand"),
    key(
        "budget.max_cost",
        Dollars,
        "",
        Tighten,
        "most that a command may cost with all its requests, and a server's request, in dollars; empty = no limit",
    ),
    key("budget.day", Dollars, "", Tighten, "most that may be spent in a day, in dollars; empty = no limit"),
    key("budget.month", Dollars, "", Tighten, "most that may be spent in a month"),
    key("budget.repo_day", Dollars, "", Tighten, "most that may be spent in a day in one repository"),
    key("budget.repo_month", Dollars, "", Tighten, "most that may be spent in a month in one repository"),
    key(
        "budget.accounts",
        List,
        "[]",
        Never,
        "most that single accounts may spend: \"work=5/day\", \"openai/env=100/month\"",
    ),
    key("budget.warn_at", Number(1, 100), "80", Tighten, "percent of a budget from which on it is told"),
    key(
        "budget.on_limit",
        Word(&["warn", "stop"]),
        "stop",
        Tighten,
        "what happens to a call that could go beyond a budget",
    ),
    key("park.ask", Number(0, DAY), "60", Never, "seconds ask waits for cooling routes"),
    key("park.review", Number(0, DAY), "300", Never, "seconds review waits for cooling routes"),
    key("park.commit", Number(0, DAY), "20", Never, "seconds commit waits for cooling routes"),
    key("park.queue", Number(1, 10_000), "64", Never, "most requests, of all processes, that wait for the same routes"),
    key(
        "accounts.strategy",
        Word(strategy::WORDS),
        "fill-first",
        Never,
        "which of an upstream's accounts with equal priority is asked first; [upstreams.NAME] may have its own",
    ),
    key(
        "accounts.unlock_for",
        Number(0, DAY),
        "0",
        Never,
        "seconds the Linux kernel keeps accounts unlocked once a passphrase or command opened them",
    ),
    key(
        "history.content",
        Word(&["all", "failed", "off"]),
        "off",
        Tighten,
        "whose prompts and answers are kept, masked and sealed: of all calls, of failed ones, or of none",
    ),
    key("history.keep", Number(1, 3_650), "30", Tighten, "days that kept prompts and answers stay"),
    key(
        "serve.listen",
        List,
        "[\"127.0.0.1:7766\"]",
        Never,
        "where monster serve listens: \"127.0.0.1:7766\", \"unix:/path/to/socket\"",
    ),
    key("serve.certificate", Text, "", Never, "PEM file with the certificate that addresses beyond this machine need"),
    key("serve.key", Text, "", Never, "PEM file with that certificate's private key"),
    key("serve.hosts", List, "[]", Never, "names under which monster serve is called, beside this machine's own"),
    key(
        "serve.restore",
        Word(&["off", "text", "tools"]),
        "off",
        Never,
        "where placeholders become the caller's own secrets again: nowhere, in answers, in tool arguments too",
    ),
    key("serve.park", Number(0, DAY), "60", Never, "seconds requests to monster serve wait for cooling routes"),
    key("serve.deadline", Number(1, DAY), "3600", Never, "seconds one request to monster serve may take"),
    key("serve.body", Number(1, 512), "64", Never, "largest body that monster serve takes, in MiB"),
    key("serve.connections", Number(1, 100_000), "2048", Never, "most connections that monster serve holds at once"),
    key("serve.drain", Number(0, DAY), "30", Never, "seconds that open answers get when monster serve is stopped"),
    key(
        "serve.telemetry",
        Text,
        "",
        Never,
        "OTLP collector for traces and metrics of monster serve, such as \"http://127.0.0.1:4318\"; empty = what OTEL_EXPORTER_OTLP_ENDPOINT says; \"off\" = none",
    ),
    key(
        "serve.telemetry_headers",
        Text,
        "",
        Never,
        "private file with headers for that collector, one NAME: VALUE in a line",
    ),
    key("net.ca_file", Text, "", Never, "PEM file with more trusted certificates"),
    key("net.proxy", Text, "", Never, "URL of a proxy; empty = what the environment says"),
    key(
        "net.proxies",
        List,
        "[]",
        Never,
        "proxies of single accounts: \"work=socks5h://127.0.0.1:9050\", \"openai/env=http://proxy:8080\", \"home=none\"",
    ),
    key("net.connect_timeout", Number(1, 600), "10", Never, "seconds to connect"),
    key("net.first_byte_timeout", Number(1, DAY), "120", Never, "seconds until an answer begins"),
    key(
        "net.idle_timeout",
        Number(1, DAY),
        "120",
        Never,
        "seconds between two pieces of an answer; ten times as many while only signs of life come",
    ),
    key("local.discover", Bool, "true", Never, "look for model servers on this machine's default ports"),
    key("local.servers", List, "[]", Never, "addresses of local servers that are accepted without a question"),
    key(
        "models.url",
        Text,
        "https://models.dev/api.json",
        Never,
        "list of models and prices that monster models update fetches; format of models.dev or LiteLLM",
    ),
    key(
        "experimental.chatgpt",
        Bool,
        "false",
        Never,
        "offer to sign in with ChatGPT at OpenAI, which was never tried against the real service",
    ),
    key("ui.color", Word(&["auto", "always", "never"]), "auto", Never, "colour"),
];

/// What `config set` takes for a name of the user's: one model, or a chain.
pub(super) const ALIAS: Key = key("aliases", List, "[]", Never, "names for a model, or for a chain of models");

/// The setting of that name.
pub(super) fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|k| k.name == name)
}

/// The setting a git key means (`monster.commit.subjectmax`), and `monster.hook` as a switch.
pub(super) fn of_git(name: &str) -> Option<&'static Key> {
    let bare = |text: &str| text.to_ascii_lowercase().replace(['_', '-'], "");
    let wanted = bare(name.strip_prefix("monster.").unwrap_or(name));
    if wanted == "hook" {
        return find("hook.enabled");
    }
    KEYS.iter().find(|k| bare(k.name) == wanted)
}

/// As git spells it, which takes no `_`: `budget.warn_at` is `monster.budget.warnat`.
pub(super) fn for_git(key: &Key) -> String {
    format!("monster.{}", key.name.replace('_', ""))
}

/// `commit.style` is `MONSTER_COMMIT_STYLE` in the environment.
pub(super) fn variable(key: &Key) -> String {
    format!("MONSTER_{}", key.name.to_ascii_uppercase().replace('.', "_"))
}

/// Names near to a mistyped one.
pub(super) fn near(name: &str) -> Option<&'static str> {
    let tail = |n: &str| n.rsplit('.').next().unwrap_or(n).to_owned();
    KEYS.iter()
        .map(|k| (distance(name, k.name).min(if tail(name) == tail(k.name) { 2 } else { usize::MAX }), k.name))
        .filter(|(d, _)| *d <= 3)
        .min()
        .map(|(_, name)| name)
}

fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(64).enumerate() {
        let mut left = i + 1;
        let mut corner = std::mem::replace(&mut row[0], left);
        for (j, y) in b.iter().enumerate() {
            let cost = (row[j + 1] + 1).min(left + 1).min(corner + usize::from(x != *y));
            corner = std::mem::replace(&mut row[j + 1], cost);
            left = cost;
        }
    }
    row[b.len()]
}
