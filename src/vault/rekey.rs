//! A new identity: whoever knew the old one opens nothing from now on.
//!
//! At every step something opens what lies on disk, also after kill -9: the list of slots names the holders of both
//! identities until both sealed files are written anew, and whichever identity opens the file is taken.

use std::any::Any;
use std::path::{Path, PathBuf};

use age::x25519::Identity;

use super::account::Account;
use super::error::VaultError;
use super::holder::{self, Ask};
use super::slots::{self, Book, Kind, Slot};
use super::{BACKUP, DAMAGED, FILE, Opened, Vault, id_of, machine, phrase, seal};
use crate::model::Secret;
use crate::world::{files, random};

/// What the user said about it.
#[derive(Debug, Clone, Default)]
pub struct Renewal {
    /// An older file than was seen before is taken as it is.
    pub accept_older: bool,
    /// A program that prints a new identity, in the place of one that prints the old.
    pub command: Option<Vec<String>>,
}

/// What became of it.
#[derive(Debug)]
pub struct Rekeyed {
    /// The vault, opened with the new identity.
    pub opened: Opened,
    /// What it was known by before.
    pub former: String,
    /// Slots that hold the new identity.
    pub kept: Vec<Slot>,
    /// Slots that could not be given it, and why.
    pub dropped: Vec<(String, String)>,
    /// What the user should know.
    pub notes: Vec<String>,
}

/// Sees to it that nobody else changes these accounts behind the old identity's back, until what it gives is dropped.
pub type Still<'a> = &'a dyn Fn(&[Account]) -> Result<Box<dyn Any>, VaultError>;

/// A holder of the new identity, and where it lies until the old one is no longer needed.
struct Made {
    slot: Slot,
    /// For a key file: where the new one waits.
    waits: Option<PathBuf>,
}

impl Vault {
    /// Gives the accounts a new identity and rewrites both generations with it.
    ///
    /// # Errors
    /// `Unwilling` when a slot cannot take it: nothing is changed then; [`VaultError`] as for opening and changing.
    pub fn rekey(
        &self,
        ask: &dyn Ask,
        seen: &dyn Fn(&str) -> u64,
        wish: &Renewal,
        still: Still<'_>,
    ) -> Result<Rekeyed, VaultError> {
        let any = |_: &str| 0;
        let mut opened = self.open(ask, if wish.accept_older { &any } else { seen })?;
        if opened.recovered {
            // The damaged file is kept aside before anything else becomes of it.
            opened.change(|_| Ok(()))?;
        }
        let book = self.book()?;
        let identity = match &wish.command {
            Some(argv) => holder::of_command(argv).map_err(VaultError::NoKeeper)?,
            None => Identity::generate(),
        };
        if id_of(&identity) == opened.id() {
            let why = "the command prints the identity that opens the accounts now".to_owned();
            return Err(VaultError::NoKeeper(why));
        }
        let (live, stale) = book.split(&opened.id());
        let mut dropped = Vec::new();
        let mut draft = Draft { vault: self, made: Vec::new() };
        self.give_all(&book, &identity, &opened, ask, wish, &mut draft.made, &mut dropped)?;
        let made = match self.turn(&opened, &identity, &book, &live, &draft.made, still) {
            Ok(()) => draft.keep(),
            Err(Failed { error, begun }) => {
                // Once both lists stand on disk, the next rekeying finds out which one holds.
                if begun {
                    draft.keep();
                }
                return Err(error);
            }
        };
        let mut notes = Vec::new();
        for slot in live.iter().chain(&stale) {
            if let (Kind::Keyfile { path }, true) = (&slot.kind, slot.name.ends_with(WAITS)) {
                // Where a rekeying that was interrupted had it wait.
                drop(std::fs::remove_file(path));
            }
            if let Err(why) = holder::forget(self, &slot.kind) {
                notes.push(format!("what the slot {} held is left there: {why}", slot.name));
            }
        }
        drop(self.cache.forget(&opened.id()));
        let payload = seal::open(&identity, &self.present()??)?;
        let former = opened.id();
        let warnings = opened.warnings.clone();
        let kept = made.into_iter().map(|m| m.slot).collect();
        let opened = Opened { vault: self.clone(), identity, payload, recovered: false, warnings, passphrase: None };
        Ok(Rekeyed { opened, former, kept, dropped, notes })
    }

    /// Gives the new identity to every slot that can take it.
    #[allow(clippy::too_many_arguments)]
    fn give_all(
        &self,
        book: &Book,
        identity: &Identity,
        opened: &Opened,
        ask: &dyn Ask,
        wish: &Renewal,
        made: &mut Vec<Made>,
        dropped: &mut Vec<(String, String)>,
    ) -> Result<(), VaultError> {
        let text = holder::text_of(identity);
        let mut command = wish.command.clone();
        let mut known: Vec<Secret> = opened.passphrase.iter().cloned().collect();
        let live = homes(book, &opened.id());
        for slot in &live {
            let unwilling = |why: String| VaultError::Unwilling { slot: slot.name.clone(), why };
            let mut waits = None;
            let kind = match &slot.kind {
                Kind::Keychain { .. } => holder::in_keychain(self, &text).map_err(unwilling)?,
                Kind::Machine { .. } => Kind::Machine { file: machine::put(self, &text).map_err(unwilling)? },
                Kind::Plaintext { .. } => Kind::Plaintext { identity: text.expose().to_owned() },
                Kind::Passphrase { sealed } => {
                    let passphrase = self.same_passphrase(slot, sealed, &mut known, ask)?;
                    holder::sealed_by(self, &text, &passphrase)?
                }
                // Left by a rekeying that was interrupted.
                Kind::Keyfile { .. } if slot.name.ends_with(WAITS) => continue,
                Kind::Keyfile { path } => {
                    let waiting = format!("{}{WAITS}", slot.name);
                    let moving = !book.next.is_empty() || live.iter().any(|s| s.name == waiting);
                    replaceable(path, &opened.id(), moving).map_err(unwilling)?;
                    let beside = beside(path).map_err(|e| unwilling(e.to_string()))?;
                    holder::write_keyfile(&beside, &text).map_err(|e| unwilling(e.to_string()))?;
                    waits = Some(beside);
                    Kind::Keyfile { path: path.clone() }
                }
                Kind::Command { .. } => match command.take() {
                    Some(argv) => Kind::Command { argv },
                    None => {
                        let why = "a command cannot be given a new identity";
                        dropped.push((slot.name.clone(), why.to_owned()));
                        continue;
                    }
                },
            };
            made.push(Made { slot: Slot { name: slot.name.clone(), kind }, waits });
        }
        if let Some(argv) = command {
            let kind = Kind::Command { argv };
            let taken: Vec<Slot> = made.iter().map(|m| m.slot.clone()).collect();
            made.push(Made { slot: Slot { name: slots::free_name(&kind, &taken), kind }, waits: None });
        }
        if made.is_empty() {
            let slot = dropped.first().map(|(name, _)| name.clone()).unwrap_or_default();
            let why = "a command cannot be given one; name a program that prints a new one with --command, or add another slot";
            return Err(VaultError::Unwilling { slot, why: why.to_owned() });
        }
        Ok(())
    }

    /// The passphrase that opens the slot already: a slip of the finger must not become a new one.
    fn same_passphrase(
        &self,
        slot: &Slot,
        sealed: &str,
        known: &mut Vec<Secret>,
        ask: &dyn Ask,
    ) -> Result<Secret, VaultError> {
        if let Some(fits) = known.iter().find(|p| phrase::unseal(sealed.as_bytes(), p).is_ok()) {
            return Ok(fits.clone());
        }
        let question = format!("Passphrase of the slot {}", slot.name);
        let nobody = || VaultError::Unwilling { slot: slot.name.clone(), why: "nobody gave its passphrase".to_owned() };
        let passphrase = self.given.passphrase(ask, &question, false)?.ok_or_else(nobody)?;
        phrase::unseal(sealed.as_bytes(), &passphrase)?;
        known.push(passphrase.clone());
        Ok(passphrase)
    }

    /// Writes everything anew. Each step leaves something that opens.
    fn turn(
        &self,
        opened: &Opened,
        identity: &Identity,
        before: &Book,
        live: &[Slot],
        made: &[Made],
        still: Still<'_>,
    ) -> Result<(), Failed> {
        let _still = still(opened.accounts())?;
        let lock = self.lock()?;
        // Slots that came or went while a person typed would be lost.
        let now = self.book()?;
        let names = |book: &Book| book.all().map(|s| s.name.clone()).collect::<Vec<_>>();
        if now.id != before.id || names(&now) != names(before) {
            return Err(VaultError::Rekeyed.into());
        }
        let current = self.present()?.and_then(|bytes| seal::open(&opened.identity, &bytes))?;
        if current.generation < opened.generation() {
            return Err(VaultError::Older { found: current.generation, seen: opened.generation() }.into());
        }
        let mut previous = current;
        previous.former.push(holder::text_of(&opened.identity));
        let mut next = previous.clone();
        next.generation += 1;
        let (previous, next) = (seal::seal(identity, &previous)?, seal::seal(identity, &next)?);
        // Both lists, the new holders first.
        let mut both = Book::new(opened.id(), live.to_vec());
        both.next = made.iter().map(Made::waiting).collect();
        slots::write(&self.dir, &both)?;
        let begun = |error: VaultError| Failed { error, begun: true };
        self.replace(BACKUP, &previous).map_err(begun)?;
        self.replace(FILE, &next).map_err(begun)?;
        // The old identity opens nothing any more; key files may lie at either place until they are moved.
        let finals: Vec<Slot> = made.iter().map(|m| m.slot.clone()).collect();
        let moving = made.iter().filter(|m| m.waits.is_some()).map(Made::waiting);
        let either: Vec<Slot> = finals.iter().cloned().chain(moving).collect();
        slots::write(&self.dir, &Book::new(id_of(identity), either)).map_err(begun)?;
        for made in made {
            made.settle().map_err(begun)?;
        }
        slots::write(&self.dir, &Book::new(id_of(identity), finals)).map_err(begun)?;
        if let Err(e) = std::fs::remove_file(self.dir.join(DAMAGED))
            && e.kind() != std::io::ErrorKind::NotFound
        {
            return Err(begun(VaultError::io(&self.dir.join(DAMAGED), e)));
        }
        drop(lock);
        Ok(())
    }

    fn take_back(&self, made: &Made) {
        drop(holder::forget(self, &made.slot.kind));
        if let Some(waits) = &made.waits {
            drop(std::fs::remove_file(waits));
        }
    }
}

/// Holders that nobody relies on yet: they are taken back unless they are kept, also when a question that comes between
/// is interrupted.
struct Draft<'a> {
    vault: &'a Vault,
    made: Vec<Made>,
}

impl Draft<'_> {
    fn keep(mut self) -> Vec<Made> {
        std::mem::take(&mut self.made)
    }
}

impl Drop for Draft<'_> {
    fn drop(&mut self) {
        self.made.iter().for_each(|made| self.vault.take_back(made));
    }
}

/// An error, and whether the new list stands on disk already.
struct Failed {
    error: VaultError,
    begun: bool,
}

impl From<VaultError> for Failed {
    fn from(error: VaultError) -> Self {
        Self { error, begun: false }
    }
}

/// What the name of a slot ends with whose key file waits to be moved.
const WAITS: &str = " (new)";

impl Made {
    /// The slot as it opens before its key file is moved.
    fn waiting(&self) -> Slot {
        match &self.waits {
            Some(path) => {
                Slot { name: format!("{}{WAITS}", self.slot.name), kind: Kind::Keyfile { path: path.clone() } }
            }
            None => self.slot.clone(),
        }
    }

    /// Moves the key file to its place. One that holds more than we put there may open something else: it is kept.
    fn settle(&self) -> Result<(), VaultError> {
        let (Some(waits), Kind::Keyfile { path }) = (&self.waits, &self.slot.kind) else { return Ok(()) };
        let io = |e| VaultError::io(path, e);
        if phrase::text(path).is_ok_and(|text| text.expose().trim().lines().count() > 1) {
            let mut old = path.clone().into_os_string();
            old.push(".old");
            let mut old = PathBuf::from(old);
            if old.symlink_metadata().is_ok() {
                old = beside(&old)?;
            }
            std::fs::copy(path, &old).map_err(io)?;
        }
        std::fs::rename(waits, path).map_err(io)?;
        files::sync_dir(path.parent().unwrap_or_else(|| Path::new("/"))).map_err(io)
    }
}

/// The slots that hold the identity of this id. One whose key file still waits, because a rekeying was interrupted before
/// its place was free, stands for the slot it was to become.
fn homes(book: &Book, id: &str) -> Vec<Slot> {
    let (live, stale) = book.split(id);
    let home = |slot: &Slot| {
        let name = slot.name.strip_suffix(WAITS).filter(|name| live.iter().all(|s| s.name != *name))?;
        stale.iter().find(|s| s.name == name).cloned()
    };
    live.iter().map(|slot| home(slot).unwrap_or_else(|| slot.clone())).collect()
}

/// Refuses to make a key file anew that is elsewhere now (on a stick, perhaps), and to write over another identity,
/// unless an interrupted rekeying left it to be replaced.
fn replaceable(path: &Path, id: &str, moving: bool) -> Result<(), String> {
    match holder::in_keyfile(path) {
        Ok(None) => Err(format!("its key file {} is not there; bring it back", path.display())),
        Ok(Some(held)) if !moving && id_of(&held) != id => {
            Err(format!("its key file {} holds another identity", path.display()))
        }
        Err(VaultError::Io { source, .. }) => Err(format!("its key file {} cannot be used: {source}", path.display())),
        // One that several people's keys lie in, or that was emptied, is kept aside or replaced.
        Ok(Some(_)) | Err(_) => Ok(()),
    }
}

/// A free name beside a file.
fn beside(path: &Path) -> Result<PathBuf, VaultError> {
    let tail = random::bytes::<4>().map_err(|e| VaultError::io(path, e))?;
    let mut name = path.as_os_str().to_owned();
    name.push(format!(".new-{}", tail.iter().map(|b| format!("{b:02x}")).collect::<String>()));
    Ok(PathBuf::from(name))
}
