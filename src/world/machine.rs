//! The door to what names this machine and its user.

use std::io;

#[cfg(not(target_os = "linux"))]
use super::process::Run;

/// The id that the system gave this installation: `/etc/machine-id`, the platform's UUID on macOS, `MachineGuid` on
/// Windows. It is no secret.
///
/// # Errors
/// When there is none.
pub fn id() -> io::Result<String> {
    let text = system_id()?.trim().to_ascii_lowercase();
    // Images that are made to be copied leave it empty, or as this word.
    let filled = !text.is_empty() && text != "uninitialized";
    filled.then_some(text).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "the machine id is empty"))
}

#[cfg(target_os = "linux")]
fn system_id() -> io::Result<String> {
    let read = |path: &str| super::files::read_bounded(std::path::Path::new(path), 4_096);
    let bytes = read("/etc/machine-id").or_else(|first| read("/var/lib/dbus/machine-id").map_err(|_| first));
    let bytes = bytes.map_err(|e| io::Error::new(e.kind(), format!("/etc/machine-id: {e}")))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(target_os = "macos")]
fn system_id() -> io::Result<String> {
    let text = told("/usr/sbin/ioreg", &["-rd1", "-c", "IOPlatformExpertDevice"], "/")?;
    let line = text.lines().find(|l| l.contains("IOPlatformUUID")).unwrap_or_default();
    Ok(line.rsplit('"').nth(1).unwrap_or_default().to_owned())
}

#[cfg(windows)]
fn system_id() -> io::Result<String> {
    let text = told("reg", &["query", r"HKLM\SOFTWARE\Microsoft\Cryptography", "/v", "MachineGuid"], r"C:\")?;
    Ok(text.split_whitespace().last().unwrap_or_default().to_owned())
}

#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
fn system_id() -> io::Result<String> {
    told("kenv", &["-q", "smbios.system.uuid"], "/")
}

#[cfg(not(target_os = "linux"))]
fn told(program: &str, args: &[&str], cwd: &str) -> io::Result<String> {
    let args = args.iter().map(Into::into).collect();
    let timeout = Some(std::time::Duration::from_secs(10));
    let ran = Run { program, args, cwd: std::path::Path::new(cwd), stdin: None, env: Vec::new(), timeout }.collect()?;
    if ran.ok() {
        Ok(String::from_utf8_lossy(&ran.stdout).into_owned())
    } else {
        Err(io::Error::other(format!("{program} failed")))
    }
}

/// What tells this user from the machine's others.
///
/// # Errors
/// When the system does not say.
pub fn user() -> io::Result<String> {
    #[cfg(unix)]
    {
        super::files::own_uid().map(|uid| uid.to_string())
    }
    #[cfg(not(unix))]
    {
        told("whoami", &["/user", "/fo", "csv", "/nh"], r"C:\").map(|text| text.trim().to_owned())
    }
}

/// The hardware addresses of this machine's network cards, lower case, `aa:bb:cc:dd:ee:ff`.
#[must_use]
pub fn addresses() -> Vec<String> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten() {
        if let Ok(text) = std::fs::read_to_string(entry.path().join("address")) {
            out.push(text.trim().to_ascii_lowercase());
        }
    }
    #[cfg(not(target_os = "linux"))]
    if let Ok(text) = told("ifconfig", &["-a"], "/") {
        let mut words = text.split_whitespace();
        while let Some(word) = words.next() {
            out.extend(words.next().filter(|_| word == "ether").map(str::to_ascii_lowercase));
        }
    }
    out.retain(|address| address.len() == 17 && address != "00:00:00:00:00:00");
    out.sort();
    out.dedup();
    out
}

/// The machine's name on the network, and the user's on the machine; empty when the system does not say.
#[must_use]
pub fn names() -> (String, String) {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    #[cfg(not(target_os = "linux"))]
    let host = if host.is_empty() { told("hostname", &[], "/").unwrap_or_default() } else { host };
    let login = std::fs::read_to_string("/etc/passwd").ok().zip(user().ok()).and_then(|(table, user)| {
        let row = table.lines().find(|line| line.split(':').nth(2) == Some(user.as_str()))?;
        Some(row.split(':').next()?.to_owned())
    });
    (host.trim().to_owned(), login.unwrap_or_default())
}
