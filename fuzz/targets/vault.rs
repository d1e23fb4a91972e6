//! The sealed file and its slots as somebody else may have written them: an error, never a panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use monster::model::Secret;
use monster::vault::{Ask, Vault};
use monster::world::{Env, files};

struct Nobody;

impl Ask for Nobody {
    fn interactive(&self) -> bool {
        false
    }

    fn passphrase(&self, _: &str, _: bool) -> Option<Secret> {
        None
    }
}

fuzz_target!(|data: &[u8]| {
    let dir = std::env::temp_dir().join(format!("monster-fuzz-vault-{}", std::process::id()));
    if files::private_dir(&dir).is_err() {
        return;
    }
    let cut = data.iter().position(|b| *b == 0).unwrap_or(data.len());
    let (slots, sealed) = data.split_at(cut);
    for (name, content) in [("slots.json", slots), ("accounts.age", sealed)] {
        if files::replace(&dir.join(name), content, 0o600).is_err() {
            return;
        }
    }
    let env = Env::fixed::<&str, &str>([], &dir);
    let vault = Vault::at(&dir, &env);
    drop(vault.slots());
    assert!(vault.open(&Nobody, &|_| 0).is_err(), "nobody can seal without the identity");
});
