//! The sealed file, its slots and what an import reads, as somebody else may have written them: an error, never a panic.
#![no_main]

use std::io::Write;

use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::vault::ancestor::{self, Machine};
use monster::vault::{Keep, Kind, Nobody, Vault, unpack};
use monster::world::{Env, files};
use sha2::Sha256;

/// A list whose one slot opens: what lies behind it is reached, too.
const OPEN: &str = "slots.json.open";

fuzz_target!(|data: &[u8]| {
    // In memory where there is such a place: each run writes files and has them on disk.
    let memory = std::path::Path::new("/dev/shm");
    let place = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
    let dir = place.join(format!("monster-fuzz-vault-{}", std::process::id()));
    if files::private_dir(&dir).is_err() {
        return;
    }
    let env = Env::fixed::<&str, &str>([], &dir);
    let vault = Vault::at(&dir, &env);
    let Some((kind, data)) = data.split_first() else { return };
    let put = |name: &str, content: &[u8]| files::replace(&dir.join(name), content, 0o600).is_ok();
    let cut = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (first, second) = data.split_at(cut);
    // Half of the time the frame is right already, and what is in it counts.
    let framed = kind / 5 % 2 == 1;
    let frame = |before: &str, content: &[u8], after: &str| {
        if framed { [before.as_bytes(), content, after.as_bytes()].concat() } else { content.to_vec() }
    };
    match kind % 5 {
        // The list of slots, and any file.
        0 => {
            if put("slots.json", &frame("{\"version\":1,\"slots\":[{\"name\":\"a\",", first, "}]}"))
                && put("accounts.age", second)
            {
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
            if open_list(&vault, &dir)
                && put("accounts.age", &sealed(&vault, &frame("{\"generation\":1,\"accounts\":[{", data, "}]}")))
            {
                drop(vault.open(&Nobody, &|_| 0));
            }
        }
        // An export as it lies on disk, and what is in it.
        3 => {
            assert!(unpack(data, &Secret::new("p".to_owned())).is_err(), "nobody can seal without the passphrase");
            let mut passphrase = age::scrypt::Recipient::new("p".to_owned().into());
            passphrase.set_work_factor(1);
            let content = frame("monster export 1\n{\"accounts\":[{", data, "}]}");
            drop(unpack(&encrypted(&passphrase, &content), &Secret::new("p".to_owned())));
        }
        // The ancestor's files.
        _ => {
            if put("auth-monster-accounts.json", &frame("[{\"id\":\"a\",", first, "}]"))
                && put(
                    "auth-monster-secrets.json",
                    &frame("{\"apiKey:a\":\"", second.get(1..).unwrap_or_default(), "\"}"),
                )
            {
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
