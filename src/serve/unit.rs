//! What tells a system to run monster in the background: units for systemd, and a property list for launchd. Only text is
//! made here.

use std::path::{Path, PathBuf};

/// The first words of every file of ours: without them it is somebody else's, and stays.
pub const MARK: &str = "Written by monster serve install.";
/// What follows them.
const ADVICE: &str = "What is changed here is lost when it is written again; monster serve uninstall removes it.";
/// Before each address in a file of ours, for whoever asks later whether it answers.
const LISTENS: &str = "# listens at ";
/// The service's name.
pub const SERVICE: &str = "monster-serve.service";
/// The name of its sockets.
pub const SOCKET: &str = "monster-serve.socket";
/// Its name where launchd runs it.
pub const LABEL: &str = "monster.serve";

/// How monster is run in the background.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The program.
    pub program: PathBuf,
    /// Where it listens instead of at what settings say, as written after `--listen`.
    pub listen: Vec<String>,
    /// No key is asked for.
    pub open: bool,
    /// Addresses beyond this machine are served without TLS.
    pub plain: bool,
    /// Variables that say where its files lie.
    pub variables: Vec<(String, String)>,
    /// Folders that it writes in.
    pub writes: Vec<PathBuf>,
    /// Something of it lies in a folder for temporary files, where it and others must find it.
    pub temporary: bool,
    /// Seconds that open answers get at the end.
    pub drain: u64,
    /// The system listens, at these addresses, and starts it with the first caller.
    pub sockets: Option<Vec<Listens>>,
    /// Where launchd writes what it says.
    pub log: PathBuf,
}

/// What systemd listens at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listens {
    /// As settings write it.
    pub written: String,
    /// An address and a port, or a path.
    pub stream: String,
}

/// What cannot be written so that a system reads it back.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnitError {
    /// It holds characters that end a line, or others that nobody sees.
    #[error("{0:?} cannot stand in a service file: it holds control characters")]
    Control(String),
    /// It is no text, or ends as a line that goes on.
    #[error("{0:?} cannot stand in a service file")]
    Text(String),
    /// systemd runs no program of such a name.
    #[error("{0:?} cannot be run by systemd: there is a quote or a backslash in its path")]
    Program(String),
}

/// The file is ours.
#[must_use]
pub fn ours(text: &str) -> bool {
    // An XML file has one line before it.
    text.lines().take(2).any(|line| line.trim_start_matches(['#', '<', '!', '-', ' ']).starts_with(MARK))
}

/// The addresses in a file of ours; empty when it listens where settings say.
#[must_use]
pub fn listens(text: &str) -> Vec<String> {
    text.lines().filter_map(|line| line.strip_prefix(LISTENS)).map(str::to_owned).collect()
}

impl Plan {
    fn arguments(&self) -> Vec<String> {
        let mut out = vec!["serve".to_owned(), "run".to_owned()];
        // Where the system listens, it hands the sockets over.
        if self.sockets.is_none() {
            out.extend(self.listen.iter().flat_map(|address| ["--listen".to_owned(), address.clone()]));
        }
        out.extend(self.open.then(|| "--no-auth".to_owned()));
        out.extend(self.plain.then(|| "--plain".to_owned()));
        out
    }

    /// The service for systemd (systemd.service(5), systemd.exec(5)). What hides and forbids is left out by a system that
    /// gives a user no namespaces of his own.
    ///
    /// # Errors
    /// [`UnitError`].
    pub fn service(&self) -> Result<String, UnitError> {
        let program = text(&self.program)?;
        if program.contains(['"', '\'', '\\']) {
            return Err(UnitError::Program(program));
        }
        let mut command = vec![quoted(&program)?];
        for argument in self.arguments() {
            // A dollar sign would be taken for a variable.
            command.push(quoted(&argument)?.replace('$', "$$"));
        }
        let mut out = format!("# {MARK}\n# {ADVICE}\n# Settings of your own: systemctl --user edit {SERVICE}\n");
        let addresses: Vec<&String> = match &self.sockets {
            Some(sockets) => sockets.iter().map(|socket| &socket.written).collect(),
            None => self.listen.iter().collect(),
        };
        for address in addresses {
            out.push_str(&format!("{LISTENS}{}\n", lone(address)?));
        }
        out.push_str("\n[Unit]\nDescription=monster serve, a local proxy for language models\n");
        out.push_str("Documentation=man:monster-serve(1)\n");
        if self.sockets.is_some() {
            out.push_str(&format!("Requires={SOCKET}\nAfter={SOCKET}\n"));
        }
        out.push_str(&format!("\n[Service]\nType=exec\nExecStart={}\n", command.join(" ")));
        // Settings and accounts are read anew.
        out.push_str("ExecReload=/bin/kill -HUP $MAINPID\nRestart=on-failure\nRestartSec=1\n");
        out.push_str(&format!("TimeoutStopSec={}\n", self.drain.saturating_add(5)));
        for (name, value) in &self.variables {
            out.push_str(&format!("Environment={}\n", quoted(&format!("{name}={value}"))?));
        }
        out.push_str("UMask=0077\nLimitNOFILE=65536\nNoNewPrivileges=yes\n");
        out.push_str(if self.temporary { "PrivateTmp=no\n" } else { "PrivateTmp=yes\n" });
        out.push_str("ProtectSystem=strict\nProtectHome=read-only\n");
        for dir in &self.writes {
            // One that is not there is made by nobody, and stops nothing.
            out.push_str(&format!("ReadWritePaths={}\n", quoted(&format!("-{}", text(dir)?))?));
        }
        for line in [
            "ProtectKernelTunables=yes",
            "ProtectControlGroups=yes",
            "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK",
            "RestrictNamespaces=yes",
            "RestrictRealtime=yes",
            "RestrictSUIDSGID=yes",
            "LockPersonality=yes",
            "SystemCallArchitectures=native",
        ] {
            out.push_str(line);
            out.push('\n');
        }
        out.push_str("\n[Install]\n");
        out.push_str(&if self.sockets.is_some() {
            format!("Also={SOCKET}\n")
        } else {
            "WantedBy=default.target\n".into()
        });
        Ok(out)
    }

    /// The sockets for systemd (systemd.socket(5)); `None` when it does not listen.
    ///
    /// # Errors
    /// [`UnitError`].
    pub fn socket(&self) -> Result<Option<String>, UnitError> {
        let Some(sockets) = &self.sockets else { return Ok(None) };
        let mut out = format!("# {MARK}\n# {ADVICE}\n\n[Unit]\nDescription=where monster serve listens\n\n[Socket]\n");
        for socket in sockets {
            // No quotes are read here, but what stands after a percent sign is.
            out.push_str(&format!("ListenStream={}\n", lone(&socket.stream)?.replace('%', "%%")));
        }
        out.push_str("SocketMode=0600\nDirectoryMode=0700\nNoDelay=yes\n\n[Install]\nWantedBy=sockets.target\n");
        Ok(Some(out))
    }

    /// The property list for launchd (launchd.plist(5)).
    ///
    /// # Errors
    /// [`UnitError`].
    pub fn plist(&self) -> Result<String, UnitError> {
        let string = |value: &str| Ok::<_, UnitError>(format!("<string>{}</string>", escaped(lone(value)?)));
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        out.push_str(&format!("<!-- {MARK} {ADVICE} -->\n"));
        out.push_str("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n");
        out.push_str(&format!("<plist version=\"1.0\">\n<dict>\n  <key>Label</key>\n  <string>{LABEL}</string>\n"));
        out.push_str("  <key>ProgramArguments</key>\n  <array>\n");
        for word in std::iter::once(text(&self.program)?).chain(self.arguments()) {
            out.push_str(&format!("    {}\n", string(&word)?));
        }
        out.push_str("  </array>\n");
        if !self.variables.is_empty() {
            out.push_str("  <key>EnvironmentVariables</key>\n  <dict>\n");
            for (name, value) in &self.variables {
                out.push_str(&format!("    <key>{}</key>\n    {}\n", escaped(lone(name)?), string(value)?));
            }
            out.push_str("  </dict>\n");
        }
        out.push_str("  <key>RunAtLoad</key>\n  <true/>\n  <key>KeepAlive</key>\n  <dict>\n    <key>SuccessfulExit</key>\n    <false/>\n  </dict>\n");
        // 0077.
        out.push_str("  <key>Umask</key>\n  <integer>63</integer>\n");
        out.push_str(&format!("  <key>ExitTimeOut</key>\n  <integer>{}</integer>\n", self.drain.saturating_add(5)));
        out.push_str(&format!("  <key>StandardErrorPath</key>\n  {}\n", string(&text(&self.log)?)?));
        out.push_str("</dict>\n</plist>\n");
        Ok(out)
    }
}

fn text(path: &Path) -> Result<String, UnitError> {
    path.to_str().map(str::to_owned).ok_or_else(|| UnitError::Text(path.display().to_string()))
}

/// What stands on a line of its own.
fn lone(value: &str) -> Result<&str, UnitError> {
    if value.contains(char::is_control) {
        return Err(UnitError::Control(value.to_owned()));
    }
    // A backslash at a line's end joins it with the next.
    if value.ends_with('\\') || value.trim() != value {
        return Err(UnitError::Text(value.to_owned()));
    }
    Ok(value)
}

/// One word, as systemd reads words (systemd.syntax(7), "Quoting"; systemd.unit(5), "Specifiers").
fn quoted(value: &str) -> Result<String, UnitError> {
    if value.contains(char::is_control) {
        return Err(UnitError::Control(value.to_owned()));
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@+,[]".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        return Ok(value.to_owned());
    }
    Ok(format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"").replace('%', "%%")))
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests;
