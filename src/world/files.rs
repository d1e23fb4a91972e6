//! The door to files that must be private and whole: 0600 at open, no symlinks, replaced atomically.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// Creates a folder that only its owner can enter, parents included. One that is there already stays as it is.
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

/// Refuses a folder in which somebody else could replace our files.
///
/// # Errors
/// `PermissionDenied` with what is wrong and the command that mends it; `NotFound`.
pub fn check_dir(dir: &Path) -> io::Result<()> {
    let meta = std::fs::metadata(dir)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        refuse_foreign(&meta, dir)?;
        if meta.mode() & 0o022 != 0 {
            return Err(denied(format!("others can write in {0}; run: chmod go-w {0}", dir.display())));
        }
    }
    if meta.is_dir() { Ok(()) } else { Err(denied(format!("{} is no folder", dir.display()))) }
}

/// Takes from others the right to write in a folder, if it is ours.
///
/// # Errors
/// The file system's own.
pub fn close_dir(dir: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let meta = std::fs::metadata(dir)?;
        if meta.uid() == own_uid()? && meta.mode() & 0o022 != 0 {
            std::fs::set_permissions(dir, std::fs::Permissions::from_mode(meta.mode() & 0o7755))?;
        }
    }
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

/// Opens a file for reading and writing, made 0600 if it is new; refuses symlinks, foreign owners and files that
/// others can read.
///
/// # Errors
/// As [`read_private`].
pub fn open_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true);
    match open_plain(path, &options) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => {}
        there => return there.and_then(|file| check_private(&file, path).map(|()| file)),
    }
    match private(options.create_new(true)).open(path) {
        // Another process was first.
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
            let file = open_plain(path, OpenOptions::new().read(true).write(true))?;
            check_private(&file, path).map(|()| file)
        }
        made => made,
    }
}

/// Reads a file that holds secrets: refuses symlinks, foreign owners and files that others can read.
///
/// # Errors
/// `PermissionDenied` with what is wrong and the command that mends it; `InvalidInput` for what is no plain file;
/// `NotFound`; `InvalidData` beyond `limit` bytes.
pub fn read_private(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_plain(path, OpenOptions::new().read(true))?;
    check_private(&file, path)?;
    read_limited(file, limit, path)
}

/// Makes a 0600 file that is not there yet, and has it on disk: whole or not at all, also after a crash.
///
/// # Errors
/// `AlreadyExists`; otherwise the file system's own, and nothing is left behind.
pub fn create_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let temp = temp_name(path)?;
    fill_new(&temp, content)?;
    // A name beside the first, not another name for it: that would take the place of what stands there.
    let linked = std::fs::hard_link(&temp, path);
    let removed = std::fs::remove_file(&temp);
    match linked {
        Err(e) if e.kind() == io::ErrorKind::AlreadyExists => return Err(e),
        // Some file systems know no second names.
        Err(_) => fill_new(path, content)?,
        Ok(()) => removed?,
    }
    sync_dir(parent(path))
}

/// A new 0600 file with its content on disk.
fn fill_new(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Reads at most `limit` bytes of a plain file; a pipe or a device could keep us waiting for ever.
///
/// # Errors
/// `InvalidData` when it is larger; `InvalidInput` when it is no plain file; otherwise the file system's own.
pub fn read_bounded(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    refuse_other(&std::fs::metadata(path)?, path)?;
    read_limited(File::open(path)?, limit, path)
}

/// Reads to its end what comes out of a pipe with a name, such as a shell's `<(…)`; `None` where there is none.
///
/// # Errors
/// `InvalidData` beyond `limit` bytes; otherwise the file system's own.
pub fn read_pipe(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if std::fs::metadata(path).is_ok_and(|meta| meta.file_type().is_fifo()) {
            return read_limited(File::open(path)?, limit, path).map(Some);
        }
    }
    Ok(None)
}

/// Reads a plain file of ours that need not be private; follows no symlink.
///
/// # Errors
/// As [`read_private`], but for what others may read.
pub fn read_own(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = open_plain(path, OpenOptions::new().read(true))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if file.metadata()?.uid() != own_uid()? {
            return Err(denied(format!("{} belongs to another user", path.display())));
        }
    }
    read_limited(file, limit, path)
}

/// Overwrites a file with zeros and removes it. What a disk keeps of overwritten blocks is its own affair.
///
/// # Errors
/// The file system's own.
pub fn erase(path: &Path) -> io::Result<()> {
    let file = open_plain(path, OpenOptions::new().write(true))?;
    blank(file)?;
    std::fs::remove_file(path)?;
    sync_dir(parent(path))
}

/// Replaces a file as [`replace`] does, and overwrites what it held before with zeros.
///
/// # Errors
/// As [`replace`].
pub fn replace_erasing(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    let old = open_plain(path, OpenOptions::new().write(true))?;
    replace(path, content, mode)?;
    blank(old)
}

fn blank(mut file: File) -> io::Result<()> {
    let length = file.metadata()?.len();
    io::copy(&mut io::repeat(0).take(length), &mut file)?;
    file.sync_all()
}

/// A file's permission bits; `None` where the platform has none.
///
/// # Errors
/// The file system's own.
pub fn mode(path: &Path) -> io::Result<Option<u32>> {
    let meta = std::fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Ok(Some(meta.mode() & 0o7777))
    }
    #[cfg(not(unix))]
    {
        drop(meta);
        Ok(None)
    }
}

/// Reads what another program handed us as an open descriptor (`3< <(pass show …)`), to its end.
///
/// # Errors
/// `NotFound` when it is not open; `InvalidData` beyond `limit` bytes; `Unsupported` where there is no such thing.
pub fn read_descriptor(number: u32, limit: u64) -> io::Result<Vec<u8>> {
    if !cfg!(unix) {
        return Err(io::Error::new(io::ErrorKind::Unsupported, "this platform has no numbered descriptors"));
    }
    if kept_to_ourselves(number) {
        return Err(io::Error::new(io::ErrorKind::NotFound, "it is not open"));
    }
    // The descriptor itself cannot be taken over without unsafe code; the system opens it again under this name.
    let path = PathBuf::from(format!("/dev/fd/{number}"));
    let file = File::open(&path).map_err(|e| match e.kind() {
        io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, "it is not open"),
        _ => e,
    })?;
    read_limited(file, limit, &path)
}

/// A file that we have opened since: ours are closed on exec, so one that was handed to us cannot be.
fn kept_to_ourselves(number: u32) -> bool {
    // Where there is no such list, a number that nobody handed over reads as whatever it is by now.
    let info = std::fs::read_to_string(format!("/proc/self/fdinfo/{number}")).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:")).map(str::trim).unwrap_or_default();
    u32::from_str_radix(flags, 8).is_ok_and(|flags| flags & 0o2_000_000 != 0)
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
/// The file system's own; the old content is then untouched, unless only the last step, making the rename
/// durable, failed.
pub fn replace(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    put(path, content, Some(mode), true)?;
    sync_dir(parent(path))
}

/// Puts a file that a person asked for in its place, whole or not at all. One that is there keeps its mode; a new one gets
/// what the system gives. Neither a link nor anything else that is no plain file is written through.
///
/// # Errors
/// `InvalidInput` for what is no plain file; otherwise the file system's own, and what was there is untouched.
pub fn publish(path: &Path, content: &[u8]) -> io::Result<()> {
    let kept = match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => None,
        Err(e) => return Err(e),
        Ok(meta) => {
            refuse_other(&meta, path)?;
            mode(path)?
        }
    };
    put(path, content, kept, true)?;
    sync_dir(parent(path))
}

/// Whether [`publish`] would write there, as far as what lies there says.
///
/// # Errors
/// As [`publish`].
pub fn publishable(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(e),
        Ok(meta) => refuse_other(&meta, path),
    }
}

/// Makes a folder that others may enter, if there is none; a link to one is refused.
///
/// # Errors
/// `InvalidInput` for a link; otherwise the file system's own.
pub fn folder(path: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(meta) if meta.file_type().is_symlink() => refuse_other(&meta, path),
        _ => std::fs::create_dir_all(path),
    }
}

/// Adds to the end of a plain file that is there already.
///
/// # Errors
/// `NotFound`; `InvalidInput` for what is no plain file; otherwise the file system's own.
pub fn append(path: &Path, content: &[u8]) -> io::Result<()> {
    open_plain(path, OpenOptions::new().append(true))?.write_all(content)
}

/// The place of a plain file below a folder, named by parts that each lead one step down; `None` when one of them does
/// not, or is a link: what is written there would come out elsewhere.
#[must_use]
pub fn below(folder: &Path, name: &Path) -> Option<PathBuf> {
    let mut place = folder.to_owned();
    for part in name.components() {
        let std::path::Component::Normal(part) = part else { return None };
        place.push(part);
        if std::fs::symlink_metadata(&place).ok()?.file_type().is_symlink() {
            return None;
        }
    }
    std::fs::symlink_metadata(&place).ok().filter(Metadata::is_file).map(|_| place)
}

/// Replaces a file's content so that readers find the old or the new, and does not wait for the disk: for what nobody
/// misses after a power cut. `mode` is the new file's permission bits (Unix).
///
/// # Errors
/// The file system's own; the old content is then untouched.
pub fn swap(path: &Path, content: &[u8], mode: u32) -> io::Result<()> {
    put(path, content, Some(mode), false)
}

fn put(path: &Path, content: &[u8], mode: Option<u32>, durable: bool) -> io::Result<()> {
    let temp = temp_name(path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if let Some(mode) = mode {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(mode);
    }
    #[cfg(not(unix))]
    let _ = mode;
    let written = (|| {
        let mut file = options.open(&temp)?;
        // The umask may have taken bits away.
        #[cfg(unix)]
        if let Some(mode) = mode {
            use std::os::unix::fs::PermissionsExt;
            file.set_permissions(std::fs::Permissions::from_mode(mode))?;
        }
        file.write_all(content)?;
        if durable {
            file.sync_all()?;
        }
        drop(file);
        std::fs::rename(&temp, path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&temp);
    }
    written
}

/// Erases what writers of this file left beside it when they were killed. The caller keeps other writers away.
pub fn sweep(path: &Path) {
    let Some(name) = path.file_name().map(|n| n.to_string_lossy().into_owned()) else { return };
    for entry in std::fs::read_dir(parent(path)).into_iter().flatten().flatten() {
        let other = entry.file_name().to_string_lossy().into_owned();
        let tail = other.strip_prefix(&format!(".{name}.")).and_then(|rest| rest.strip_suffix(".tmp"));
        if tail.is_some_and(|t| t.len() == 12 && t.bytes().all(|b| b.is_ascii_hexdigit())) {
            // What cannot be removed is in nobody's way.
            let _ = scrap(&entry.path());
        }
    }
}

/// Removes a temporary file, and overwrites what it held unless another name leads there: its writer may just have put
/// it into its place ([`create_private`]).
fn scrap(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let file = open_plain(path, OpenOptions::new().write(true))?;
        // The name first: after that nobody can make another from it.
        std::fs::remove_file(path)?;
        if file.metadata()?.nlink() == 0 { blank(file) } else { Ok(()) }
    }
    #[cfg(not(unix))]
    erase(path)
}

/// Makes a rename in `dir` durable, where the platform and the file system have such a thing.
///
/// # Errors
/// The file system's own.
pub fn sync_dir(dir: &Path) -> io::Result<()> {
    if !cfg!(unix) {
        return Ok(());
    }
    match File::open(dir)?.sync_all() {
        // Some network and FUSE file systems know no such call for folders.
        Err(e) if matches!(e.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
        done => done,
    }
}

/// Refuses a file that another user owns, or that anybody may change: it would speak for somebody else.
///
/// # Errors
/// `PermissionDenied` with what is wrong and the command that mends it; `NotFound`.
pub fn check_own(path: &Path) -> io::Result<()> {
    let meta = std::fs::metadata(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        refuse_foreign(&meta, path)?;
        if meta.mode() & 0o002 != 0 {
            return Err(denied(format!("anybody can change {0}; run: chmod o-w {0}", path.display())));
        }
    }
    #[cfg(not(unix))]
    let _ = meta;
    Ok(())
}

/// Opens a file of ours to add to its end, making it where there is none, and says how long it is.
///
/// # Errors
/// As [`open_private`].
pub fn append_private(path: &Path) -> io::Result<(File, u64)> {
    drop(open_private(path)?);
    let file = private(OpenOptions::new().append(true)).open(path)?;
    let length = file.metadata()?.len();
    Ok((file, length))
}

/// Puts a file aside under its name with `.1`, in the place of the one that was put aside before.
pub fn turn(path: &Path) {
    let _ = std::fs::rename(path, turned(path));
}

/// Where [`turn`] puts a file.
#[must_use]
pub fn turned(path: &Path) -> PathBuf {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".1");
    aside.into()
}

/// When a file was changed last, and how long it is; `None` when there is none.
#[must_use]
pub fn look(path: &Path) -> Option<(std::time::SystemTime, u64)> {
    let meta = std::fs::metadata(path).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}

/// What lies at a path: nothing, a socket (`true`) or something else.
///
/// # Errors
/// The folder cannot be looked at.
pub fn socket_at(path: &Path) -> io::Result<Option<bool>> {
    match std::fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
        #[cfg(unix)]
        Ok(found) => Ok(Some(std::os::unix::fs::FileTypeExt::is_socket(&found.file_type()))),
        #[cfg(not(unix))]
        Ok(_) => Ok(Some(false)),
    }
}

/// Takes a socket away; what is none stays.
pub fn remove_socket(path: &Path) {
    if matches!(socket_at(path), Ok(Some(true))) {
        let _ = std::fs::remove_file(path);
    }
}

/// Nobody but the user may connect to a socket.
///
/// # Errors
/// The system refused.
pub fn close_socket(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Whether a user id at the other end of a socket is this user's, or the system's, who could read everything anyway.
#[cfg(unix)]
#[must_use]
pub fn own(uid: u32) -> bool {
    uid == 0 || own_uid().is_ok_and(|own| uid == own)
}

/// The user id that owns files we make now.
///
/// # Errors
/// When no pipe can be made.
#[cfg(unix)]
pub fn own_uid() -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt;
    // A pipe belongs to whoever made it, on every Unix, also where there is no /proc or where it says root
    // because the process hides its memory. Nothing is left on disk.
    let (end, _) = io::pipe()?;
    Ok(File::from(std::os::fd::OwnedFd::from(end)).metadata()?.uid())
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options
}

/// Opens a plain file and follows no symlink: what was looked at must be what was opened.
fn open_plain(path: &Path, options: &OpenOptions) -> io::Result<File> {
    // Another process may replace the file between the two; it cannot go on doing so.
    for _ in 0..100 {
        let looked = std::fs::symlink_metadata(path)?;
        refuse_other(&looked, path)?;
        let file = options.open(path)?;
        if same(&looked, &file.metadata()?) {
            return Ok(file);
        }
    }
    Err(denied(format!("{} changes all the time", path.display())))
}

#[cfg(unix)]
fn same(looked: &Metadata, opened: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (looked.dev(), looked.ino()) == (opened.dev(), opened.ino())
}

#[cfg(not(unix))]
fn same(_: &Metadata, opened: &Metadata) -> bool {
    opened.is_file()
}

/// Somebody else than this user and root owns it.
#[cfg(unix)]
fn refuse_foreign(meta: &Metadata, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt;
    if meta.uid() != 0 && meta.uid() != own_uid()? {
        return Err(denied(format!("{} belongs to another user", path.display())));
    }
    Ok(())
}

/// Another user owns it, or may read it.
fn check_private(file: &File, path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let meta = file.metadata()?;
        if meta.uid() != own_uid()? {
            return Err(denied(format!("{} belongs to another user", path.display())));
        }
        if meta.mode() & 0o077 != 0 {
            return Err(denied(format!("{0} can be read by others; run: chmod 600 {0}", path.display())));
        }
    }
    #[cfg(not(unix))]
    let _ = (file, path);
    Ok(())
}

fn refuse_other(meta: &Metadata, path: &Path) -> io::Result<()> {
    let refused = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{} {what}", path.display())));
    match meta.file_type() {
        kind if kind.is_symlink() => refused("is a symbolic link; it is not followed"),
        kind if kind.is_dir() => {
            Err(io::Error::new(io::ErrorKind::IsADirectory, format!("{} is a folder", path.display())))
        }
        kind if kind.is_file() => Ok(()),
        _ => refused("is not a plain file"),
    }
}

fn denied(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, what)
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|d| !d.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

fn temp_name(path: &Path) -> io::Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "no file name"))?;
    let tail: String = super::random::bytes::<6>()?.iter().map(|b| format!("{b:02x}")).collect();
    let mut temp = std::ffi::OsString::from(".");
    temp.push(name);
    temp.push(format!(".{tail}.tmp"));
    Ok(path.with_file_name(temp))
}
