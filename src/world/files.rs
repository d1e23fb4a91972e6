//! The door to files that must be private and whole: 0600 at open, no symlinks, replaced atomically.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Creates a folder that only its owner can enter, parents included.
///
/// # Errors
/// The file system's own.
pub fn private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(dir)
}

/// Opens a file for reading and writing, made 0600 if it is new; refuses to follow a symlink.
///
/// # Errors
/// `InvalidInput` for a symlink; otherwise the file system's own.
pub fn open_private(path: &Path) -> io::Result<File> {
    refuse_symlink(path)?;
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(path)
}

/// Reads a file that holds secrets: refuses symlinks, foreign owners and files that others can read.
///
/// # Errors
/// `PermissionDenied` with what is wrong and the command that mends it; `NotFound`; `InvalidData` beyond `limit` bytes.
pub fn read_private(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    refuse_symlink(path)?;
    let file = File::open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let meta = file.metadata()?;
        if !meta.is_file() {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{} is not a plain file", path.display()),
            ));
        }
        if meta.mode() & 0o077 != 0 {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{} can be read by others; run: chmod 600 {}", path.display(), path.display()),
            ));
        }
        if meta.uid() != own_uid()? {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                format!("{} belongs to another user", path.display()),
            ));
        }
    }
    read_limited(file, limit, path)
}

/// Reads at most `limit` bytes of any file.
///
/// # Errors
/// `InvalidData` when it is larger; otherwise the file system's own.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    read_limited(File::open(path)?, limit, path)
}

fn read_limited(file: File, limit: u64, path: &Path) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut out)?;
    if out.len() as u64 > limit {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("{} is larger than {limit} bytes", path.display()),
        ));
    }
    Ok(out)
}

/// Replaces a file's content so that a crash leaves the old or the new, never neither: temporary file in
/// the same folder, fsync, rename, fsync of the folder. `mode` is the new file's permission bits (Unix).
///
/// # Errors
/// The file system's own; the old content is then untouched.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let dir = path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
    let temp = temp_name(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let written = (|| {
        let mut file = options.open(&temp)?;
        // The umask may have taken bits away.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        file.write_all(content)?;
        file.sync_all()?;
        drop(file);
        std::fs::rename(&temp, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&temp);
    }
    written?;
    sync_dir(dir)
}

/// Makes a rename in `dir` durable, where the platform has such a thing.
///
/// # Errors
/// The file system's own.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(dir)?.sync_all() } else { Ok(()) }
}

/// The user id that owns files we make now.
///
/// # Errors
/// When the process's own entry cannot be read.
#[cfg(unix)]
pub fn own_uid() -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    // Linux: the owner of our own process entry is our effective user id. Elsewhere: of our home.
    if let Ok(meta) = std::fs::metadata("/proc/self") {
        return Ok(meta.uid());
    }
    let probe = std::env::temp_dir().join(format!("monster-uid-{}", std::process::id()));
    let meta = OpenOptions::new().write(true).create(true).truncate(true).open(&probe)?.metadata()?;
    let _ = std::fs::remove_file(&probe);
    Ok(meta.uid())
}

fn refuse_symlink(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_symlink() => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("{} is a symbolic link; it is not followed", path.display()),
        )),
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
    }
}

fn temp_name(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let tail: String = super::random::bytes::<6>()?.iter().map(|b| format!("{b:02x}")).collect();
    let mut temp = std::ffi::OsString::from(".");
    temp.push(name);
    temp.push(format!(".{tail}.tmp"));
    Ok(path.with_file_name(temp))
}
