//! Giving the identity to a holder, and asking it back.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use age::secrecy::{ExposeSecret, SecretString};
use age::x25519::Identity;
use age::{Decryptor, Encryptor, armor};
use zeroize::Zeroizing;

use super::error::VaultError;
use super::slots::{Kind, Slot};
use super::{Vault, keychain};
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

/// Gives the identity to a holder.
pub(super) fn keep(
    vault: &Vault,
    keep: &Keep,
    identity: &Identity,
    ask: &dyn Ask,
) -> Result<(Slot, Vec<String>), VaultError> {
    let text = Secret::new(identity.to_string().expose_secret().to_owned());
    let mut warnings = Vec::new();
    let kind = match keep {
        Keep::Keychain => in_keychain(&text).map_err(VaultError::NoKeeper)?,
        Keep::Auto => match in_keychain(&text) {
            Ok(kind) => kind,
            Err(why) => match by_passphrase(vault, &text, ask)? {
                Some(kind) => {
                    warnings.push(format!("a passphrase seals the accounts, because {why}"));
                    kind
                }
                None => {
                    return Err(VaultError::NoKeeper(format!("{why}, and there is nobody to ask for a passphrase")));
                }
            },
        },
        Keep::Passphrase => by_passphrase(vault, &text, ask)?
            .ok_or_else(|| VaultError::NoKeeper("there is nobody to ask for a passphrase".to_owned()))?,
        Keep::Keyfile(path) => {
            let path = std::path::absolute(path).map_err(|e| VaultError::io(path, e))?;
            if path.symlink_metadata().is_err() {
                files::replace(&path, format!("{}\n", text.expose()).as_bytes(), 0o600)
                    .map_err(|e| VaultError::io(&path, e))?;
            }
            Kind::Keyfile { path }
        }
        Keep::Command(argv) => Kind::Command { argv: argv.clone() },
        Keep::Plaintext => {
            warnings.push("the keys are stored in plain text: whoever reads the folder reads them".to_owned());
            Kind::Plaintext { identity: text.expose().to_owned() }
        }
    };
    Ok((slot(kind), warnings))
}

/// The identity that the user's own program or file already holds; `None` when one is to be made.
pub(super) fn own_identity(keep: &Keep) -> Result<Option<Identity>, VaultError> {
    let text = match keep {
        Keep::Command(argv) => from_command(argv)?,
        Keep::Keyfile(path) if path.symlink_metadata().is_ok() => {
            let bytes = files::read_private(path, 64 << 10).map_err(|e| VaultError::io(path, e))?;
            Secret::new(String::from_utf8_lossy(&bytes).trim().to_owned())
        }
        _ => return Ok(None),
    };
    let none = |e: &str| VaultError::NoKeeper(format!("what it holds is no age identity: {e}"));
    text.expose().parse().map(Some).map_err(none)
}

fn slot(kind: Kind) -> Slot {
    Slot { name: kind.name().to_owned(), kind }
}

fn in_keychain(identity: &Secret) -> Result<Kind, String> {
    let entry = random_id("identity-", random::bytes().map_err(|e| e.to_string())?);
    keychain::put(&entry, identity)?;
    // A keychain that takes and does not give back would lose everything.
    match keychain::get(&entry) {
        Ok(back) if back.expose() == identity.expose() => Ok(Kind::Keychain { entry }),
        Ok(_) => Err("the keychain gives back something else than it was given".to_owned()),
        Err(why) => {
            drop(keychain::forget(&entry));
            Err(why)
        }
    }
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
        let bytes = Zeroizing::new(files::read_private(path, 64 << 10).map_err(|e| VaultError::io(path, e))?);
        let text = String::from_utf8_lossy(&bytes).trim_end_matches(['\r', '\n']).to_owned();
        if text.is_empty() {
            return Err(VaultError::io(path, std::io::Error::new(std::io::ErrorKind::InvalidData, "it is empty")));
        }
        return Ok(Some(Secret::new(text)));
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
            Kind::Keychain { entry } => keychain::get(entry),
            Kind::Keyfile { path } => files::read_private(path, 64 << 10)
                .map(|b| Secret::new(String::from_utf8_lossy(&b).trim().to_owned()))
                .map_err(|e| format!("the key file {} cannot be used: {e}", path.display())),
            Kind::Command { argv } => from_command(argv).map_err(|e| e.to_string()),
            Kind::Plaintext { identity } => {
                warnings.push("the keys lie in plain text (slot plaintext)".to_owned());
                Ok(Secret::new(identity.clone()))
            }
            Kind::Passphrase { sealed } => match passphrase(vault, ask, "Passphrase for your accounts", false)? {
                None => Err("nobody gave the passphrase".to_owned()),
                Some(given) => match unseal(sealed, &given) {
                    Ok(text) => Ok(text),
                    Err(error) => {
                        wrong = Some(error);
                        continue;
                    }
                },
            },
        };
        match text.and_then(|t| {
            t.expose().trim().parse::<Identity>().map_err(|e| format!("slot {} holds no identity: {e}", slot.name))
        }) {
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

fn from_command(argv: &[String]) -> Result<Secret, VaultError> {
    let locked =
        |why: String| VaultError::Locked(format!("the command {}: {why}", argv.first().map_or("", String::as_str)));
    let (program, args) = argv.split_first().ok_or_else(|| locked("is empty".to_owned()))?;
    let cwd = std::path::Path::new("/");
    let args = args.iter().map(Into::into).collect();
    let run = Run { program, args, cwd, stdin: None, env: Vec::new(), timeout: Some(Duration::from_secs(60)) };
    let ran = run.collect().map_err(|e| locked(e.to_string()))?;
    if !ran.ok() {
        return Err(locked("ended with an error".to_owned()));
    }
    Ok(Secret::new(String::from_utf8_lossy(&ran.stdout).trim().to_owned()))
}
