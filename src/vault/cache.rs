//! An unlocked identity, kept for a while by the Linux kernel: a hook on a machine without a desktop neither asks nor
//! falls silent. Off unless the user chose a time.

use std::sync::Arc;
use std::time::Duration;

use crate::model::Secret;

/// What keeps a secret for a time: the kernel, or a script in tests. An error is half a sentence.
pub(super) trait Shelf: Send + Sync {
    /// Keeps a secret under `name` for so long.
    fn put(&self, name: &str, secret: &Secret, life: Duration) -> Result<(), String>;
    /// The secret under `name`, if it is still there.
    fn get(&self, name: &str) -> Option<Secret>;
    /// Forgets `name`; whether there was something.
    fn forget(&self, name: &str) -> Result<bool, String>;
}

/// A shelf, and how long things stay there; zero = it is not used.
#[derive(Clone)]
pub(super) struct Cache {
    shelf: Arc<dyn Shelf>,
    pub(super) life: Duration,
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cache({:?})", self.life)
    }
}

impl Cache {
    /// The kernel's, not used yet.
    pub(super) fn system() -> Self {
        Self { shelf: Arc::new(system::Kernel), life: Duration::ZERO }
    }

    /// Another shelf.
    #[cfg(test)]
    pub(super) fn scripted(shelf: Arc<dyn Shelf>, life: Duration) -> Self {
        Self { shelf, life }
    }

    /// Keeps the identity of the vault of that id.
    pub(super) fn put(&self, id: &str, identity: &Secret) -> Result<(), String> {
        if self.life.is_zero() { Ok(()) } else { self.shelf.put(&name(id), identity, self.life) }
    }

    /// The identity of the vault of that id.
    pub(super) fn get(&self, id: &str) -> Option<Secret> {
        if self.life.is_zero() { None } else { self.shelf.get(&name(id)) }
    }

    /// Forgets it, also when nothing is kept from now on.
    pub(super) fn forget(&self, id: &str) -> Result<bool, String> {
        self.shelf.forget(&name(id))
    }
}

fn name(id: &str) -> String {
    format!("monster:{id}")
}

#[cfg(target_os = "linux")]
mod system {
    use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};
    use zeroize::Zeroizing;

    use super::{Duration, Secret, Shelf};

    /// The user's keyring.
    pub(super) struct Kernel;

    impl Shelf for Kernel {
        fn put(&self, name: &str, secret: &Secret, life: Duration) -> Result<(), String> {
            let ring = ring().map_err(told)?;
            let key = ring.add_key(name, secret.expose()).map_err(told)?;
            let seconds = usize::try_from(life.as_secs().max(1)).unwrap_or(usize::MAX);
            key.set_timeout(seconds).map_err(|error| {
                // A key that never goes away is not what the user chose.
                let _ = ring.unlink_key(key);
                told(error)
            })
        }

        fn get(&self, name: &str) -> Option<Secret> {
            let bytes = Zeroizing::new(ring().ok()?.search(name).ok()?.read_to_vec().ok()?);
            Some(Secret::new(std::str::from_utf8(&bytes).ok()?.to_owned()))
        }

        fn forget(&self, name: &str) -> Result<bool, String> {
            let gone =
                |e: &KeyError| matches!(e, KeyError::KeyDoesNotExist | KeyError::KeyExpired | KeyError::KeyRevoked);
            match ring().and_then(|ring| ring.search(name)) {
                Ok(key) => key.invalidate().map(|()| true).map_err(told),
                Err(error) if gone(&error) => Ok(false),
                Err(error) => Err(told(error)),
            }
        }
    }

    /// The user's keyring, possessed through this thread's: a session that was started without PAM has no link to it,
    /// and then its keys could be seen and not read.
    fn ring() -> Result<KeyRing, KeyError> {
        KeyRing::from_special_id(KeyRingIdentifier::Thread, true)?.link_keyring_id(KeyRingIdentifier::User)?;
        KeyRing::from_special_id(KeyRingIdentifier::User, true)
    }

    fn told(error: KeyError) -> String {
        format!("the kernel's keyring refused ({error:?})")
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Duration, Secret, Shelf};

    /// There is none.
    pub(super) struct Kernel;

    impl Shelf for Kernel {
        fn put(&self, _: &str, _: &Secret, _: Duration) -> Result<(), String> {
            Err("only Linux keeps such things in its kernel".to_owned())
        }

        fn get(&self, _: &str) -> Option<Secret> {
            None
        }

        fn forget(&self, _: &str) -> Result<bool, String> {
            Ok(false)
        }
    }
}
