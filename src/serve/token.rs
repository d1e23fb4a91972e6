//! The token that opens the house's own interface over TCP: 256 random bits, in a private file of the state folder. It is
//! no caller's key and asks no model; a caller's key opens nothing of the house.

use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::model::Secret;
use crate::world::{files, random};

/// The file's name in the state folder.
const FILE: &str = "serve.token";
/// A token of ours begins with this, so that people and scanners know one where they see it.
const PREFIX: &str = "ma_";
/// And is so long: 32 bytes in base64 behind the prefix.
const LENGTH: usize = PREFIX.len() + 43;
/// What is larger is no file of ours (bytes).
const LONGEST: u64 = 1_024;

/// Where the token lies. It is read anew whenever it is asked for: another one holds at once, in every process.
#[derive(Debug, Clone)]
pub struct Token {
    path: PathBuf,
}

impl Token {
    /// In this folder; nothing is read yet.
    #[must_use]
    pub fn at(dir: &Path) -> Self {
        Self { path: dir.join(FILE) }
    }

    /// The file it lies in.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The token.
    ///
    /// # Errors
    /// As [`files::read_private`]: `NotFound` before one was made, `PermissionDenied` where others can read it too;
    /// `InvalidData` for what is no token of ours.
    pub fn read(&self) -> io::Result<Secret> {
        let bytes = files::read_private(&self.path, LONGEST)?;
        let text = String::from_utf8(bytes).unwrap_or_default();
        let token = Secret::new(text.trim().to_owned());
        let ours = text.trim().len() == LENGTH && text.starts_with(PREFIX) && token.is_word();
        let what = || format!("{} holds no token; make another with: monster serve token --new", self.path.display());
        if ours { Ok(token) } else { Err(io::Error::new(io::ErrorKind::InvalidData, what())) }
    }

    /// The token; it is made where there is none.
    ///
    /// # Errors
    /// As [`Self::read`], and what writing gives.
    pub fn made(&self) -> io::Result<Secret> {
        match self.read() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        if let Some(dir) = self.path.parent() {
            files::private_dir(dir)?;
        }
        match files::create_private(&self.path, format!("{}\n", draw()?).as_bytes()) {
            // Another process was first: its own counts.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ => self.read(),
        }
    }

    /// Another one in its place: the one before opens nothing any more.
    ///
    /// # Errors
    /// What writing gives.
    pub fn renew(&self) -> io::Result<Secret> {
        if let Some(dir) = self.path.parent() {
            files::private_dir(dir)?;
        }
        files::replace(&self.path, format!("{}\n", draw()?).as_bytes(), 0o600)?;
        self.read()
    }
}

fn draw() -> io::Result<String> {
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(random::bytes::<32>()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_kept_privately_and_another_takes_its_place() {
        let dir = tempfile::tempdir().unwrap();
        let token = Token::at(&dir.path().join("state"));
        assert_eq!(token.read().unwrap_err().kind(), io::ErrorKind::NotFound);
        let first = token.made().unwrap();
        assert_eq!(token.made().unwrap(), first);
        assert_eq!(files::mode(token.path()).unwrap().map(|mode| mode & 0o777), Some(0o600).filter(|_| cfg!(unix)));
        let second = token.renew().unwrap();
        assert!(first != second && token.made().unwrap() == second);
        assert!(!format!("{token:?} {second:?}").contains(PREFIX));
    }

    #[test]
    fn a_file_that_holds_something_else_opens_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let token = Token::at(dir.path());
        for text in
            ["", "\n", "ma_", "ma_short\n", &format!("mk_{}", "a".repeat(43)), &format!("ma_{}\nx", "a".repeat(43))]
        {
            files::replace(token.path(), text.as_bytes(), 0o600).unwrap();
            let error = token.made().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{text:?}");
            assert!(error.to_string().contains("monster serve token --new"), "{error}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn one_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let token = Token::at(dir.path());
        token.made().unwrap();
        let text = files::read_bounded(token.path(), LONGEST).unwrap();
        files::replace(token.path(), &text, 0o644).unwrap();
        assert_eq!(token.read().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
        // Making another mends it.
        assert!(token.renew().is_ok() && token.read().is_ok());
    }
}
