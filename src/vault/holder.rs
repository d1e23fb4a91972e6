//! Giving the identity to a holder, and asking it back.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::error::VaultError;
use super::slots::{Book, Kind, Slot};
use super::{Vault, id_of, machine, phrase};
use crate::model::{Secret, random_id};
use crate::world::process::Run;
use crate::world::{files, random};

/// How long a program may take that asks a person for something.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is to hold the identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keep {
    /// The keychain if it answers within 3 s, else a passphrase if there is somebody to ask, else an error.
    Auto,
    /// The OS keychain.
    Keychain,
    /// A passphrase.
    Passphrase,
    /// A file that holds an age identity; made when it is not there.
    Keyfile(PathBuf),
    /// A file beside the sealed one that opens on this machine only.
    Machine,
    /// A program that prints an age identity.
    Command(Vec<String>),
    /// Nothing: the identity lies beside the file in plain text.
    Plaintext,
}

/// Whom passphrases are asked of.
pub trait Ask {
    /// There is somebody.
    fn interactive(&self) -> bool;
    /// A passphrase; asked twice when it is new. `None` when nobody answers.
    fn passphrase(&self, question: &str, new: bool) -> Option<Secret>;
}

/// What holds an identity now.
pub(super) struct Given {
    pub(super) kind: Kind,
    /// What the user should know.
    pub(super) warning: Option<String>,
    /// Nobody else relies on it: it can be taken back.
    ours: bool,
}

/// Makes an identity and gives it to a holder, or takes the one that the user's own program or file holds.
pub(super) fn keep(vault: &Vault, keep: &Keep, ask: &dyn Ask) -> Result<(Identity, Given), VaultError> {
    let held = match keep {
        Keep::Keyfile(path) => in_keyfile(&absolute(path)?)?,
        Keep::Command(argv) => Some(of_command(argv).map_err(VaultError::NoKeeper)?),
        Keep::Auto => return auto(vault, ask),
        _ => None,
    };
    let identity = held.unwrap_or_else(Identity::generate);
    let given = give(vault, keep, &identity, ask)?;
    Ok((identity, given))
}

/// Makes an identity for the keychain, else another one for a passphrase: what a keychain was given that did not answer
/// may lie there all the same.
fn auto(vault: &Vault, ask: &dyn Ask) -> Result<(Identity, Given), VaultError> {
    let identity = Identity::generate();
    let why = match in_keychain(vault, &text_of(&identity)) {
        Ok(kind) => return Ok((identity, Given { kind, warning: None, ours: true })),
        Err(why) => why,
    };
    let identity = Identity::generate();
    let given = instead(vault, &text_of(&identity), ask, &why)?;
    Ok((identity, given))
}

/// A passphrase, because the keychain did not take it.
fn instead(vault: &Vault, identity: &Secret, ask: &dyn Ask, why: &str) -> Result<Given, VaultError> {
    let kind = by_passphrase(vault, identity, ask)?.ok_or_else(|| nobody(&format!("{why}, and ")))?;
    let warning = Some(format!("a passphrase seals the accounts, because {why}"));
    Ok(Given { kind, warning, ours: true })
}

fn nobody(why: &str) -> VaultError {
    VaultError::NoKeeper(format!("{why}there is nobody to ask for a passphrase"))
}

/// Gives an identity to a holder.
///
/// # Errors
/// `NoKeeper` when it cannot take it, or holds another one; nothing is left behind then.
pub(super) fn give(vault: &Vault, keep: &Keep, identity: &Identity, ask: &dyn Ask) -> Result<Given, VaultError> {
    let text = text_of(identity);
    let made = |kind: Kind| Given { kind, warning: None, ours: true };
    Ok(match keep {
        Keep::Keyfile(path) => {
            let path = absolute(path)?;
            let ours = match in_keyfile(&path)? {
                Some(held) if text_of(&held) == text => false,
                Some(_) => {
                    let why = format!("{} holds another identity, and is not written over", path.display());
                    return Err(VaultError::NoKeeper(why));
                }
                None => {
                    write_keyfile(&path, &text)?;
                    true
                }
            };
            Given { kind: Kind::Keyfile { path }, warning: None, ours }
        }
        Keep::Command(argv) => {
            let held = of_command(argv).map_err(VaultError::NoKeeper)?;
            if text_of(&held) != text {
                return Err(VaultError::OtherIdentity(argv.first().cloned().unwrap_or_default()));
            }
            Given { kind: Kind::Command { argv: argv.clone() }, warning: None, ours: false }
        }
        Keep::Keychain => made(in_keychain(vault, &text).map_err(VaultError::NoKeeper)?),
        Keep::Machine => {
            let file = machine::put(vault, &text).map_err(VaultError::NoKeeper)?;
            let warning = "a machine-bound key file protects only copies of the folder: whoever can run programs here as \
                           you can open it";
            Given { warning: Some(warning.to_owned()), ..made(Kind::Machine { file }) }
        }
        Keep::Plaintext => {
            let warning = "the keys are stored in plain text: whoever reads the folder reads them";
            Given { warning: Some(warning.to_owned()), ..made(Kind::Plaintext { identity: text.expose().to_owned() }) }
        }
        Keep::Passphrase => made(by_passphrase(vault, &text, ask)?.ok_or_else(|| nobody(""))?),
        Keep::Auto => match in_keychain(vault, &text) {
            Ok(kind) => made(kind),
            Err(why) => instead(vault, &text, ask, &why)?,
        },
    })
}

/// Takes back what was given, when there is nothing to open with it.
pub(super) fn give_up(vault: &Vault, given: &Given) {
    if given.ours {
        // An identity that opens nothing is only untidy.
        drop(forget(vault, &given.kind));
        if let Kind::Keyfile { path } = &given.kind {
            drop(std::fs::remove_file(path));
        }
    }
}

/// Removes what a slot that is no longer in the list has left; a key file is the user's.
pub(super) fn forget(vault: &Vault, kind: &Kind) -> Result<(), String> {
    match kind {
        Kind::Keychain { entry } => vault.keychain.forget(entry),
        Kind::Machine { file } => machine::forget(vault, file),
        _ => Ok(()),
    }
}

fn absolute(path: &Path) -> Result<PathBuf, VaultError> {
    std::path::absolute(path).map_err(|e| VaultError::io(path, e))
}

pub(super) fn text_of(identity: &Identity) -> Secret {
    Secret::new(identity.to_string().expose_secret().to_owned())
}

/// The identity in what a holder gave: alone, or among other lines as `age-keygen` and `pass` have them.
pub(super) fn parse(text: &Secret) -> Result<Identity, String> {
    let mut lines = text.expose().lines().map(str::trim).filter(|l| l.starts_with("AGE-SECRET-KEY-1"));
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.parse().map_err(|e| format!("what it holds is no age identity: {e}")),
        (None, _) => Err("it holds no age identity".to_owned()),
        (Some(_), Some(_)) => Err("it holds more than one age identity".to_owned()),
    }
}

/// The identity in a key file; `None` when it is not there.
pub(super) fn in_keyfile(path: &Path) -> Result<Option<Identity>, VaultError> {
    match phrase::text(path) {
        Ok(text) => parse(&text).map(Some).map_err(|e| VaultError::NoKeeper(format!("{}: {e}", path.display()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(VaultError::io(path, e)),
    }
}

/// Makes a key file; never over one that somebody else has made meanwhile: it may open something.
pub(super) fn write_keyfile(path: &Path, identity: &Secret) -> Result<(), VaultError> {
    let content = Zeroizing::new(format!("{}\n", identity.expose()));
    files::sweep(path);
    files::create_private(path, content.as_bytes()).map_err(|e| VaultError::io(path, e))
}

pub(super) fn in_keychain(vault: &Vault, identity: &Secret) -> Result<Kind, String> {
    let entry = random_id("identity-", random::bytes().map_err(|e| e.to_string())?);
    vault.keychain.put(&entry, identity)?;
    // A keychain that takes and does not give back would lose everything.
    let why = match vault.keychain.get(&entry) {
        Ok(back) if back == *identity => return Ok(Kind::Keychain { entry }),
        Ok(_) => "the keychain gives back something else than it was given".to_owned(),
        Err(why) => why,
    };
    drop(vault.keychain.forget(&entry));
    Err(why)
}

fn by_passphrase(vault: &Vault, identity: &Secret, ask: &dyn Ask) -> Result<Option<Kind>, VaultError> {
    match vault.given.passphrase(ask, "New passphrase for your accounts", true)? {
        Some(passphrase) => sealed_by(vault, identity, &passphrase).map(Some),
        None => Ok(None),
    }
}

/// A slot that this passphrase opens.
pub(super) fn sealed_by(vault: &Vault, identity: &Secret, passphrase: &Secret) -> Result<Kind, VaultError> {
    phrase::seal(identity.expose().as_bytes(), passphrase, vault.work).map(|sealed| Kind::Passphrase { sealed })
}

/// What an identity opens.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Fit {
    /// The file.
    Present,
    /// The previous generation only.
    Previous,
    /// Neither.
    Nothing,
}

/// An identity that was asked back.
pub(super) struct Held {
    pub(super) identity: Identity,
    pub(super) warnings: Vec<String>,
    /// What was typed or read for it.
    pub(super) passphrase: Option<Secret>,
}

/// Asks the slots in order until one gives an identity that opens the file; a passphrase last, because a person has
/// to type it, and once.
pub(super) fn open(
    vault: &Vault,
    book: &Book,
    ask: &dyn Ask,
    fits: &dyn Fn(&Identity) -> Fit,
) -> Result<Held, VaultError> {
    if let Some(identity) = book.id.as_ref().and_then(|id| vault.cache.get(id)).and_then(|text| parse(&text).ok())
        && fits(&identity) == Fit::Present
    {
        return Ok(Held { identity, warnings: Vec::new(), passphrase: None });
    }
    let mut ordered: Vec<&Slot> = book.all().collect();
    ordered.sort_by_key(|s| matches!(s.kind, Kind::Passphrase { .. }));
    let mut asking = Asking::of(vault, ask);
    let (mut why, mut second, mut stray) = (Vec::new(), None, None);
    for slot in ordered {
        let text = match asking.text(slot) {
            Ok(Some(text)) => text,
            Ok(None) => continue,
            Err(reason) => {
                why.push(reason);
                continue;
            }
        };
        let identity = match parse(&text) {
            Ok(identity) => identity,
            Err(e) => {
                why.push(format!("slot {}: {e}", slot.name));
                continue;
            }
        };
        let fit = fits(&identity);
        // Every slot of a list that is not in the middle of something holds the same.
        let only = book.next.is_empty() && (fit == Fit::Previous || book.id.as_deref() == Some(&id_of(&identity)));
        if fit == Fit::Present || only {
            return Ok(asking.held(slot, identity, &text));
        }
        if fit == Fit::Nothing && book.next.is_empty() && book.id.is_some() {
            // A key file from before a rekeying, say. The sealed file may be in good health.
            why.push(format!("slot {} holds another identity", slot.name));
            continue;
        }
        let place = if fit == Fit::Previous { &mut second } else { &mut stray };
        if place.is_none() {
            *place = Some((slot, identity, text));
        }
    }
    let wrong = asking.wrong.take();
    match (second, wrong, stray) {
        (Some((slot, identity, text)), _, _) | (None, None, Some((slot, identity, text))) => {
            Ok(asking.held(slot, identity, &text))
        }
        (None, Some(wrong), _) => Err(wrong),
        (None, None, None) => Err(VaultError::Locked(why.join("; "))),
    }
}

/// A slot among these that gives the identity of this vault, so that the others can go. A passphrase counts without
/// being asked for. The error says what is wrong with each.
pub(super) fn working<'a>(
    vault: &Vault,
    slots: &[&'a Slot],
    fits: &dyn Fn(&Identity) -> bool,
) -> Result<&'a Slot, String> {
    if let Some(slot) = slots.iter().find(|s| matches!(s.kind, Kind::Passphrase { .. })) {
        return Ok(slot);
    }
    let mut asking = Asking::of(vault, &Nobody);
    let mut why = Vec::new();
    for slot in slots {
        match asking.text(slot).and_then(|text| text.as_ref().map(parse).transpose()) {
            Ok(Some(identity)) if fits(&identity) => return Ok(slot),
            Ok(_) => why.push(format!("what {} holds does not open the accounts", slot.name)),
            Err(reason) => why.push(format!("{}: {reason}", slot.name)),
        }
    }
    Err(why.join("; "))
}

/// There is nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Ask for Nobody {
    fn interactive(&self) -> bool {
        false
    }

    fn passphrase(&self, _: &str, _: bool) -> Option<Secret> {
        None
    }
}

/// Slots being asked.
struct Asking<'a> {
    vault: &'a Vault,
    ask: &'a dyn Ask,
    passphrase: Option<Secret>,
    /// Nobody answered.
    silent: bool,
    wrong: Option<VaultError>,
    /// When slots that are slow are given up.
    end: Option<Instant>,
}

impl<'a> Asking<'a> {
    fn of(vault: &'a Vault, ask: &'a dyn Ask) -> Self {
        let end = vault.hurry.map(|limit| Instant::now() + limit);
        Self { vault, ask, passphrase: None, silent: false, wrong: None, end }
    }

    /// How long a slot may take that usually may take this long.
    fn left(&self, usual: Duration) -> Result<Duration, String> {
        let Some(end) = self.end else { return Ok(usual) };
        let left = end.saturating_duration_since(Instant::now());
        // To a tenth of a second, because people read it.
        let left =
            usual.min(Duration::from_millis(u64::try_from(left.as_millis().div_ceil(100) * 100).unwrap_or(u64::MAX)));
        if left.is_zero() { Err("there was no time left for the other slots".to_owned()) } else { Ok(left) }
    }

    /// What a slot gives; `None` when why it gives nothing was noted.
    fn text(&mut self, slot: &Slot) -> Result<Option<Secret>, String> {
        match &slot.kind {
            Kind::Keychain { entry } => self.vault.keychain.within(self.left(Duration::MAX)?).get(entry).map(Some),
            Kind::Keyfile { path } => {
                phrase::text(path).map(Some).map_err(|e| format!("the key file {} cannot be used: {e}", path.display()))
            }
            Kind::Machine { file } => machine::get(self.vault, file).map(Some),
            Kind::Command { argv } => from_command(argv, self.left(PATIENCE)?).map(Some),
            Kind::Plaintext { identity } => Ok(Some(Secret::new(identity.clone()))),
            Kind::Passphrase { sealed } => {
                if self.silent {
                    return Ok(None);
                }
                if self.passphrase.is_none() {
                    match self.vault.given.passphrase(self.ask, "Passphrase for your accounts", false) {
                        Ok(given) => self.passphrase = given,
                        Err(error) => {
                            self.silent = true;
                            self.wrong = Some(error);
                            return Ok(None);
                        }
                    }
                }
                let Some(passphrase) = &self.passphrase else {
                    self.silent = true;
                    return Err("nobody gave the passphrase".to_owned());
                };
                match phrase::unseal(sealed.as_bytes(), passphrase) {
                    Ok(clear) => {
                        let text = std::str::from_utf8(&clear).map_err(|_| "it holds no text".to_owned())?;
                        Ok(Some(Secret::new(text.to_owned())))
                    }
                    Err(error) => {
                        self.wrong = Some(error);
                        Ok(None)
                    }
                }
            }
        }
    }

    /// The end of the search.
    fn held(&mut self, slot: &Slot, identity: Identity, text: &Secret) -> Held {
        let mut warnings = Vec::new();
        let slow = matches!(slot.kind, Kind::Passphrase { .. } | Kind::Command { .. });
        if slow && let Err(why) = self.vault.cache.put(&id_of(&identity), text) {
            warnings.push(format!("the accounts cannot be kept unlocked: {why}"));
        }
        Held { identity, warnings, passphrase: self.passphrase.take() }
    }
}

/// The identity that a program prints.
pub(super) fn of_command(argv: &[String]) -> Result<Identity, String> {
    parse(&from_command(argv, PATIENCE)?)
}

fn from_command(argv: &[String], limit: Duration) -> Result<Secret, String> {
    let (program, args) = argv.split_first().ok_or("the command is empty")?;
    let told = |why: &dyn std::fmt::Display| format!("the command {program}: {why}");
    let args = args.iter().map(Into::into).collect();
    let cwd = Path::new("/");
    let run = Run { program, args, cwd, stdin: None, env: Vec::new(), timeout: Some(limit) };
    let ran = run.collect().map_err(|e| told(&e))?;
    let out = Zeroizing::new(ran.stdout);
    match ran.code {
        Some(0) => {}
        Some(code) => return Err(told(&format!("it ended with code {code}"))),
        None => return Err(told(&"it was killed")),
    }
    let text = std::str::from_utf8(&out).map_err(|_| told(&"what it prints is no UTF-8 text"))?;
    Ok(Secret::new(text.to_owned()))
}
