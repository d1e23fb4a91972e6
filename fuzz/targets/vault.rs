//! The sealed file, its slots and what an import reads, as somebody else may have written them: an error, never a panic.
#![no_main]

use std::io::Write;

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::vault::ancestor::{self, Machine};
use monster::vault::{Ask, Keep, Kind, Vault, unpack};
use monster::world::{Env, files};
use sha2::Sha256;

struct Nobody;

impl Ask for Nobody {
    fn interactive(&self) -> bool {
        false
    }

    fn passphrase(&self, _: &str, _: bool) -> Option<Secret> {
        None
    }
}

/// A list whose one slot opens: what lies behind it is reached, too.
const OPEN: &str = "slots.json.open";

fuzz_target!(|data: &[u8]| {
    let dir = std::env::temp_dir().join(format!("monster-fuzz-vault-{}", std::process::id()));
    if files::private_dir(&dir).is_err() {
        return;
    }
    let env = Env::fixed::<&str, &str>([], &dir);
    let vault = Vault::at(&dir, &env);
    let Some((kind, data)) = data.split_first() else { return };
    let put = |name: &str, content: &[u8]| files::replace(&dir.join(name), content, 0o600).is_ok();
    let cut = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (first, second) = data.split_at(cut);
    match kind % 5 {
        // The list of slots, and any file.
        0 => {
            if put("slots.json", first) && put("accounts.age", second) {
                drop(vault.slots());
                assert!(vault.open(&Nobody, &|_| 0).is_err(), "nobody can seal without the identity");
            }
        }
        // A file before an identity that opens.
        1 => {
            if open_list(&vault, &dir) && put("accounts.age", data) {
                assert!(vault.open(&Nobody, &|_| 0).is_err(), "nobody can seal without the identity");
            }
        }
        // What is sealed, written by somebody who knows the identity.
        2 => {
            if open_list(&vault, &dir) && put("accounts.age", &sealed(&vault, data)) {
                drop(vault.open(&Nobody, &|_| 0));
            }
        }
        // An export as it lies on disk, and what is in it.
        3 => {
            assert!(unpack(data, &Secret::new("p".to_owned())).is_err(), "nobody can seal without the passphrase");
            let mut passphrase = age::scrypt::Recipient::new("p".to_owned().into());
            passphrase.set_work_factor(1);
            drop(unpack(&encrypted(&passphrase, data), &Secret::new("p".to_owned())));
        }
        // The ancestor's files.
        _ => {
            if put("auth-monster-accounts.json", first) && put("auth-monster-secrets.json", second) {
                let machine = Machine { host: "box".to_owned(), ..Machine::default() };
                drop(ancestor::read(&dir, &machine));
            }
        }
    }
});

/// The payload as the vault seals it: magic, mark, content.
fn sealed(vault: &Vault, content: &[u8]) -> Vec<u8> {
    let slots = vault.slots().unwrap_or_default();
    let Some(Kind::Plaintext { identity }) = slots.first().map(|s| &s.kind) else { return Vec::new() };
    let mut key = [0_u8; 32];
    let derived = Hkdf::<Sha256>::new(None, identity.as_bytes());
    derived.expand(b"monster accounts authenticity 1", &mut key).unwrap();
    let mut mark = <Hmac<Sha256> as Mac>::new_from_slice(&key).unwrap();
    mark.update(content);
    let mark = mark.finalize().into_bytes();
    let clear = [b"monster accounts 1\n", &mark[..], content].concat();
    encrypted(&identity.parse::<age::x25519::Identity>().unwrap().to_public(), &clear)
}

fn encrypted(recipient: &dyn age::Recipient, clear: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let encryptor = age::Encryptor::with_recipients(std::iter::once(recipient)).unwrap();
    let mut writer = encryptor.wrap_output(&mut out).unwrap();
    writer.write_all(clear).unwrap();
    writer.finish().unwrap();
    out
}

/// Puts a list into place whose slot opens; it is made once.
fn open_list(vault: &Vault, dir: &std::path::Path) -> bool {
    let kept = dir.join(OPEN);
    if !kept.exists() {
        for name in ["accounts.age", "accounts.age.bak"] {
            drop(std::fs::remove_file(dir.join(name)));
        }
        if vault.create(&Keep::Plaintext, &Nobody).is_err() {
            return false;
        }
        return std::fs::copy(dir.join("slots.json"), kept).is_ok();
    }
    std::fs::copy(&kept, dir.join("slots.json")).is_ok()
}
