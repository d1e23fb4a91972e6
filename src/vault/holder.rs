//! Giving the identity to a holder, and asking it back.

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use age::secrecy::{ExposeSecret, SecretString};
use age::x25519::Identity;
use age::{Decryptor, Encryptor, armor};
use zeroize::Zeroizing;

use super::Vault;
use super::error::VaultError;
use super::slots::{Kind, Slot};
use crate::model::{Secret, random_id};
use crate::world::process::Run;
use crate::world::{files, random};

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

/// An identity and what holds it.
pub(super) struct Kept {
    pub(super) identity: Identity,
    pub(super) slot: Slot,
    pub(super) warnings: Vec<String>,
}

/// Makes an identity and gives it to a holder, or takes the one that the user's own program or file holds.
pub(super) fn keep(vault: &Vault, keep: &Keep, ask: &dyn Ask) -> Result<Kept, VaultError> {
    let made = |kind: Kind, identity: Identity| Kept { identity, slot: slot(kind), warnings: Vec::new() };
    match keep {
        Keep::Keyfile(path) => {
            let path = std::path::absolute(path).map_err(|e| VaultError::io(path, e))?;
            let identity = from_keyfile(&path)?;
            Ok(made(Kind::Keyfile { path }, identity))
        }
        Keep::Command(argv) => {
            let identity = from_command(argv).and_then(|text| parse(&text)).map_err(VaultError::NoKeeper)?;
            Ok(made(Kind::Command { argv: argv.clone() }, identity))
        }
        Keep::Auto | Keep::Keychain | Keep::Passphrase | Keep::Plaintext => {
            let identity = Identity::generate();
            let text = text_of(&identity);
            let (kind, warning) = match keep {
                Keep::Keychain => (in_keychain(vault, &text).map_err(VaultError::NoKeeper)?, None),
                Keep::Plaintext => {
                    let warning = "the keys are stored in plain text: whoever reads the folder reads them";
                    (Kind::Plaintext { identity: text.expose().to_owned() }, Some(warning.to_owned()))
                }
                Keep::Passphrase => {
                    let nobody = || VaultError::NoKeeper("there is nobody to ask for a passphrase".to_owned());
                    (by_passphrase(vault, &text, ask)?.ok_or_else(nobody)?, None)
                }
                _ => match in_keychain(vault, &text) {
                    Ok(kind) => (kind, None),
                    Err(why) => {
                        let nobody =
                            || VaultError::NoKeeper(format!("{why}, and there is nobody to ask for a passphrase"));
                        let kind = by_passphrase(vault, &text, ask)?.ok_or_else(nobody)?;
                        (kind, Some(format!("a passphrase seals the accounts, because {why}")))
                    }
                },
            };
            Ok(Kept { identity, slot: slot(kind), warnings: warning.into_iter().collect() })
        }
    }
}

/// Takes back what [`keep`] gave away, when there is nothing to open with it.
pub(super) fn give_up(vault: &Vault, slot: &Slot) {
    if let Kind::Keychain { entry } = &slot.kind {
        // An identity that opens nothing is only untidy.
        drop(vault.keychain.forget(entry));
    }
}

fn slot(kind: Kind) -> Slot {
    Slot { name: kind.name().to_owned(), kind }
}

fn text_of(identity: &Identity) -> Secret {
    Secret::new(identity.to_string().expose_secret().to_owned())
}

/// The identity in what a holder gave: alone, or among other lines as `age-keygen` and `pass` have them.
fn parse(text: &Secret) -> Result<Identity, String> {
    let mut lines = text.expose().lines().map(str::trim).filter(|l| l.starts_with("AGE-SECRET-KEY-1"));
    match (lines.next(), lines.next()) {
        (Some(line), None) => line.parse().map_err(|e| format!("what it holds is no age identity: {e}")),
        (None, _) => Err("it holds no age identity".to_owned()),
        (Some(_), Some(_)) => Err("it holds more than one age identity".to_owned()),
    }
}

/// The identity in a key file, which is made if it is not there.
fn from_keyfile(path: &Path) -> Result<Identity, VaultError> {
    let io = |e| VaultError::io(path, e);
    match read_text(path) {
        Ok(text) => parse(&text).map_err(|e| VaultError::NoKeeper(format!("{}: {e}", path.display()))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            let identity = Identity::generate();
            let text = text_of(&identity);
            // Never over a file that somebody else has made meanwhile: it may open something.
            let content = Zeroizing::new(format!("{}\n", text.expose()));
            files::create_private(path, content.as_bytes()).map_err(io)?;
            Ok(identity)
        }
        Err(e) => Err(io(e)),
    }
}

/// A private text file.
fn read_text(path: &Path) -> io::Result<Secret> {
    let bytes = Zeroizing::new(files::read_private(path, 64 << 10)?);
    let text =
        std::str::from_utf8(&bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))?;
    Ok(Secret::new(text.to_owned()))
}

fn in_keychain(vault: &Vault, identity: &Secret) -> Result<Kind, String> {
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
    let Some(passphrase) = passphrase(vault, ask, "New passphrase for your accounts", true)? else { return Ok(None) };
    let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.expose().to_owned()));
    if let Some(work) = vault.work {
        recipient.set_work_factor(work);
    }
    let encryptor =
        Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).map_err(|e| broken(&e))?;
    let mut sealed = Vec::new();
    let armored = armor::ArmoredWriter::wrap_output(&mut sealed, armor::Format::AsciiArmor).map_err(|e| broken(&e))?;
    let mut writer = encryptor.wrap_output(armored).map_err(|e| broken(&e))?;
    writer.write_all(identity.expose().as_bytes()).map_err(|e| broken(&e))?;
    writer.finish().and_then(|a| a.finish()).map_err(|e| broken(&e))?;
    let sealed = String::from_utf8(sealed).map_err(|e| broken(&e))?;
    Ok(Some(Kind::Passphrase { sealed }))
}

/// From `MONSTER_PASSPHRASE_FILE`, else from a person.
fn passphrase(vault: &Vault, ask: &dyn Ask, question: &str, new: bool) -> Result<Option<Secret>, VaultError> {
    if let Some(path) = &vault.passphrase_file {
        let text = read_text(path).map_err(|e| VaultError::io(path, e))?;
        // An editor ends the line; a person who types the same passphrase does not.
        let line = text.expose().trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            return Err(VaultError::io(path, io::Error::new(io::ErrorKind::InvalidData, "it is empty")));
        }
        return Ok(Some(Secret::new(line.to_owned())));
    }
    let answer = if ask.interactive() { ask.passphrase(question, new) } else { None };
    Ok(answer.filter(|p| !p.expose().is_empty()))
}

/// Asks the slots in order; a passphrase last, because a person has to type it.
pub(super) fn open(vault: &Vault, slots: &[Slot], ask: &dyn Ask) -> Result<(Identity, Vec<String>), VaultError> {
    let mut ordered: Vec<&Slot> = slots.iter().collect();
    ordered.sort_by_key(|s| matches!(s.kind, Kind::Passphrase { .. }));
    let (mut why, mut warnings) = (Vec::new(), Vec::new());
    let mut wrong = None;
    for slot in ordered {
        let text = match &slot.kind {
            Kind::Keychain { entry } => vault.keychain.get(entry),
            Kind::Keyfile { path } => {
                read_text(path).map_err(|e| format!("the key file {} cannot be used: {e}", path.display()))
            }
            Kind::Command { argv } => from_command(argv),
            Kind::Plaintext { identity } => {
                warnings.push("the keys lie in plain text (slot plaintext)".to_owned());
                Ok(Secret::new(identity.clone()))
            }
            Kind::Passphrase { sealed } => {
                match passphrase(vault, ask, "Passphrase for your accounts", false)
                    .and_then(|given| given.map(|given| unseal(sealed, &given)).transpose())
                {
                    Ok(text) => text.ok_or_else(|| "nobody gave the passphrase".to_owned()),
                    Err(error) => {
                        wrong = Some(error);
                        continue;
                    }
                }
            }
        };
        match text.and_then(|t| parse(&t).map_err(|e| format!("slot {}: {e}", slot.name))) {
            Ok(identity) => return Ok((identity, warnings)),
            Err(reason) => why.push(reason),
        }
    }
    Err(wrong.unwrap_or_else(|| VaultError::Locked(why.join("; "))))
}

fn unseal(sealed: &str, passphrase: &Secret) -> Result<Secret, VaultError> {
    let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
    let decryptor = Decryptor::new(armor::ArmoredReader::new(sealed.as_bytes())).map_err(|e| broken(&e))?;
    let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.expose().to_owned()));
    // A file from elsewhere may not make us work for minutes.
    identity.set_max_work_factor(22);
    let mut clear = String::new();
    decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|e| match e {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::NoMatchingKeys
            | age::DecryptError::KeyDecryptionFailed => VaultError::WrongPassphrase,
            other => broken(&other),
        })?
        .read_to_string(&mut clear)
        .map_err(|e| broken(&e))?;
    Ok(Secret::new(clear))
}

fn from_command(argv: &[String]) -> Result<Secret, String> {
    let (program, args) = argv.split_first().ok_or("the command is empty")?;
    let told = |why: &dyn std::fmt::Display| format!("the command {program}: {why}");
    let args = args.iter().map(Into::into).collect();
    let cwd = Path::new("/");
    let run = Run { program, args, cwd, stdin: None, env: Vec::new(), timeout: Some(Duration::from_secs(60)) };
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
