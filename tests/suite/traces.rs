//! What a day's work leaves behind: no secret in any file or any line printed, and nothing that others can read.

use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use age::armor::ArmoredReader;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use serde_json::{Value, json};

use crate::commit::pager;
use crate::sandbox::{Repo, Sandbox, quoted};
use crate::upstream::{Answer, Upstream};

/// Pieces of a secret that are this long do not stand anywhere (bytes).
const PIECE: usize = 12;

/// A secret of the story: what it is called, its value, and how long a start of it anybody may know.
struct Secret {
    name: &'static str,
    value: String,
    known: usize,
}

/// A day: what was printed, and the secrets in use.
struct Day {
    sandbox: Sandbox,
    secrets: Vec<Secret>,
    printed: String,
    /// What the story itself wrote secrets into.
    ours: Vec<PathBuf>,
}

impl Day {
    fn secret(&mut self, name: &'static str, value: &str, known: usize) -> String {
        self.secrets.push(Secret { name, value: value.to_owned(), known });
        value.to_owned()
    }

    /// Runs a line in a repository as careless as can be, and keeps what it prints.
    fn run(&mut self, repo: &str, line: &str, stdin: &str) {
        let monster = quoted(env!("CARGO_BIN_EXE_monster"));
        let line = format!("umask 000; {}", line.replace("monster ", &format!("{monster} ")));
        let repo: Repo<'_> = self.sandbox.at(repo);
        let done = repo.any("sh", &["-c", &line]).stdin(stdin).done();
        self.printed.push_str(&done.all().replace(&monster, "monster"));
        assert!(!done.all().contains("signal"), "{}", done.all());
    }
}

/// Opens the passphrase slot, seals it again with hardly any stretching, so that the day is short, and gives the
/// identity.
fn hurried(slots: &Path, passphrase: &str) -> String {
    let text = fs::read_to_string(slots).unwrap();
    let mut list: Value = serde_json::from_str(&text).unwrap();
    let sealed = list.pointer_mut("/slots/0/kind/sealed").expect("the slot of the passphrase is the first");
    let reader = ArmoredReader::new(sealed.as_str().unwrap().as_bytes());
    let key = age::scrypt::Identity::new(passphrase.to_owned().into());
    let mut identity = String::new();
    let mut clear = age::Decryptor::new(reader).unwrap().decrypt([&key as &dyn age::Identity].into_iter()).unwrap();
    clear.read_to_string(&mut identity).unwrap();
    let mut hasty = age::scrypt::Recipient::new(passphrase.to_owned().into());
    hasty.set_work_factor(2);
    *sealed = age::encrypt_and_armor(&hasty, identity.as_bytes()).unwrap().into();
    fs::write(slots, list.to_string()).unwrap();
    identity
}

/// A day with every kind of secret there is, on which much goes wrong.
fn day() -> Day {
    let upstream = Upstream::start();
    let answer = json!({ "type": "fix", "scope": "pager", "subject": "count the last page", "body": "" });
    upstream.lists(&["gpt-4.1-mini"]).always(move |_| Answer::json(&answer));
    let closed = Upstream::start();
    closed.refuses_keys().may_refuse();
    closed.always(|_| Answer::status(401, "invalid_api_key", "Incorrect API key provided."));

    let sandbox = Sandbox::new();
    let mut day = Day { sandbox, secrets: Vec::new(), printed: String::new(), ours: Vec::new() };
    let stored = day.secret("stored key", &crate::key::key("openai"), 8);
    let env = day.secret("key in the environment", &crate::key::key("anthropic"), 13);
    let house = day.secret("key that settings name", &crate::key::key("house"), 4);
    let bad = day.secret("key that is refused", &format!("sk-proj-{}", crate::key::key("refused")[4..].repeat(2)), 8);
    let staged = day.secret("secret in a change", &crate::key::key("xai"), 4);
    let passphrase = day.secret("passphrase", "correct horse battery staple", 0);

    let file = day.sandbox.home().join("passphrase");
    fs::write(&file, format!("{passphrase}\n")).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    day.ours.push(file.clone());
    let address = day.sandbox.home().join("address");
    fs::write(&address, upstream.base("openai")).unwrap();
    for (name, value) in [
        ("MONSTER_PASSPHRASE_FILE", file.display().to_string()),
        ("OPENAI_BASE_URL", upstream.base("openai")),
        ("ANTHROPIC_BASE_URL", closed.base("anthropic")),
        ("ANTHROPIC_API_KEY", env),
        ("HOUSE_KEY", house),
        ("GIT_EDITOR", "true".to_owned()),
        ("MONSTER_MODEL", "openai/gpt-4.1-mini".to_owned()),
    ] {
        day.sandbox.set(name, &value);
    }
    let repo = pager(&day.sandbox);
    repo.stage("deploy.sh", &format!("export DEPLOY={staged}\ncurl -H \"x-api-key: {staged}\" https://example.org\n"));
    day.ours.push(repo.path().join("deploy.sh"));
    let house = format!("base_url = \"{}\"", closed.base("openai"));

    day.run("pager", "monster -v login openai --stdin --store passphrase --name work", &stored);
    let identity = hurried(&day.sandbox.config_dir().join("slots.json"), &passphrase);
    day.secret("identity", identity.trim(), 16);
    let lines: [(&str, &str); 36] = [
        (&format!("OPENAI_BASE_URL={} monster -v login openai --stdin --name bad", closed.base("openai")), &bad),
        ("monster -v login openai --stdin --no-check --name bad", &bad),
        // What people do in a hurry.
        (&format!("monster login {bad}"), ""),
        (&format!("monster login openai {bad}"), ""),
        (&format!("monster login openai {bad} --json"), ""),
        (&format!("monster config set effort {bad}"), ""),
        (&format!("monster config set model {bad} --json"), ""),
        ("monster config set effort low", ""),
        (
            &format!(
                "printf '[upstreams.house]\\n{house}\\nkey_env = \"HOUSE_KEY\"\\nmodels = [\"m\"]\\n' >> \"$XDG_CONFIG_HOME/monster/config.toml\""
            ),
            "",
        ),
        ("monster -v ask why", ""),
        ("monster -v ask why --account bad", ""),
        ("monster -v ask why --model anthropic/claude-haiku-4-5", ""),
        ("monster -v ask why --model house/m", ""),
        ("monster -v ask --with deploy.sh why", ""),
        ("monster ask --show-prompt --with deploy.sh why", ""),
        ("monster -v review", ""),
        ("monster review --json", ""),
        ("monster hook install", ""),
        ("git commit", ""),
        ("monster -v commit -y --amend", ""),
        ("monster -v commit --amend --json --show-prompt", ""),
        ("monster -v review HEAD", ""),
        ("monster -v accounts", ""),
        ("monster accounts --json", ""),
        ("monster accounts slots --json", ""),
        ("monster accounts test --json", ""),
        ("monster accounts rename bad worse", ""),
        ("monster accounts disable worse", ""),
        ("monster -v models list", ""),
        ("monster -v doctor", ""),
        ("monster doctor --json", ""),
        ("MONSTER_PASSPHRASE_FILE=$HOME/address monster -v accounts", ""),
        ("monster -v history", ""),
        ("monster history --json", ""),
        ("monster cost --json", ""),
        ("monster config list --json", ""),
    ];
    for (line, stdin) in lines {
        day.run("pager", line, stdin);
    }
    day
}

/// A secret as it could stand somewhere.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let hex: String = value.bytes().map(|b| format!("{b:02x}")).collect();
    // Base64 looks different at each of three places.
    let encoded = (0..3).flat_map(|skip| {
        let rest = &value.as_bytes()[skip..];
        [STANDARD.encode(rest), URL_SAFE.encode(rest)].map(|text| text.as_bytes()[..text.len() / 4 * 4 - 4].to_vec())
    });
    [value.as_bytes().to_vec(), hex.into_bytes()].into_iter().chain(encoded).collect()
}

/// Which secrets stand in these bytes, whole, in part or encoded.
fn found<'a>(bytes: &[u8], secrets: &'a [Secret]) -> Vec<&'a str> {
    let windows: HashSet<&[u8]> = bytes.windows(PIECE).collect();
    let stands = |secret: &Secret| {
        let whole = &secret.value[secret.known.saturating_sub(PIECE / 3)..];
        forms(whole).iter().any(|form| form.windows(PIECE).any(|piece| windows.contains(piece)))
    };
    secrets.iter().filter(|s| stands(s)).map(|s| s.name).collect()
}

fn below(dir: &Path) -> Vec<PathBuf> {
    let mut out = vec![dir.to_owned()];
    for entry in fs::read_dir(dir).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() { out.extend(below(&path)) } else { out.push(path) }
    }
    out
}

#[test]
fn no_secret_of_a_day_stands_in_any_file_or_line_and_nothing_is_open_to_others() {
    let day = day();
    for said in ["stored the key of work", "count the last page", "asking openai/gpt-4.1-mini", "Incorrect API key"] {
        assert!(day.printed.contains(said), "the day went as it should: {said:?} in\n{}", day.printed);
    }
    // The lines that were typed hold what was typed.
    let printed: Vec<&str> = day.printed.lines().filter(|line| !line.starts_with("$ ")).collect();
    let leaks: Vec<&&str> = printed.iter().filter(|line| !found(line.as_bytes(), &day.secrets).is_empty()).collect();
    assert!(leaks.is_empty(), "printed: {leaks:#?}");

    let root = day.sandbox.home().parent().unwrap().to_owned();
    let files: Vec<PathBuf> = below(&root).into_iter().filter(|p| p.is_file()).collect();
    let read = |path: &PathBuf| fs::read(path).unwrap();
    for ours in &day.ours {
        assert!(!found(&read(ours), &day.secrets).is_empty(), "the search sees what is there: {}", ours.display());
    }
    for file in files.iter().filter(|file| !day.ours.contains(file)) {
        let bytes = read(file);
        let names = found(&bytes, &day.secrets);
        assert!(names.is_empty(), "{names:?} in {}", file.display());
    }

    for path in [day.sandbox.config_dir(), day.sandbox.state_dir()].iter().flat_map(|dir| below(dir)) {
        let mode = fs::metadata(&path).unwrap().permissions().mode() & 0o777;
        let private = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, private, "{} has mode {mode:o}", path.display());
    }
}
