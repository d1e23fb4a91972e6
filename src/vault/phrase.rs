//! Passphrases: where they come from, and sealing a text with one (age's scrypt, armored).

use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use age::secrecy::SecretString;
use age::{Decryptor, Encryptor, armor};
use zeroize::Zeroizing;

use super::error::VaultError;
use super::holder::Ask;
use crate::model::Secret;
use crate::world::{Env, files};

/// No passphrase is longer (bytes).
const LIMIT: u64 = 64 << 10;

/// The most that opening works: log2 of scrypt's N, a GiB. No machine of today chooses as much for its one second.
const MOST_WORK: u8 = 20;

/// What was read from a descriptor of this process. A pipe gives its content once, and a command may need it again.
static READ: Mutex<Option<(u32, Secret)>> = Mutex::new(None);

/// Where a passphrase comes from when nobody is asked.
#[derive(Debug, Clone, Default)]
pub(super) struct Given {
    /// `MONSTER_PASSPHRASE_FILE`.
    pub(super) file: Option<PathBuf>,
    /// `MONSTER_PASSPHRASE_FD`, as it was set.
    pub(super) fd: Option<String>,
}

impl Given {
    /// What the environment names.
    pub(super) fn of(env: &Env) -> Self {
        let fd = env.get("MONSTER_PASSPHRASE_FD").map(str::to_owned);
        Self { file: env.get("MONSTER_PASSPHRASE_FILE").map(PathBuf::from), fd }
    }

    /// The passphrase from the file, else from the descriptor, else from a person; `None` when nobody answers.
    pub(super) fn passphrase(&self, ask: &dyn Ask, question: &str, new: bool) -> Result<Option<Secret>, VaultError> {
        if let Some(path) = &self.file {
            return from_file(path).map(Some);
        }
        if let Some(fd) = &self.fd {
            return from_fd(fd).map(Some);
        }
        let answer = if ask.interactive() { ask.passphrase(question, new) } else { None };
        Ok(answer.filter(|p| !p.is_empty()))
    }
}

/// The passphrase in a private file.
pub(super) fn from_file(path: &Path) -> Result<Secret, VaultError> {
    text(path).and_then(|text| line(&text)).map_err(|e| VaultError::io(path, e))
}

/// The passphrase behind an open descriptor, which is read once in the life of the process.
fn from_fd(number: &str) -> Result<Secret, VaultError> {
    let named = || PathBuf::from(format!("MONSTER_PASSPHRASE_FD={number}"));
    let told = |e| VaultError::io(&named(), e);
    let fd: u32 =
        number.parse().map_err(|_| told(io::Error::new(io::ErrorKind::InvalidInput, "it is no descriptor number")))?;
    let mut read = READ.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((known, secret)) = &*read
        && *known == fd
    {
        return Ok(secret.clone());
    }
    let bytes = Zeroizing::new(files::read_descriptor(fd, LIMIT).map_err(told)?);
    let secret = utf8(&bytes).and_then(|text| line(&text)).map_err(told)?;
    *read = Some((fd, secret.clone()));
    Ok(secret)
}

/// A private text file.
pub(super) fn text(path: &Path) -> io::Result<Secret> {
    utf8(&Zeroizing::new(files::read_private(path, LIMIT)?))
}

fn utf8(bytes: &[u8]) -> io::Result<Secret> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is no UTF-8 text"))?;
    Ok(Secret::new(text.to_owned()))
}

/// An editor ends the line; a person who types the same passphrase does not.
fn line(text: &Secret) -> io::Result<Secret> {
    let line = text.expose().trim_end_matches(['\r', '\n']);
    if line.is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty"));
    }
    Ok(Secret::new(line.to_owned()))
}

/// Seals bytes with a passphrase. `work` is log2 of scrypt's N; `None` = about a second on this machine.
pub(super) fn seal(clear: &[u8], passphrase: &Secret, work: Option<u8>) -> Result<String, VaultError> {
    let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
    let mut recipient = age::scrypt::Recipient::new(SecretString::from(passphrase.expose().to_owned()));
    if let Some(work) = work {
        recipient.set_work_factor(work);
    }
    let encryptor =
        Encryptor::with_recipients(std::iter::once(&recipient as &dyn age::Recipient)).map_err(|e| broken(&e))?;
    let mut sealed = Vec::new();
    let armored = armor::ArmoredWriter::wrap_output(&mut sealed, armor::Format::AsciiArmor).map_err(|e| broken(&e))?;
    let mut writer = encryptor.wrap_output(armored).map_err(|e| broken(&e))?;
    writer.write_all(clear).map_err(|e| broken(&e))?;
    writer.finish().and_then(|a| a.finish()).map_err(|e| broken(&e))?;
    String::from_utf8(sealed).map_err(|e| broken(&e))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// `WrongPassphrase`; `Sealed` for anything that is damaged or no such file.
pub(super) fn unseal(sealed: &[u8], passphrase: &Secret) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let broken = |e: &dyn std::fmt::Display| VaultError::Sealed(e.to_string());
    let decryptor = Decryptor::new(armor::ArmoredReader::new(sealed)).map_err(|e| broken(&e))?;
    if !decryptor.is_scrypt() {
        return Err(broken(&"it is not sealed with a passphrase"));
    }
    let mut identity = age::scrypt::Identity::new(SecretString::from(passphrase.expose().to_owned()));
    // A file from elsewhere may not make us work for minutes, nor take more than a GiB.
    identity.set_max_work_factor(MOST_WORK);
    let mut clear = Zeroizing::new(Vec::new());
    decryptor
        .decrypt(std::iter::once(&identity as &dyn age::Identity))
        .map_err(|e| match e {
            age::DecryptError::DecryptionFailed
            | age::DecryptError::NoMatchingKeys
            | age::DecryptError::KeyDecryptionFailed => VaultError::WrongPassphrase,
            other => broken(&other),
        })?
        .read_to_end(&mut clear)
        .map_err(|e| broken(&e))?;
    Ok(clear)
}
