//! All layers into one.

use std::path::{Path, PathBuf};

use globset::{Glob, GlobSetBuilder};

use super::budget::{self, Budget, amount};
use super::effort::{self, EffortRow};
use super::keys::{self, KEYS, Key, Repo};
use super::names::NameRow;
use super::problem::{ConfigError, Problem};
use super::proxy;
use super::redact::{FindRow, KindRow, Redact};
use super::rules::RuleRow;
use super::upstream::UpstreamRow;
use super::value::{Value, from_text, takes, tightens};
use super::{
    Accounts, Ask, Commit, Config, History, Hook, Local, Network, Origin, Park, Review, Roles, Serve, Strategy, file,
};
use crate::model::Demand;
use crate::world::{Env, files};

/// A settings file larger than this is none (bytes).
const LIMIT: u64 = 1 << 20;

/// What the layers are read from.
pub struct Inputs<'a> {
    /// The user's file; it need not exist.
    pub user_file: Option<PathBuf>,
    /// The repository's file; it need not exist.
    pub repo_file: Option<PathBuf>,
    /// `monster.*` of git's global configuration.
    pub git_global: Vec<(String, String)>,
    /// `monster.*` of git's command line.
    pub git_command: Vec<(String, String)>,
    /// `monster.*` of the repository's configuration.
    pub git_local: Vec<(String, String)>,
    /// `MONSTER_*`.
    pub env: &'a Env,
    /// Settings that flags stand for.
    pub flags: Vec<(String, String)>,
}

/// Settings and what was wrong with them.
#[derive(Debug)]
pub struct Loaded {
    /// What holds.
    pub config: Config,
    /// What was wrong, in the order of the layers.
    pub problems: Vec<Problem>,
    /// Settings of which a value that is not a repository's could not be read.
    misread: Vec<&'static str>,
    layers: Vec<(&'static Key, Vec<(Value, Origin)>)>,
    /// The user's names for models, each with where it comes from.
    names: Vec<(NameRow, Origin)>,
}

/// A setting to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its name.
    pub key: String,
    /// Its value.
    pub text: String,
    /// Where it comes from.
    pub origin: Origin,
}

/// What a repository may say in one place where models read it (characters).
const WORDED: usize = 40;
/// Beside letters and digits.
const MARKS: &str = "-_/., @+";

/// Whether a text that a repository declares is a few words: a language, a type, a scope.
#[must_use]
pub fn worded(text: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || MARKS.contains(c);
    !text.trim().is_empty() && text.chars().count() <= WORDED && text.chars().all(fits)
}

struct Layers {
    of: Vec<(&'static Key, Vec<(Value, Origin)>)>,
    upstreams: Vec<UpstreamRow>,
    lost: Vec<(String, String)>,
    rules: Vec<RuleRow>,
    names: Vec<(NameRow, Origin)>,
    kinds: Vec<KindRow>,
    raised: Vec<KindRow>,
    finds: Vec<FindRow>,
    problems: Vec<Problem>,
    misread: Vec<&'static str>,
}

impl Layers {
    /// The value that holds so far.
    fn top(&self, key: &'static Key) -> Option<&Value> {
        self.of.iter().find(|(k, _)| k.name == key.name).and_then(|(_, values)| values.last()).map(|(value, _)| value)
    }

    fn add(&mut self, key: &'static Key, value: Value, origin: Origin) {
        if origin.untrusted() {
            let allowed = match key.repo {
                Repo::May => true,
                Repo::Never => false,
                Repo::Tighten => self.top(key).is_none_or(|old| tightens(key, old, &value)),
            };
            if !allowed {
                let what = match key.repo {
                    Repo::Tighten => format!("a repository may only tighten {}; ignored", key.name),
                    _ => format!("a repository may not set {}; ignored", key.name),
                };
                // It may be the user's own word, and lies where anybody's may.
                let name = keys::for_git(key);
                let may =
                    format!("you may, with git config --global {name} VALUE, git -c {name}=VALUE, or in your settings");
                let what = if matches!(origin, Origin::GitLocal(_)) { format!("{what}; {may}") } else { what };
                self.problem(origin.to_string(), what);
                return;
            }
        }
        let value = if origin.untrusted() { self.words(key, value, &origin) } else { Some(value) };
        let Some(value) = value else { return };
        if let Some((_, values)) = self.of.iter_mut().find(|(k, _)| k.name == key.name) {
            values.push((value, origin));
        }
    }

    /// What a repository says of messages goes to models: it is words, and no text that speaks to them.
    fn words(&mut self, key: &'static Key, value: Value, origin: &Origin) -> Option<Value> {
        if !matches!(key.name, "commit.language" | "commit.types" | "commit.scopes") {
            return Some(value);
        }
        let (kept, left) = match value {
            Value::Text(text) if text.is_empty() || worded(&text) => (Some(Value::Text(text)), false),
            Value::List(all) => {
                let before = all.len();
                let kept: Vec<String> = all.into_iter().filter(|one| worded(one)).collect();
                let left = kept.len() < before;
                (Some(Value::List(kept)).filter(|list| !left || *list != Value::List(Vec::new())), left)
            }
            Value::Text(_) => (None, true),
            other => (Some(other), false),
        };
        if left {
            let what = format!(
                "from a repository, {} takes one line of up to {WORDED} letters, digits and {MARKS:?}; what is more is ignored",
                key.name
            );
            self.problem(origin.to_string(), what);
        }
        kept
    }

    fn text(&mut self, key: &'static Key, text: &str, origin: Origin) {
        match from_text(key, text) {
            Some(value) => self.add(key, value, origin),
            None => {
                let what = format!("{} takes {}", key.name, takes(key.kind));
                self.misread.extend((!origin.untrusted()).then_some(key.name));
                // A limit of the user's that cannot be read cannot be kept.
                let unread = key.bounds() && !origin.untrusted();
                self.problems.push(Problem { place: origin.to_string(), what, line: None, unread });
            }
        }
    }

    /// A glob that is none would silently match nothing.
    fn check_globs(&mut self) {
        let values = self.of.iter().filter(|(key, _)| key.name == "review.ignore").filter_map(|(_, v)| v.last());
        let bad: Vec<(String, String)> = values
            .filter_map(|(value, origin)| if let Value::List(globs) = value { Some((globs, origin)) } else { None })
            .flat_map(|(globs, origin)| globs.iter().filter_map(move |g| Some((origin, Glob::new(g).err()?))))
            .map(|(origin, error)| (origin.to_string(), format!("review.ignore: {error}; ignored")))
            .collect();
        for (place, what) in bad {
            self.problem(place, what);
        }
    }

    /// A budget or a bound that cannot be read cannot be kept.
    fn check_entries(&mut self) {
        let mut bad = Vec::new();
        for (key, values) in &self.of {
            let Some(Entries { takes, fits, shown }) = entries(key.name) else { continue };
            let Some((Value::List(all), origin)) = values.last() else { continue };
            bad.extend(all.iter().filter(|one| !fits(one)).map(|one| Problem {
                place: origin.to_string(),
                what: format!("{} takes {takes}, not \"{}\"", key.name, shown(one)),
                line: None,
                unread: true,
            }));
        }
        self.problems.extend(bad);
    }

    fn problem(&mut self, place: String, what: String) {
        self.problems.push(Problem { place, what, line: None, unread: false });
    }

    fn file(&mut self, path: &Path, origin: fn(PathBuf, usize) -> Origin) {
        let trusted = !origin(PathBuf::new(), 0).untrusted();
        // The user's own file says where keys go: nobody else may write it.
        let own = if trusted { files::check_own(path) } else { Ok(()) };
        let text = match own.and_then(|()| files::read_bounded(path, LIMIT)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
            Err(error) => {
                let what = format!("it cannot be read: {error}");
                self.problems.push(Problem { place: path.display().to_string(), what, line: None, unread: trusted });
                return;
            }
        };
        let read = file::read(path, &text);
        for mut problem in read.problems {
            // What a repository cannot say costs it nothing but its own wishes.
            problem.unread &= trusted;
            self.problems.push(problem);
        }
        self.misread.extend(read.misread.into_iter().filter(|_| trusted));
        for (key, value, line) in read.settings {
            self.add(key, value, origin(path.to_owned(), line));
        }
        if trusted {
            self.upstreams.extend(read.upstreams);
            self.lost.extend(read.lost);
            self.rules.extend(read.rules);
            self.kinds.extend(read.kinds);
            self.finds.extend(read.finds);
            self.names.extend(read.names.into_iter().map(|row| {
                let origin = origin(path.to_owned(), row.line);
                (row, origin)
            }));
            return;
        }
        // A mode of a repository's can only make a kind's stricter, whatever it says.
        self.raised.extend(read.kinds);
        let groups = [
            ("upstreams", read.upstreams.is_empty()),
            ("rules", read.rules.is_empty()),
            ("aliases or pools", read.names.is_empty()),
            ("redact.rule", read.finds.is_empty()),
        ];
        for (what, _) in groups.into_iter().filter(|(_, none)| !none) {
            self.problem(path.display().to_string(), format!("a repository may not set {what}; ignored"));
        }
    }
}

/// The variables that the user's file names as holding keys or a client's secret; asked for before anything else is known.
#[must_use]
pub fn key_names(user_file: &Path) -> Vec<String> {
    let text = files::read_bounded(user_file, LIMIT).unwrap_or_default();
    let rows = file::read(user_file, &String::from_utf8_lossy(&text)).upstreams;
    let names = |row: UpstreamRow| [row.key_env, row.oauth.and_then(|oauth| oauth.client_secret_env)];
    rows.into_iter().flat_map(names).flatten().collect()
}

/// What the entries of a list look like, and whether one is such; `None` = any text is.
pub(super) fn entries(key: &str) -> Option<Entries> {
    let shaped = |takes: &'static str, fits: fn(&str) -> bool| Entries { takes, fits, shown: str::to_owned };
    match key {
        "budget.accounts" => Some(shaped(budget::TAKES, |text| budget::account(text).is_some())),
        "net.proxies" => {
            Some(Entries { shown: proxy::shown, ..shaped(proxy::TAKES, |text| proxy::account(text).is_some()) })
        }
        "efforts" => Some(shaped(effort::TAKES, |text| EffortRow::parse(text).is_some())),
        _ => None,
    }
}

/// The shape of a list's entries.
pub(super) struct Entries {
    /// What they look like, for messages.
    pub takes: &'static str,
    /// This is one.
    pub fits: fn(&str) -> bool,
    /// One that is none, as messages repeat it: without what is secret in it.
    pub shown: fn(&str) -> String,
}

impl Config {
    /// Reads every layer. Never fails: what is wrong is a [`Problem`], and the rest holds.
    #[must_use]
    pub fn load(inputs: Inputs<'_>) -> Loaded {
        let mut layers = Layers {
            of: KEYS
                .iter()
                .map(|k| (k, from_text(k, k.default).map(|v| (v, Origin::Default)).into_iter().collect()))
                .collect(),
            upstreams: Vec::new(),
            lost: Vec::new(),
            rules: Vec::new(),
            names: Vec::new(),
            kinds: Vec::new(),
            raised: Vec::new(),
            finds: Vec::new(),
            problems: Vec::new(),
            misread: Vec::new(),
        };
        if let Some(path) = &inputs.user_file {
            layers.file(path, Origin::File);
        }
        let git = |layers: &mut Layers, rows: &[(String, String)], origin: fn(String) -> Origin| {
            for (name, value) in rows {
                match keys::of_git(name) {
                    Some(key) => layers.text(key, value, origin(name.clone())),
                    None => layers.problem(origin(name.clone()).to_string(), "there is no such setting".to_owned()),
                }
            }
        };
        git(&mut layers, &inputs.git_global, Origin::GitGlobal);
        git(&mut layers, &inputs.git_command, Origin::GitCommand);
        if let Some(path) = &inputs.repo_file {
            layers.file(path, Origin::RepoFile);
        }
        git(&mut layers, &inputs.git_local, Origin::GitLocal);
        for key in KEYS {
            let name = keys::variable(key);
            if let Some(value) = inputs.env.get(&name) {
                layers.text(key, value, Origin::Env(name));
            }
        }
        for (name, value) in &inputs.flags {
            if let Some(key) = keys::find(name) {
                layers.text(key, value, Origin::Flag);
            }
        }
        layers.check_globs();
        layers.check_entries();
        let config = typed(&layers);
        Loaded { config, problems: layers.problems, misread: layers.misread, layers: layers.of, names: layers.names }
    }
}

/// The struct that code reads. The table's defaults make every value present.
fn typed(layers: &Layers) -> Config {
    let value = |name: &str| keys::find(name).and_then(|key| layers.top(key));
    let text = |name: &str| match value(name) {
        Some(Value::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let some = |name: &str| Some(text(name)).filter(|t| !t.is_empty());
    let number = |name: &str| if let Some(Value::Number(n)) = value(name) { *n } else { 0 };
    let size = |name: &str| usize::try_from(number(name)).unwrap_or(usize::MAX);
    let wish = |name: &str| Demand::parse(&text(name));
    let on = |name: &str| value(name) == Some(&Value::Bool(true));
    let list = |name: &str| if let Some(Value::List(items)) = value(name) { items.clone() } else { Vec::new() };
    let word = |name: &str, none: &str| some(name).filter(|t| t != none);
    let mut ignore = GlobSetBuilder::new();
    for glob in list("review.ignore").iter().filter_map(|g| Glob::new(g).ok()) {
        ignore.add(glob);
    }
    Config {
        model: some("model"),
        effort: wish("effort"),
        efforts: list("efforts").iter().filter_map(|text| EffortRow::parse(text)).collect(),
        effort_strict: on("effort_strict"),
        offline: on("offline"),
        roles: Roles(
            [
                ("fast", "roles.fast"),
                ("balanced", "roles.balanced"),
                ("reasoning", "roles.reasoning"),
                ("long", "roles.long"),
            ]
            .map(|(role, key)| (role, list(key)))
            .to_vec(),
        ),
        names: layers.names.iter().map(|(row, _)| row.clone()).collect(),
        upstreams: layers.upstreams.clone(),
        lost: layers.lost.clone(),
        rules: layers.rules.clone(),
        commit: Commit {
            style: word("commit.style", "auto"),
            language: some("commit.language"),
            subject_max: size("commit.subject_max"),
            body: text("commit.body"),
            types: list("commit.types"),
            scopes: list("commit.scopes"),
            conventions: text("commit.conventions") != "off",
            issue: text("commit.issue") != "never",
            max_bytes: size("commit.max_bytes"),
            effort: wish("commit.effort"),
            deadline: number("commit.deadline"),
        },
        hook: Hook {
            enabled: on("hook.enabled"),
            judges: judges(layers),
            deadline: number("hook.deadline"),
            amend: on("hook.amend"),
            validate: text("hook.validate"),
            stops_secrets: text("hook.secrets") == "block",
        },
        review: Review {
            fail_on: word("review.fail_on", "never"),
            rules: some("review.rules"),
            effort: wish("review.effort"),
            max_findings: size("review.max_findings"),
            max_bytes: size("review.max_bytes"),
            cache: on("review.cache"),
            verify: text("review.verify"),
            verifier: some("review.verifier"),
            ignore: ignore.build().unwrap_or_default(),
        },
        ask: Ask {
            first: some("ask.first"),
            second: some("ask.second"),
            synthesis: some("ask.synthesis"),
            effort: wish("ask.effort"),
            deadline: number("ask.deadline"),
            mode: text("ask.mode"),
            rounds: text("ask.rounds").parse().ok(),
            keep: number("ask.keep"),
        },
        redact: Redact {
            mode: text("redact.mode"),
            floor: floor(layers),
            strict: on("redact.strict"),
            pii: on("redact.pii"),
            deny_values_from: list("redact.deny_values_from"),
            values: list("redact.values"),
            kinds: layers.kinds.clone(),
            raised: layers.raised.clone(),
            rules: layers.finds.clone(),
        },
        max_cost: amount(value("budget.max_cost")),
        budget: Budget {
            day: amount(value("budget.day")),
            month: amount(value("budget.month")),
            repo_day: amount(value("budget.repo_day")),
            repo_month: amount(value("budget.repo_month")),
            accounts: list("budget.accounts").iter().filter_map(|text| budget::account(text)).collect(),
            warn_at: number("budget.warn_at"),
            stop: text("budget.on_limit") == "stop",
        },
        park: Park {
            ask: number("park.ask"),
            review: number("park.review"),
            commit: number("park.commit"),
            queue: size("park.queue"),
        },
        serve: Serve {
            listen: list("serve.listen"),
            certificate: some("serve.certificate"),
            key: some("serve.key"),
            hosts: list("serve.hosts"),
            restore: text("serve.restore"),
            park: number("serve.park"),
            deadline: number("serve.deadline"),
            body: size("serve.body") << 20,
            connections: size("serve.connections"),
            drain: number("serve.drain"),
            telemetry: some("serve.telemetry"),
            telemetry_headers: some("serve.telemetry_headers"),
        },
        accounts: Accounts {
            strategy: Strategy::parse(&text("accounts.strategy")).unwrap_or_default(),
            unlock_for: number("accounts.unlock_for"),
        },
        history: History { content: text("history.content"), keep: number("history.keep") },
        net: Network {
            ca_file: some("net.ca_file"),
            proxy: some("net.proxy"),
            proxies: list("net.proxies").iter().filter_map(|text| proxy::account(text)).collect(),
            connect_timeout: number("net.connect_timeout"),
            first_byte_timeout: number("net.first_byte_timeout"),
            idle_timeout: number("net.idle_timeout"),
        },
        local: Local { discover: on("local.discover"), servers: list("local.servers") },
        models_url: text("models.url"),
        chatgpt: on("experimental.chatgpt"),
        color: text("ui.color"),
    }
}

/// Whether the hooks that judge do so: as `hook.enabled` says without the repository's file.
fn judges(layers: &Layers) -> bool {
    let values = layers.of.iter().find(|(key, _)| key.name == "hook.enabled").map(|(_, values)| values.as_slice());
    let own = |(_, origin): &&(Value, Origin)| !matches!(origin, Origin::RepoFile(..));
    values.unwrap_or_default().iter().rfind(own).is_none_or(|(value, _)| *value == Value::Bool(true))
}

/// The mode of the topmost layer that is a flag's or a repository's: single kinds cannot go below it.
fn floor(layers: &Layers) -> String {
    let values = layers.of.iter().find(|(key, _)| key.name == "redact.mode").map(|(_, values)| values.as_slice());
    let asked = |(value, origin): &(Value, Origin)| {
        let told = origin.untrusted() || *origin == Origin::Flag;
        told.then(|| value.text())
    };
    values.unwrap_or_default().iter().rev().find_map(asked).unwrap_or_default()
}

impl Loaded {
    /// What keeps the user's file from being wholly read.
    #[must_use]
    pub fn unread(&self) -> Option<&Problem> {
        self.problems.iter().find(|p| p.unread)
    }

    /// A value of this setting that somebody gave could not be read: another holds than was meant.
    #[must_use]
    pub fn misread(&self, name: &str) -> bool {
        self.misread.contains(&name)
    }

    /// A sentence when the user's file could not be wholly read: it may forbid what would be sent.
    #[must_use]
    pub fn unsafe_to_call(&self) -> Option<String> {
        let problem = self.unread()?;
        Some(format!("your settings cannot be wholly read, so nothing is sent ({problem})"))
    }

    /// Every setting, with its value and origin.
    #[must_use]
    pub fn list(&self) -> Vec<Shown> {
        let own =
            self.names.iter().map(|(row, origin)| Shown { key: row.key(), text: row.text(), origin: origin.clone() });
        self.layers
            .iter()
            .filter_map(|(key, values)| {
                let (value, origin) = values.last()?;
                Some(Shown { key: key.name.to_owned(), text: value.text(), origin: origin.clone() })
            })
            .chain(own)
            .collect()
    }

    /// One setting.
    ///
    /// # Errors
    /// `Unknown`.
    pub fn get(&self, name: &str) -> Result<Shown, ConfigError> {
        let unknown = || ConfigError::Unknown { key: name.to_owned(), near: keys::near(name) };
        self.list().into_iter().find(|s| s.key == name).ok_or_else(unknown)
    }

    /// Who says this of a setting, the topmost where several do.
    #[must_use]
    pub fn said(&self, name: &str, text: &str) -> Option<&Origin> {
        let (_, values) = self.layers.iter().find(|(key, _)| key.name == name)?;
        values.iter().rfind(|(value, _)| value.text() == text).map(|(_, origin)| origin)
    }

    /// What a setting means, what it takes, and every layer that sets it, the winner last.
    ///
    /// # Errors
    /// `Unknown`.
    pub fn explain(&self, name: &str) -> Result<String, ConfigError> {
        let unknown = || ConfigError::Unknown { key: name.to_owned(), near: keys::near(name) };
        if let Some((row, origin)) = self.names.iter().find(|(row, _)| row.key() == name) {
            let what = match &row.sharing {
                None => "a name of yours for models, asked in this order",
                Some(_) => "a name of yours for models that share the work",
            };
            let how = "a repository may not set it; see what it means now with: monster route explain";
            return Ok(format!("{name}: {what}\n{how} {}\n\n=> {}  ({origin})\n", row.name, row.text()));
        }
        let (key, values) = self.layers.iter().find(|(k, _)| k.name == name).ok_or_else(unknown)?;
        let may = match key.repo {
            Repo::Never => "a repository may not set it",
            Repo::May => "a repository may set it",
            Repo::Tighten => "a repository may only tighten it",
        };
        let mut out = format!(
            "{}: {}\ntakes {}; {may}\nin the environment: {}\n\n",
            key.name,
            key.means,
            takes(key.kind),
            keys::variable(key)
        );
        for (n, (value, origin)) in values.iter().enumerate() {
            let mark = if n + 1 == values.len() { "=>" } else { "  " };
            let text = value.text();
            let text = if text.is_empty() { "(empty)".to_owned() } else { text };
            out.push_str(&format!("{mark} {text}  ({origin})\n"));
        }
        Ok(out)
    }
}
