//! The machine's own key for answers that commands need again. It is no part of the vault: who has only keys in the
//! environment has no vault, and looking something up must not ask for a passphrase. It guards copies of the store
//! that leave this machine without the file beside it, and it makes names that say nothing of what they were made from.

use std::io;
use std::path::Path;
use std::sync::Arc;

use hmac::{Hmac, Mac};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::world::{files, random};

/// The key's file in the state folder: 32 random bytes.
const FILE: &str = "cache.key";
/// Bytes of the key.
const KEY: usize = 32;

/// Seals, opens and names what is kept; clones share the key.
#[derive(Clone)]
pub struct Shelf(Arc<Zeroizing<[u8; KEY]>>);

impl std::fmt::Debug for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shelf")
    }
}

impl Shelf {
    /// The key in this folder, made when there is none.
    ///
    /// # Errors
    /// The file is not ours alone, is no key, or cannot be written.
    pub fn open(dir: &Path) -> io::Result<Self> {
        match Self::there(dir) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                files::private_dir(dir)?;
                let fresh = Zeroizing::new(random::bytes::<KEY>()?);
                match files::create_private(&dir.join(FILE), fresh.as_ref()) {
                    Ok(()) => Ok(Self(Arc::new(fresh))),
                    // Another process was first.
                    Err(e) if e.kind() == io::ErrorKind::AlreadyExists => Self::there(dir),
                    Err(e) => Err(e),
                }
            }
            there => there,
        }
    }

    /// The key in this folder; for whoever only opens.
    ///
    /// # Errors
    /// As [`Self::open`], and `NotFound` where there is none.
    pub fn there(dir: &Path) -> io::Result<Self> {
        let path = dir.join(FILE);
        let there = Zeroizing::new(files::read_private(&path, KEY as u64)?);
        let key: [u8; KEY] = there.as_slice().try_into().map_err(|_| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{} is no key of monster's", path.display()))
        })?;
        Ok(Self(Arc::new(Zeroizing::new(key))))
    }

    /// A name for what these parts tell; nobody without the key can guess parts from it. 32 hexadecimal digits.
    #[must_use]
    pub fn name(&self, parts: &[&[u8]]) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.as_slice()) else { return String::new() };
        for part in parts {
            // With its length before it, so that two lists never run into the same text.
            mac.update(&(part.len() as u64).to_le_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().iter().take(16).map(|b| format!("{b:02x}")).collect()
    }

    /// Seals `clear` for the place called `name`.
    ///
    /// # Errors
    /// The system gives no randomness.
    pub fn seal(&self, name: &str, clear: &[u8]) -> io::Result<Vec<u8>> {
        let nonce = random::bytes::<NONCE_LEN>()?;
        let mut body = clear.to_vec();
        let key = self.key().ok_or_else(|| io::Error::other("the key cannot be used"))?;
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(name.as_bytes()), &mut body)
            .map_err(|_| io::Error::other("it cannot be sealed"))?;
        Ok([nonce.as_slice(), &body].concat())
    }

    /// Opens what lies at `name`; `None` when another key sealed it, it was changed, or it is another place's.
    #[must_use]
    pub fn unseal(&self, name: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let clear = self.key()?.open_in_place(nonce, Aad::from(name.as_bytes()), &mut body).ok()?;
        Some(clear.to_vec())
    }

    fn key(&self) -> Option<LessSafeKey> {
        UnboundKey::new(&CHACHA20_POLY1305, self.0.as_slice()).ok().map(LessSafeKey::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_at_its_own_place_with_its_own_key_only() {
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (shelf, other) = (Shelf::open(here.path()).unwrap(), Shelf::open(there.path()).unwrap());
        let sealed = shelf.seal("a", b"an answer").unwrap();
        assert!(!sealed.windows(6).any(|w| w == b"answer"), "nothing of it can be read");
        assert_eq!(Shelf::open(here.path()).unwrap().unseal("a", &sealed).as_deref(), Some(&b"an answer"[..]));
        assert_eq!(shelf.unseal("b", &sealed), None, "put in another's place");
        assert_eq!(other.unseal("a", &sealed), None, "another machine's key");
        for n in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[n] ^= 1;
            assert_eq!(shelf.unseal("a", &changed), None, "byte {n}");
        }
        assert_eq!(shelf.unseal("a", b"short"), None);
    }

    #[test]
    fn who_only_opens_makes_no_key() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Shelf::there(dir.path()).unwrap_err().kind(), io::ErrorKind::NotFound);
        assert!(!dir.path().join(FILE).exists());
        let sealed = Shelf::open(dir.path()).unwrap().seal("a", b"an answer").unwrap();
        assert!(Shelf::there(dir.path()).unwrap().unseal("a", &sealed).is_some());
    }

    #[test]
    fn names_are_stable_and_no_two_lists_share_one() {
        let dir = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(dir.path()).unwrap();
        let name = |parts: &[&[u8]]| shelf.name(parts);
        assert_eq!(name(&[b"a", b"b"]), Shelf::open(dir.path()).unwrap().name(&[b"a", b"b"]));
        assert_ne!(name(&[b"ab"]), name(&[b"a", b"b"]));
        assert_ne!(name(&[b"a", b""]), name(&[b"a"]));
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_private_and_one_that_others_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        Shelf::open(dir.path()).unwrap();
        let path = dir.path().join(FILE);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        assert!(Shelf::open(dir.path()).is_err());
        std::fs::remove_file(&path).unwrap();
        files::replace(&path, b"short", 0o600).unwrap();
        assert!(Shelf::open(dir.path()).unwrap_err().to_string().contains("no key of monster's"));
    }
}
