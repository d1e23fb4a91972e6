//! What commands share, made when first needed: settings, repository, store, vault, client.

mod ledger;

use std::cell::{Cell, OnceCell, RefCell};
use std::future::Future;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use super::error::{CommandError, Exit};
use super::globals::Globals;
use crate::auth::{Credential, Opened, Tokens};
use crate::catalog::{Catalog, Role};
use crate::client::{Budgets, CallError, Client, Eased, Found, Keep, Limits, Locked, Purse, Survey};
use crate::config::{Config, Inputs, Loaded, Problem, UpstreamRow};
use crate::git::Repo;
use crate::model::{Demand, ModelName, Purpose};
use crate::net::Net;
use crate::providers::provider;
use crate::secrets::{Known, Policy, Redactor, mask, remember};
use crate::serve::Token;
use crate::store::{Place, Store, StoreError};
use crate::ui::{Color, Ui};
use crate::world::{Clock, Env, clock::Stopwatch, process, program, random, signal};

/// What the sealed file holds.
pub(super) struct Sealed {
    pub(super) credentials: Vec<Credential>,
    /// Every secret of it, for masking.
    known: Vec<Known>,
    pub(super) tokens: Tokens,
}

/// What commands share.
pub(super) struct Context {
    /// Flags.
    pub globals: Globals,
    /// Environment.
    pub env: Env,
    /// Time.
    pub clock: Clock,
    /// Since this process began, or nearly.
    pub began: Stopwatch,
    /// The printer.
    pub ui: Ui,
    loaded: OnceCell<Loaded>,
    catalog: OnceCell<&'static Catalog>,
    repo: OnceCell<Option<Repo>>,
    store: OnceCell<Store>,
    /// The store on disk, while it is opened aside.
    opening: RefCell<Option<JoinHandle<Result<Store, StoreError>>>>,
    /// The same on disk, where the call itself is not kept.
    memory: OnceCell<Store>,
    /// Whoever looks for secrets here: what one of them learns, a token that was just refreshed, the next knows too.
    redactor: OnceCell<Arc<Redactor>>,
    /// What the sealed file holds, once it was opened.
    sealed: OnceCell<Sealed>,
    /// Why it was not, when somebody could be asked and when nobody could.
    locked: [OnceCell<Locked>; 2],
    /// A commit waits for us.
    hook: Cell<bool>,
    /// Nothing is sent: it is looked for secrets alone.
    gate: Cell<bool>,
    /// What is wrong with the settings was told already.
    told: Cell<bool>,
    stdin_read: RefCell<bool>,
    /// The commit that calls are about, and what the commit they draft will be known by.
    ends: RefCell<(Option<String>, Option<String>)>,
    /// What calls have spent of the limit on money; one, however often a command connects.
    purse: Arc<Purse>,
}

impl Context {
    /// Looks at flags and environment; opens nothing.
    pub(super) fn new(globals: Globals) -> Result<Self, Box<(Ui, CommandError)>> {
        let (began, env) = (Stopwatch::start(), Env::system());
        let settings = env.config_dir().map(|dir| dir.join("config.toml"));
        process::conceal(move || crate::auth::variables(settings.as_deref()));
        let color = if globals.no_color { Color::Never } else { Color::Auto };
        let ui = Ui::new(globals.json, globals.quiet, globals.verbose, color, &env);
        let clock = match env.get("MONSTER_NOW").map(str::parse) {
            None => Clock::system(),
            Some(Ok(at)) => Clock::fixed(at),
            Some(Err(_)) => {
                let what = "MONSTER_NOW is set and is no time such as 2026-01-31T12:00:00Z";
                return Err(Box::new((ui, CommandError::new(Exit::Usage, what))));
            }
        };
        Ok(Self {
            globals,
            env,
            clock,
            began,
            ui,
            loaded: OnceCell::new(),
            catalog: OnceCell::new(),
            repo: OnceCell::new(),
            store: OnceCell::new(),
            opening: RefCell::default(),
            memory: OnceCell::new(),
            redactor: OnceCell::new(),
            sealed: OnceCell::new(),
            locked: Default::default(),
            hook: Cell::new(false),
            gate: Cell::new(false),
            told: Cell::new(false),
            stdin_read: RefCell::new(false),
            ends: RefCell::default(),
            purse: Arc::new(Purse::together()),
        })
    }

    /// From now on a commit waits for us.
    pub(super) fn in_hook(&self) {
        self.hook.set(true);
    }

    /// From now on nothing is sent, and what is looked through stops where a secret is found: what the settings say about
    /// secrets and cannot hold is told, and the rest of it holds. A gate that does not look stands open.
    pub(super) fn as_gate(&self) {
        self.gate.set(true);
    }

    /// Whether it is so.
    pub(super) fn gates(&self) -> bool {
        self.gate.get()
    }

    /// What is wrong with the settings was told by another hook of the same commit.
    pub(super) fn told(&self) {
        self.told.set(true);
    }

    /// How long the accounts may take to open, where somebody waits for something else.
    pub(super) fn hurry(&self) -> Option<Duration> {
        let deadline = || Duration::from_secs(self.config().hook.deadline.min(3));
        self.hook.get().then(deadline)
    }

    /// Settings of all layers. Problems are told once and never stop what is safe.
    pub(super) fn config(&self) -> &Config {
        &self.loaded().config
    }

    /// Settings and what was wrong with them.
    pub(super) fn loaded(&self) -> &Loaded {
        self.loaded.get_or_init(|| {
            let repo = self.repo.get_or_init(|| Repo::discover(self.env.cwd(), &self.env).ok());
            let git = repo.as_ref().map(Repo::settings).unwrap_or_default();
            let mut loaded = Config::load(Inputs {
                user_file: self.config_file(),
                repo_file: repo.as_ref().and_then(Repo::root).map(|root| root.join(".monster.toml")),
                git_global: git.global,
                git_command: git.command,
                git_local: git.local,
                env: &self.env,
                flags: self.flags(),
            });
            if !self.globals.no_color && self.env.get("NO_COLOR").is_none() {
                self.ui.prefer(match loaded.config.color.as_str() {
                    "always" => Color::Always,
                    "never" => Color::Never,
                    _ => Color::Auto,
                });
            }
            let strange = loaded.config.upstreams.iter().filter(|row| provider(&row.provider).is_none());
            let strange: Vec<Problem> = strange.map(|row| nobody(&row.name, &row.provider)).collect();
            let namesakes: Vec<Problem> = loaded.config.upstreams.iter().filter_map(namesake).collect();
            loaded.problems.extend(strange.into_iter().chain(namesakes));
            for problem in loaded.problems.iter().filter(|_| !self.told.get()) {
                self.ui.warn(&problem.to_string());
            }
            loaded
        })
    }

    /// What models can do and cost: the embedded list with what was fetched and what the user wrote above it.
    pub(super) fn catalog(&self) -> &'static Catalog {
        self.catalog.get_or_init(|| super::models::in_use(self))
    }

    fn flags(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        let mut set = |key: &str, value: Option<String>| out.extend(value.map(|v| (key.to_owned(), v)));
        set("model", self.globals.model.clone());
        set("offline", self.globals.offline.then(|| "true".to_owned()));
        set("redact.mode", self.globals.secrets.map(|m| m.name().to_owned()));
        set("budget.max_cost", self.globals.max_cost.map(|m| m.dollars().to_string()));
        out
    }

    /// The user's settings file.
    pub(super) fn config_file(&self) -> Option<PathBuf> {
        Some(self.env.config_dir()?.join("config.toml"))
    }

    /// The repository around the current folder.
    ///
    /// # Errors
    /// Exit 3 when there is none.
    pub(super) fn repo(&self) -> Result<&Repo, CommandError> {
        if let Some(Some(repo)) = self.repo.get() {
            return Ok(repo);
        }
        let repo = Repo::discover(self.env.cwd(), &self.env)?;
        if self.repo.get().is_some() {
            // A first look failed and this one did not: rare, and the second look is the truth, but a cell is set once.
            return Err(CommandError::new(
                Exit::Repository,
                "the repository appeared while monster was running; run it again",
            ));
        }
        Ok(self.repo.get_or_init(|| Some(repo)).as_ref().unwrap_or_else(|| unreachable!("just set")))
    }

    /// Where state lies.
    ///
    /// # Errors
    /// Exit 1 when the environment names no home.
    pub(super) fn state_dir(&self) -> Result<PathBuf, CommandError> {
        self.env.state_dir().ok_or_else(|| {
            CommandError::new(Exit::Failed, "there is no place for monster's state")
                .hint("set HOME, XDG_STATE_HOME or MONSTER_STATE_DIR")
        })
    }

    /// Where this program lies, as it was called, for the hook that will call it.
    ///
    /// # Errors
    /// Exit 1 when the system does not say.
    pub(super) fn program(&self) -> Result<PathBuf, CommandError> {
        program::called(&self.env).map_err(|e| CommandError::of(Exit::Failed, &e))
    }

    /// Ask nobody.
    pub(super) fn offline(&self) -> bool {
        self.config().offline
    }

    /// The model asked for: flag, else settings, else this role.
    pub(super) fn model(&self, role: &str) -> ModelName {
        ModelName(self.config().model.clone().unwrap_or_else(|| role.to_owned()))
    }

    /// The reasoning asked for: flag, else the command's setting, else the common one, else what the command wishes by
    /// itself; the bounds of all of them hold.
    pub(super) fn effort(&self, purpose: Purpose) -> Demand {
        let config = self.config();
        let own = match purpose {
            Purpose::Commit | Purpose::Hook => config.commit.effort,
            Purpose::Review => config.review.effort,
            Purpose::Ask | Purpose::Member | Purpose::Synthesis => config.ask.effort,
            Purpose::Check | Purpose::Serve => None,
        };
        let wish = Demand::usual(purpose.effort()).with(config.effort).with(own).with(self.globals.effort);
        Demand { strict: config.effort_strict || self.globals.effort_strict, ..wish }
    }

    /// How long a request may wait for cooling routes.
    pub(super) fn patience(&self, purpose: Purpose) -> Duration {
        let park = &self.config().park;
        if self.globals.no_wait {
            return Duration::ZERO;
        }
        let seconds = self.globals.wait.unwrap_or(match purpose {
            Purpose::Review => park.review,
            Purpose::Commit => park.commit,
            Purpose::Hook => 0,
            Purpose::Serve => self.config().serve.park,
            _ => park.ask,
        });
        Duration::from_secs(seconds)
    }

    /// A redactor that knows every key of ours beside its rules: disabled ones, and ones this call does not use. The
    /// sealed file is opened for that only if nobody has to be asked.
    ///
    /// # Errors
    /// Exit 1 when the settings about secrets cannot hold.
    pub(super) fn redactor(&self) -> Result<Arc<Redactor>, CommandError> {
        let redactor = Arc::new(self.redactor_with(super::redact::policy(self)?)?);
        let _ = self.redactor.set(Arc::clone(&redactor));
        Ok(redactor)
    }

    /// As [`Self::redactor`], by this policy.
    ///
    /// # Errors
    /// As above.
    pub(super) fn redactor_with(&self, policy: Policy) -> Result<Redactor, CommandError> {
        let upstreams = crate::client::upstreams(self.config(), &self.env);
        let in_env = crate::auth::from_env(&self.env, &upstreams);
        let mut known: Vec<Known> = in_env.iter().map(|c| Known::new(&c.account, c.secret.clone())).collect();
        known.extend(super::redact::named_values(self)?);
        // What looks into `monster serve` is a key of the user's, too.
        let token = self.env.state_dir().and_then(|dir| Token::at(&dir).read().ok());
        known.extend(token.map(|token| Known::new("monster serve", token)));
        if let Ok(Some(sealed)) = self.sealed(true) {
            known.extend(sealed.known.iter().cloned());
        }
        let nonce = random::bytes().map_err(|e| CommandError::of(Exit::Failed, &e))?;
        let redactor = match self.redactor.get() {
            Some(before) => {
                before.learn_all(known);
                before.beside(policy, nonce)
            }
            None => Redactor::with(policy, known, nonce),
        };
        remember(&redactor);
        Ok(redactor)
    }

    /// Looks for what could serve `asked`, and makes a client of it. `hook`: never ask anybody anything.
    pub(super) async fn connect(&self, asked: &ModelName, hook: bool) -> Result<Client, CommandError> {
        let config = self.config();
        if let Some(problem) = self.loaded().unsafe_to_call() {
            return Err(CommandError::new(Exit::Failed, problem).hint("mend it with: monster config edit"));
        }
        let net = Arc::new(Net::new(config.net.clone()));
        let store = self.store().clone();
        let silent = hook || !self.ui.interactive();
        let vault = || Ok(self.sealed(hook)?.map(|s| s.credentials.clone()).unwrap_or_default());
        let consent = |found: &Found| {
            if silent {
                return None;
            }
            let models = found.models.iter().take(3).cloned().collect::<Vec<_>>().join(", ");
            self.ui.confirm(&format!("Use the {} server on {} ({models})?", found.name, found.address), false)
        };
        let survey = Survey {
            config,
            catalog: self.catalog(),
            env: &self.env,
            net: &net,
            store: &store,
            clock: &self.clock,
            vault: &vault,
            consent: &consent,
            account: self.globals.account.as_deref(),
        };
        let mut landscape = survey.look(asked).await;
        if let Some(account) = &self.globals.account {
            let known = crate::auth::known(&landscape.credentials);
            landscape.credentials.retain(|c| c.account == *account);
            // "Only this account" leaves no door open that needs none.
            let credentials = landscape.credentials.clone();
            landscape.upstreams.retain(|u| credentials.iter().any(|c| c.upstream == u.name));
            if landscape.credentials.is_empty() {
                if let Some(locked) = landscape.locked {
                    return Err(CallError::from(locked).into());
                }
                if landscape.disabled.iter().any(|(name, _)| name == account) {
                    let what = format!("the account \"{account}\" is disabled");
                    let hint = format!("monster accounts enable {}", crate::auth::quoted(account));
                    return Err(CommandError::new(Exit::Failed, what).hint(hint));
                }
                let mut error = CommandError::new(Exit::Failed, format!("there is no account \"{account}\""));
                error.hints.push(if known.is_empty() {
                    "make one with: monster login".to_owned()
                } else {
                    format!("there are: {known}")
                });
                return Err(error);
            }
        }
        let redactor = self.redactor()?;
        let roles = config.roles.clone();
        Ok(Client {
            line: net,
            store,
            catalog: self.catalog(),
            redactor,
            clock: self.clock.clone(),
            limits: Limits {
                first_byte: Duration::from_secs(config.net.first_byte_timeout),
                idle: Duration::from_secs(config.net.idle_timeout),
            },
            landscape,
            rules: config.rules.clone(),
            queue: config.park.queue,
            tokens: self.sealed.get().map(|s| s.tokens.clone()),
            roles: Box::new(move |role: Role| roles.of(role.name()).to_vec()),
            max_cost: config.max_cost,
            purse: Arc::clone(&self.purse),
            budgets: Budgets { ledger: self.store().clone(), limits: config.budget.clone() },
            fallback: !self.globals.no_fallback,
            keep: self.keep(),
            eased: Eased::default(),
            seals: Arc::default(),
            place: self.place(),
        })
    }

    /// Whose content history keeps, and to whom it is sealed. Nothing is opened for that.
    fn keep(&self) -> Keep {
        let (history, nobody) = (&self.config().history, "there is no place for monster's accounts");
        let to = || match super::accounts::vault(self) {
            Some(vault) => crate::auth::recipient(&vault, self.memory()),
            None => Err(nobody.to_owned()),
        };
        // What is kept nowhere is sealed to nobody.
        let content = if self.globals.no_store { "off" } else { &history.content };
        Keep::of(content, history.keep, to)
    }

    /// Where calls belong, for the ledger.
    pub(super) fn place(&self) -> Place {
        let repo = self.repo.get().and_then(Option::as_ref);
        let name = repo.and_then(Repo::root).map(named);
        let (commit, draft) = self.ends.borrow().clone();
        // Names of folders and branches are chosen by people, and some have put keys there.
        Place { repo: name, branch: repo.and_then(Repo::branch).map(|b| mask(&b)), commit, draft }
    }

    /// From now on calls are about this commit, which is there.
    pub(super) fn about(&self, commit: Option<String>) {
        self.ends.borrow_mut().0 = commit;
    }

    /// From now on calls draft the message of the commit that will be known by this.
    pub(super) fn drafts(&self, draft: Option<String>) {
        self.ends.borrow_mut().1 = draft;
    }

    /// What the vault holds; `None` when there is none.
    fn sealed(&self, hook: bool) -> Result<Option<&Sealed>, Locked> {
        if let Some(known) = self.sealed.get() {
            return Ok(Some(known));
        }
        let Some(vault) = super::accounts::vault(self) else { return Ok(None) };
        if !vault.exists() {
            return Ok(None);
        }
        // What failed is not tried again; a person who may be asked now is something new.
        let [asked, silent] = &self.locked;
        if let Some(locked) = asked.get().or_else(|| silent.get().filter(|_| hook)) {
            return Err(locked.clone());
        }
        let ask = super::accounts::Asking { ui: &self.ui, allowed: !hook };
        let opened =
            super::accounts::open(self, &vault, &ask).map_err(|e| Locked { why: e.to_string(), hint: e.hint() });
        opened.and_then(|opened| self.adopt(opened)).map(Some).inspect_err(|locked| {
            let _ = if hook { silent } else { asked }.set(locked.clone());
        })
    }

    /// Takes an opened vault for everything that follows: nobody is asked twice.
    ///
    /// # Errors
    /// When there is no place for state.
    pub(super) fn adopt(&self, opened: Opened) -> Result<&Sealed, Locked> {
        let dir = self.state_dir().map_err(|e| Locked { why: e.what, hint: e.hints.into_iter().next() })?;
        let known =
            opened.accounts().iter().flat_map(|a| a.secrets().map(|s| Known::new(&a.name, s.clone()))).collect();
        let credentials = crate::auth::from_vault(&opened);
        let net = Arc::new(Net::new(self.config().net.clone()));
        let upstreams = crate::client::upstreams(self.config(), &self.env);
        let tokens = Tokens::new(opened, upstreams, self.memory().clone(), net, self.clock.clone(), &dir);
        Ok(self.sealed.get_or_init(|| Sealed { credentials, known, tokens }))
    }

    /// Takes over from an earlier one what somebody had to be asked for: the accounts it had opened, and the store. An
    /// account file is opened anew where nobody has to be asked for that; `false` where somebody has. What was known to be
    /// secret stays so: answers that are still open go on with it.
    pub(super) fn succeed(&self, before: &Self) -> bool {
        if let Some(redactor) = before.redactor.get() {
            let _ = self.redactor.set(Arc::clone(redactor));
        }
        for (own, before) in [(&self.store, &before.store), (&self.memory, &before.memory)] {
            if let Some(store) = before.get() {
                let _ = own.set(store.clone());
            }
        }
        let fresh = self.sealed(true).is_ok();
        if let Some(Sealed { credentials, known, tokens }) = before.sealed.get().filter(|_| !fresh) {
            let (credentials, known, tokens) = (credentials.clone(), known.clone(), tokens.clone());
            let _ = self.sealed.set(Sealed { credentials, known, tokens });
        }
        fresh
    }

    /// What the vault holds, if it was opened before.
    pub(super) fn held(&self) -> Option<&Sealed> {
        self.sealed.get()
    }

    /// Runs asynchronous work; Ctrl-C and its kin end it, and what was used until then is recorded.
    pub(super) fn block_on<T>(&self, work: impl Future<Output = Result<T, CommandError>>) -> Result<T, CommandError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            tokio::select! {
                biased;
                done = work => done,
                () = signal::end(self.ui.interactive()) => Err(CommandError::new(Exit::Interrupted, "interrupted")),
            }
        })
    }

    /// The whole standard input as text.
    ///
    /// # Errors
    /// Exit 2 when it is a terminal, was read before, is too long or no text.
    pub(super) fn stdin_text(&self, what: &str) -> Result<String, CommandError> {
        let bytes = self.stdin_bytes(8 << 20, what)?;
        super::redact::sendable(bytes)
            .map_err(|why| CommandError::new(Exit::Usage, format!("{what} on standard input {why}")))
    }

    /// The whole standard input.
    ///
    /// # Errors
    /// As [`Self::stdin_text`].
    pub(super) fn stdin_bytes(&self, limit: usize, what: &str) -> Result<Vec<u8>, CommandError> {
        if self.stdin_read.replace(true) {
            return Err(CommandError::new(Exit::Usage, "standard input can be read only once"));
        }
        if self.ui.interactive() {
            self.ui.status(&format!("reading {what} from standard input; end with Ctrl-D"));
        }
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit {
            return Err(CommandError::new(
                Exit::Usage,
                format!("{what} on standard input is larger than {limit} bytes"),
            ));
        }
        Ok(bytes)
    }

    /// Lets a renewal of a token come to its end, and the store write what it holds, at most two seconds long.
    pub(super) fn close(&self) {
        if let Some(sealed) = self.sealed.get() {
            let tokens = &sealed.tokens;
            if !tokens.settle(Duration::from_secs(1)) {
                self.ui.status("waiting for a token that is being renewed, so that it is not lost");
                if !tokens.settle(crate::auth::token::PATIENCE + Duration::from_secs(12)) {
                    self.ui.warn("a renewed token could not be stored; sign in again if the account is refused");
                }
            }
        }
        for store in [self.store.get(), self.memory.get()].into_iter().flatten() {
            store.flush(Duration::from_secs(2));
        }
    }
}

/// An upstream of a provider that there is not: settings know no providers.
fn nobody(name: &str, said: &str) -> Problem {
    let what = format!("there is no provider \"{said}\", so it is not asked; an endpoint of your own is \"generic\"");
    Problem { place: format!("upstreams.{name}"), what, line: None, unread: false }
}

/// An entry with an address of its own that is called like a provider, and does not say whether it is one: keys of that
/// provider are not sent to another address unasked.
fn namesake(row: &UpstreamRow) -> Option<Problem> {
    let own = provider(&row.name).filter(|own| row.unnamed && row.base_url.is_some() && own.id() != "generic")?;
    let (name, label) = (&row.name, own.label());
    let what = format!(
        "with an address of its own and no provider it is a server of yours, and no key of {label}'s in the environment goes there; \
         write provider = \"{name}\" if it is {label}'s, or provider = \"generic\""
    );
    Some(Problem { place: format!("upstreams.{name}"), what, line: None, unread: false })
}

/// A work tree's name in the ledger.
pub(super) fn named(root: &Path) -> String {
    // Some say it with a slash at its end.
    let name = root.to_string_lossy();
    let name = if name.len() > 1 { name.trim_end_matches('/') } else { &name };
    mask(name)
}
