//! The files of opencode-auth-monster: its accounts in plain JSON, its secrets there, in base64, or encrypted with a key
//! that anybody on the machine can derive.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use aes::Aes256;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::error::VaultError;
use crate::model::Secret;
use crate::world::{files, machine};

const ACCOUNTS: &str = "auth-monster-accounts.json";
const SECRETS: &str = "auth-monster-secrets.json";
/// What is left in place of the originals ends with this.
const NOTE: &str = ".migrated";
const LIMIT: u64 = 16 << 20;
const SALT: &[u8] = b"auth-monster-salt-v1";

/// One account there.
#[derive(Debug)]
pub struct Old {
    /// Its id there.
    pub id: String,
    /// What it is called there: an address, often made up.
    pub label: String,
    /// The provider's name there.
    pub provider: String,
    /// Its API key.
    pub key: Option<Secret>,
    /// It has tokens of a sign-in.
    pub tokens: bool,
    /// Where requests go, if that was said.
    pub base_url: Option<String>,
    /// A secret of it is there and cannot be decrypted on this machine.
    pub unreadable: bool,
    /// Where its secrets should stand is something that is no text.
    pub odd: bool,
    /// It has headers of its own, which may hold a secret.
    pub headers: bool,
}

impl Old {
    /// There is nothing secret in it; where it may lie instead, only the user knows.
    #[must_use]
    pub fn empty(&self) -> bool {
        self.key.is_none() && !self.tokens && !self.unreadable && !self.odd && !self.headers
    }

    /// What would be lost with it, had only its key been taken over.
    #[must_use]
    pub fn beside_the_key(&self) -> Option<&'static str> {
        if self.tokens || self.unreadable {
            Some("its tokens")
        } else if self.odd {
            Some("secrets that are no text")
        } else {
            self.headers.then_some("its headers")
        }
    }
}

/// What was found.
#[derive(Debug)]
pub struct Ancestor {
    /// Its accounts.
    pub accounts: Vec<Old>,
    dir: PathBuf,
    rows: Rows,
}

/// Both files as they are.
#[derive(PartialEq)]
struct Rows {
    accounts: Vec<Value>,
    secrets: Option<Map<String, Value>>,
    /// The removal of one was interrupted.
    erased: bool,
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows({} accounts)", self.accounts.len())
    }
}

/// What became of the originals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Originals {
    /// Overwritten and removed.
    Removed,
    /// Overwritten, but for these.
    Kept {
        /// Accounts that were not taken over.
        accounts: usize,
        /// Secrets that belong to no account.
        strays: usize,
    },
}

/// What the key of the encrypted secrets is derived from.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Addresses of network cards.
    pub addresses: Vec<String>,
    /// The machine's name.
    pub host: String,
    /// The user's.
    pub user: String,
}

impl Machine {
    /// This one.
    #[must_use]
    pub fn here() -> Self {
        let (host, user) = machine::names();
        Self { addresses: machine::addresses(), host, user }
    }
}

/// The folder, when the path is one, or one of the two files in it.
fn folder(path: &Path) -> PathBuf {
    let named = path.file_name().is_some_and(|n| n == ACCOUNTS || n == SECRETS);
    if named { path.parent().map(Path::to_path_buf).unwrap_or_default() } else { path.to_owned() }
}

/// The path means the ancestor's files or their folder.
#[must_use]
pub fn named(path: &Path) -> bool {
    path.is_dir() || path.file_name().is_some_and(|n| n == ACCOUNTS || n == SECRETS)
}

/// They were taken over before, and nothing has come since.
#[must_use]
pub fn done(path: &Path) -> bool {
    let dir = folder(path);
    dir.join(format!("{ACCOUNTS}{NOTE}")).is_file() && dir.join(ACCOUNTS).symlink_metadata().is_err()
}

/// They were taken over, and secrets that belong to no account remained.
#[must_use]
pub fn strays(path: &Path) -> bool {
    folder(path).join(SECRETS).symlink_metadata().is_ok()
}

/// Reads the files.
///
/// # Errors
/// `Io`, also while opencode holds its lock; `Export` when they are not what they should be.
pub fn read(path: &Path, machine: &Machine) -> Result<Ancestor, VaultError> {
    let dir = folder(path);
    let rows = rows(&dir)?;
    let mut book = Secrets { table: rows.secrets.as_ref(), keys: None, machine };
    let read = rows.accounts.iter().map(|row| old(row, &mut book)).collect();
    Ok(Ancestor { accounts: read, dir, rows })
}

/// Both files as they are now.
fn rows(dir: &Path) -> Result<Rows, VaultError> {
    let (file, secrets_file) = (dir.join(ACCOUNTS), dir.join(SECRETS));
    let locked = dir.join(format!("{ACCOUNTS}.lock"));
    if locked.symlink_metadata().is_ok() {
        let why = format!("opencode is writing it; end opencode, or remove {} if it is left over", locked.display());
        return Err(VaultError::io(&file, std::io::Error::new(ErrorKind::ResourceBusy, why)));
    }
    let mut erased = false;
    let mut parsed = |file: &Path, bytes: Zeroizing<Vec<u8>>| -> Result<Value, VaultError> {
        if bytes.first() == Some(&0) {
            // Its removal was interrupted, and all that it held had been stored before.
            erased = true;
            return Ok(Value::Null);
        }
        serde_json::from_slice(&bytes).map_err(|e| {
            VaultError::Export(format!("{} is damaged (line {}, column {})", file.display(), e.line(), e.column()))
        })
    };
    let bytes = Zeroizing::new(files::read_own(&file, LIMIT).map_err(|e| VaultError::io(&file, e))?);
    let accounts = match parsed(&file, bytes)? {
        Value::Array(accounts) => accounts,
        Value::Null => Vec::new(),
        _ => return Err(VaultError::Export(format!("{} holds no list of accounts", file.display()))),
    };
    let secrets = match files::read_own(&secrets_file, LIMIT) {
        Ok(bytes) => match parsed(&secrets_file, Zeroizing::new(bytes))? {
            Value::Object(map) => Some(map),
            Value::Null => Some(Map::new()),
            _ => return Err(VaultError::Export(format!("{} holds no table", secrets_file.display()))),
        },
        Err(e) if e.kind() == ErrorKind::NotFound => None,
        Err(e) => return Err(VaultError::io(&secrets_file, e)),
    };
    Ok(Rows { accounts, secrets, erased })
}

fn text<'a>(row: &'a Value, name: &str) -> Option<&'a str> {
    row[name].as_str().filter(|t| !t.is_empty())
}

fn old(row: &Value, secrets: &mut Secrets<'_>) -> Old {
    let id = text(row, "id").unwrap_or_default().to_owned();
    let mut unreadable = false;
    let mut secret = |service: &str, plain: Option<&str>| match secrets.get(service, &id) {
        // What lies in the JSON is from before secrets had a file of their own.
        None => plain.map(|p| Secret::new(p.to_owned())),
        Some(Ok(secret)) => Some(secret),
        Some(Err(())) => {
            unreadable = plain.is_none();
            plain.map(|p| Secret::new(p.to_owned()))
        }
    };
    let key = secret("apiKey", text(row, "apiKey"));
    let access = secret("accessToken", text(&row["tokens"], "accessToken"));
    let refresh = secret("refreshToken", text(&row["tokens"], "refreshToken"));
    let text_or_none = |value: &Value| value.is_null() || value.is_string();
    let places = [&row["apiKey"], &row["tokens"]["accessToken"], &row["tokens"]["refreshToken"]];
    Old {
        odd: !places.into_iter().all(text_or_none),
        label: text(row, "email").unwrap_or_default().to_owned(),
        provider: text(row, "provider").unwrap_or_default().to_owned(),
        key,
        tokens: access.is_some() || refresh.is_some(),
        base_url: text(&row["metadata"], "baseUrl").map(str::to_owned),
        headers: row["metadata"]["headers"].as_object().is_some_and(|headers| !headers.is_empty()),
        unreadable,
        id,
    }
}

/// The secrets' file, and the keys it may be encrypted with once they were needed.
struct Secrets<'a> {
    table: Option<&'a Map<String, Value>>,
    keys: Option<Vec<Zeroizing<[u8; 32]>>>,
    machine: &'a Machine,
}

impl Secrets<'_> {
    /// The secret of a service and an account; `Err` when there is one that cannot be read.
    fn get(&mut self, service: &str, id: &str) -> Option<Result<Secret, ()>> {
        if let Some(secret) = from_keychain(service, id) {
            return Some(Ok(secret));
        }
        let value = self.table?.get(&format!("{service}:{id}"))?.as_str().filter(|v| !v.is_empty())?;
        let Some((iv, sealed)) = encrypted(value) else {
            let plain = STANDARD.decode(value).ok().and_then(|bytes| String::from_utf8(bytes).ok());
            return Some(plain.filter(|t| printable(t)).map(Secret::new).ok_or(()));
        };
        let keys = self.keys.get_or_insert_with(|| keys(self.machine));
        let opened = keys.iter().find_map(|key| decrypt(key, &iv, &sealed));
        Some(opened.ok_or(()))
    }
}

/// `iv:cipher`, both hexadecimal.
fn encrypted(value: &str) -> Option<([u8; 16], Vec<u8>)> {
    let (iv, sealed) = value.split_once(':')?;
    let (iv, sealed) = (unhex(iv)?.try_into().ok()?, unhex(sealed)?);
    (!sealed.is_empty() && sealed.len().is_multiple_of(16)).then_some((iv, sealed))
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok())).collect();
    let digits = digits.filter(|d| d.len().is_multiple_of(2))?;
    Some(digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect())
}

/// A key that is not the right one gives rubbish, which now and then has the form of a padding.
fn printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

fn decrypt(key: &[u8; 32], iv: &[u8; 16], sealed: &[u8]) -> Option<Secret> {
    let mut buffer = Zeroizing::new(sealed.to_vec());
    let clear = cbc::Decryptor::<Aes256>::new(key.into(), iv.into()).decrypt_padded::<Pkcs7>(&mut buffer).ok()?;
    let text = std::str::from_utf8(clear).ok().filter(|t| printable(t))?;
    Some(Secret::new(text.to_owned()))
}

/// It takes the first card that the system lists; which one that was then, nobody knows now.
fn keys(machine: &Machine) -> Vec<Zeroizing<[u8; 32]>> {
    let Ok(params) = scrypt::Params::new(14, 8, 1, 32) else { return Vec::new() };
    let named = format!("{}{}", machine.host, machine.user);
    let sources = machine.addresses.iter().map(String::as_str).chain([named.as_str(), "fallback-id"]);
    sources
        .filter_map(|source| {
            let mut key = Zeroizing::new([0_u8; 32]);
            scrypt::scrypt(source.as_bytes(), SALT, &params, key.as_mut()).ok().map(|()| key)
        })
        .collect()
}

#[cfg(target_os = "macos")]
fn from_keychain(service: &str, id: &str) -> Option<Secret> {
    let args = ["find-generic-password", "-a", id, "-s", service, "-w"].map(Into::into).to_vec();
    let timeout = Some(std::time::Duration::from_secs(60));
    let run = crate::world::process::Run {
        program: "/usr/bin/security",
        args,
        cwd: Path::new("/"),
        stdin: None,
        env: Vec::new(),
        timeout,
    };
    let ran = run.collect().ok().filter(crate::world::process::Ran::ok)?;
    let out = Zeroizing::new(ran.stdout);
    let text = std::str::from_utf8(&out).ok()?.trim();
    printable(text).then(|| Secret::new(text.to_owned()))
}

#[cfg(not(target_os = "macos"))]
fn from_keychain(_: &str, _: &str) -> Option<Secret> {
    None
}

impl Ancestor {
    /// The removal of the originals was interrupted: [`Self::retire`] finishes it, also when nothing more is taken over.
    #[must_use]
    pub fn interrupted(&self) -> bool {
        self.rows.erased
    }

    /// Removes from the originals what was taken over: call it only once the copy was written, opened again and
    /// compared. Interrupted, it is simply called again. `when` goes into the note.
    ///
    /// # Errors
    /// `Changed` when somebody has changed them since they were read: they are left as they are. `Io`; what was not
    /// taken over is then still whole.
    pub fn retire(&self, taken: &BTreeSet<String>, when: &str) -> Result<Originals, VaultError> {
        let (file, secrets_file) = (self.dir.join(ACCOUNTS), self.dir.join(SECRETS));
        let note = self.dir.join(format!("{ACCOUNTS}{NOTE}"));
        let told = |path: &Path| {
            let path = path.to_owned();
            move |e| VaultError::io(&path, e)
        };
        // A person may have typed a passphrase meanwhile.
        if rows(&self.dir)? != self.rows {
            return Err(VaultError::Changed(file));
        }
        [&note, &secrets_file, &file].into_iter().for_each(|path| files::sweep(path));
        let gone = |row: &Value| text(row, "id").is_some_and(|id| taken.contains(id));
        let left: Vec<&Value> = self.rows.accounts.iter().filter(|row| !gone(row)).collect();
        let (of, count) = (self.rows.accounts.len(), self.rows.accounts.len() - left.len());
        if count > 0 || note.symlink_metadata().is_err() {
            // After what earlier times took over.
            let mut says = files::read_own(&note, LIMIT).unwrap_or_default();
            let what = match count {
                0 => "monster removed what it had taken over before".to_owned(),
                count => format!("monster took over {count} of {of} accounts"),
            };
            says.extend(format!("{when}: {what}.\n").bytes());
            files::replace(&note, &says, 0o600).map_err(told(&note))?;
        }
        let mut strays = 0;
        if let Some(secrets) = &self.rows.secrets {
            let of = |name: &str| name.split_once(':').map_or(name, |(_, id)| id).to_owned();
            let rest: Map<String, Value> = secrets
                .iter()
                .filter(|(name, _)| !taken.contains(&of(name)))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect();
            let stray = |name: &&String| !left.iter().any(|row| text(row, "id").unwrap_or_default() == of(name));
            strays = rest.keys().filter(stray).count();
            rewrite(&secrets_file, &Value::Object(rest.clone()), rest.is_empty()).map_err(told(&secrets_file))?;
        }
        // The accounts last: as long as they are there, a second run finds everything.
        let count = left.len();
        let rest = Value::Array(left.into_iter().cloned().collect());
        rewrite(&file, &rest, count == 0).map_err(told(&file))?;
        let all = count == 0 && strays == 0;
        Ok(if all { Originals::Removed } else { Originals::Kept { accounts: count, strays } })
    }
}

fn rewrite(file: &Path, rest: &Value, empty: bool) -> std::io::Result<()> {
    if empty {
        return files::erase(file);
    }
    let text = Zeroizing::new(serde_json::to_vec_pretty(rest)?);
    files::replace_erasing(file, &text, 0o600)
}
