//! What the sealed file promises, and what it does when it cannot keep it.

mod ancestor;
mod cache;
mod damage;
mod door;
mod holders;
mod portable;
#[cfg(unix)]
mod private;
mod recipient;
mod rekey;
mod sealing;
mod slotting;
mod together;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tempfile::TempDir;

use super::keychain::{Keychain, Ring};
use super::{Account, Ask, Keep, Opened, Vault, VaultError};
use crate::model::Secret;
use crate::world::{Clock, Env, files};

/// A vault in a folder of its own, with quick passphrases and a scripted keychain.
struct Desk {
    dir: TempDir,
    vault: Vault,
    ring: Arc<Script>,
}

impl Desk {
    fn new() -> Self {
        Self::with(&[])
    }

    fn with(vars: &[(&str, &Path)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let env = Env::fixed(vars.iter().map(|(k, v)| (*k, v.display().to_string())), dir.path());
        let ring = Arc::new(Script::default());
        let mut vault = Vault::at(&dir.path().join("monster"), &env);
        vault.work = Some(1);
        vault.machine = Some("0123456789abcdef0123456789abcdef".to_owned());
        vault.keychain = Keychain::scripted(Arc::clone(&ring) as Arc<dyn Ring>, Duration::from_secs(60));
        Self { dir, vault, ring }
    }

    /// A vault in plain text: what most tests are about does not depend on the holder.
    fn made() -> Self {
        let desk = Self::new();
        desk.vault.create(&Keep::Plaintext, &Nobody).unwrap();
        desk
    }

    fn open(&self) -> Result<Opened, VaultError> {
        self.vault.open(&Nobody, &|_| 0)
    }

    /// As [`Self::open`], by somebody who has met this generation.
    fn open_after(&self, seen: u64) -> Result<Opened, VaultError> {
        self.vault.open(&Nobody, &move |_| seen)
    }

    fn put(&self, name: &str) {
        self.open().unwrap().put(account(name)).unwrap();
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.vault.dir.join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        files::replace(&self.path(name), bytes, 0o600).unwrap();
    }

    fn names(&self) -> Vec<String> {
        names(&self.open().unwrap())
    }

    /// What lies in the vault's folder.
    fn listing(&self) -> Vec<String> {
        let mut out: Vec<String> = std::fs::read_dir(&self.vault.dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        out.sort();
        out
    }
}

fn names(opened: &Opened) -> Vec<String> {
    opened.accounts().iter().map(|a| a.name.clone()).collect()
}

fn key(name: &str) -> String {
    ["sk", "proj", &name.repeat(12)].join("-")
}

fn account(name: &str) -> Account {
    let clock = Clock::fixed("2026-11-24T12:00:00Z".parse().unwrap());
    Account::api_key(name, "openai", "openai", Secret::new(key(name)), &clock)
}

/// Off a terminal.
struct Nobody;

impl Ask for Nobody {
    fn interactive(&self) -> bool {
        false
    }

    fn passphrase(&self, question: &str, _: bool) -> Option<Secret> {
        panic!("nobody is there to be asked: {question}")
    }
}

/// Somebody who is there and must not be asked.
struct Patience;

impl Ask for Patience {
    fn interactive(&self) -> bool {
        true
    }

    fn passphrase(&self, question: &str, _: bool) -> Option<Secret> {
        panic!("asked without need: {question}")
    }
}

/// Somebody who always types this.
struct Types(&'static str);

impl Ask for Types {
    fn interactive(&self) -> bool {
        true
    }

    fn passphrase(&self, _: &str, _: bool) -> Option<Secret> {
        Some(Secret::new(self.0.to_owned()))
    }
}

/// How a scripted keychain behaves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mood {
    #[default]
    Works,
    Refuses,
    Hangs,
    Forgets,
    Lies,
    Breaks,
}

/// A keychain that does as it is told.
#[derive(Default)]
struct Script {
    entries: Mutex<BTreeMap<String, String>>,
    mood: Mutex<Mood>,
}

impl Script {
    fn turn(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
    }

    fn entries(&self) -> usize {
        self.entries.lock().unwrap().len()
    }

    fn mood(&self) -> Result<Mood, String> {
        let mood = *self.mood.lock().unwrap();
        match mood {
            Mood::Refuses => Err("the keychain is locked or not set up (scripted)".to_owned()),
            Mood::Breaks => panic!("a scripted keychain broke, as it was told to"),
            Mood::Hangs => loop {
                std::thread::park();
            },
            mood => Ok(mood),
        }
    }
}

impl Ring for Script {
    fn put(&self, entry: &str, secret: &Secret) -> Result<(), String> {
        self.mood()?;
        self.entries.lock().unwrap().insert(entry.to_owned(), secret.expose().to_owned());
        Ok(())
    }

    fn get(&self, entry: &str) -> Result<Secret, String> {
        match self.mood()? {
            Mood::Forgets => Err("the keychain does not have the entry of these accounts".to_owned()),
            Mood::Lies => Ok(Secret::new("something else".to_owned())),
            _ => self
                .entries
                .lock()
                .unwrap()
                .get(entry)
                .map(|text| Secret::new(text.clone()))
                .ok_or_else(|| "the keychain does not have the entry of these accounts".to_owned()),
        }
    }

    fn forget(&self, entry: &str) -> Result<(), String> {
        self.entries.lock().unwrap().remove(entry);
        Ok(())
    }
}

/// Nobody renews anything here.
fn still(_: &[Account]) -> Result<Box<dyn std::any::Any>, VaultError> {
    Ok(Box::new(()))
}
