//! A door with a name and no file: a named pipe on Windows; on Linux a socket of the abstract namespace, which is the
//! same code, and where it was tried. Only the user who opened it comes in.

use std::io;

use interprocess::local_socket::tokio::{Listener, Stream};
use interprocess::local_socket::traits::StreamCommon as _;
use interprocess::local_socket::traits::tokio::{Listener as _, Stream as _};
use interprocess::local_socket::{GenericNamespaced, ListenerOptions, ToNsName as _};

/// Listens at a name.
///
/// # Errors
/// It is taken, or no name of this system's.
pub(super) fn open(name: &str) -> io::Result<Listener> {
    let options = ListenerOptions::new().name(name.to_ns_name::<GenericNamespaced>()?);
    #[cfg(windows)]
    let options = {
        use interprocess::os::windows::local_socket::ListenerOptionsExt as _;
        use interprocess::os::windows::security_descriptor::SecurityDescriptor;
        // The owner and nobody else: by default everybody may read.
        options.security_descriptor(SecurityDescriptor::deserialize(widestring::u16cstr!("D:P(A;;GA;;;OW)"))?)
    };
    options.create_tokio()
}

/// The process that listens at a name, where the system tells it.
pub(super) async fn holder(name: &str) -> Option<u32> {
    let stream = Stream::connect(name.to_ns_name::<GenericNamespaced>().ok()?).await.ok()?;
    stream.peer_creds().ok()?.pid().and_then(|process| process.try_into().ok())
}

/// The next caller.
///
/// # Errors
/// `PermissionDenied` for another user; the system's.
pub(super) async fn accept(door: &Listener) -> io::Result<Stream> {
    let stream = door.accept().await?;
    #[cfg(unix)]
    if !stream.peer_creds()?.euid().is_some_and(crate::world::files::own) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    Ok(stream)
}
