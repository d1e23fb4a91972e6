//! What reaches the network: programs and code by their names.

/// Programs that talk to the network, wherever they are named.
const PROGRAMS: &[&str] = &[
    "curl",
    "wget",
    "nc",
    "ncat",
    "netcat",
    "socat",
    "telnet",
    "ssh",
    "scp",
    "sftp",
    "rsync",
    "ftp",
    "lftp",
    "tftp",
    "httpie",
    "xh",
    "xhs",
    "aria2c",
    "dig",
    "nslookup",
    "drill",
    "iwr",
    "irm",
    "sendmail",
    "mutt",
    "swaks",
    "msmtp",
    "psql",
    "mysql",
    "mysqldump",
    "mongosh",
    "mongo",
    "redis-cli",
    "sqlcmd",
    "ldapsearch",
    "smbclient",
    "invoke-webrequest",
    "invoke-restmethod",
    "start-bitstransfer",
    "bitsadmin",
    "certutil",
    "rclone",
    "s3cmd",
    "gsutil",
    "lynx",
    "w3m",
    "links",
    "websocat",
    "grpcurl",
    "twine",
    "ngrok",
    "cloudflared",
    "getent",
    "npx",
    "bunx",
    "uvx",
    "pipx",
    "curlie",
    "xurl",
];
/// Programs with names that are words too: only where a command begins.
const COMMANDS: &[&str] = &[
    "http",
    "https",
    "host",
    "mail",
    "ping",
    "git",
    "gh",
    "glab",
    "hub",
    "aws",
    "az",
    "gcloud",
    "kubectl",
    "helm",
    "docker",
    "podman",
    "npm",
    "pnpm",
    "yarn",
    "cargo",
    "pip",
    "gem",
    "heroku",
    "vercel",
    "netlify",
    "flyctl",
    "fly",
    "wrangler",
    "restic",
    "terraform",
    "mc",
    "open",
    "xdg-open",
    "start",
    "ipfs",
    "wormhole",
    "traceroute",
    "whois",
    "finger",
    "mosh",
];
/// Code that talks to the network.
const CALLS: &[&str] = &[
    "fetch(",
    "requests.",
    "urllib",
    "http.client",
    "import http",
    "httpsconnection",
    "httpconnection",
    "urlopen",
    "httplib",
    "httpx",
    "axios",
    "xmlhttprequest",
    "websocket",
    "socket",
    "/dev/tcp",
    "/dev/udp",
    "webhook",
    "net::http",
    "net/http",
    "file_get_contents",
    "webclient",
    "httpclient",
    "require('http",
    "require(\"http",
    "node:http",
    "node:net",
    "node:dns",
    "smtplib",
    "sendbeacon",
    "open-uri",
    "lwp::",
    "reqwest",
    "hyper::",
    "ureq",
    "aiohttp",
    "gethostbyname",
    "getaddrinfo",
    "dns.resolve",
    "net.connect",
    "net.dial",
    "paramiko",
    "ftplib",
    "new image(",
    "importscripts(",
    "window.open(",
    "location.href",
    "nodemailer",
    "s_client",
];
/// What runs things that cannot be read.
const HIDDEN: &[&str] = &[
    "base64 -d",
    "base64 --d",
    "base64 -i -d",
    "b64decode",
    "atob(",
    "frombase64",
    "xxd -r",
    "| sh",
    "|sh",
    "| bash",
    "|bash",
    "| zsh",
    "|zsh",
    "| python",
    "|python",
    "| perl",
    "|perl",
    "| node",
    "|node",
    "fromcharcode",
    "-encodedcommand",
    "-enc ",
    "$'\\",
    "printf '\\",
    "printf \"\\",
    "bytes.fromhex",
    "unhexlify",
    "base32 -d",
    "openssl enc -d",
    "| rev",
    "|rev",
];
/// Programs that run whatever they are told, and so reach the network too. In a file's text their names say nothing.
const RUNNERS: &[&str] = &[
    "python",
    "pypy",
    "ipython",
    "node",
    "deno",
    "bun",
    "ruby",
    "perl",
    "php",
    "lua",
    "luajit",
    "tclsh",
    "expect",
    "java",
    "jshell",
    "groovy",
    "scala",
    "julia",
    "rscript",
    "elixir",
    "erl",
    "ghci",
    "osascript",
    "powershell",
    "pwsh",
    "cmd",
    "go",
    "mvn",
    "gradle",
    "poetry",
    "uv",
    "conda",
    "bundle",
    "composer",
    "apt",
    "apt-get",
    "brew",
    "awk",
    "gawk",
    "mawk",
    "openssl",
    "gpg",
    "emacs",
    "vim",
    "busybox",
    "ansible",
    "nix",
    "make",
    "svn",
    "hg",
    "parallel",
    "resolvectl",
    "systemd-run",
    "at",
    "crontab",
];
/// Words before a command: those of the shell, and programs that run one behind their own options.
const BEFORE: &[&str] = &["do", "then", "else", "if", "elif", "while", "until", "!", "{"];
const CARRIERS: &[&str] = &[
    "sudo", "doas", "env", "xargs", "exec", "time", "nohup", "command", "builtin", "timeout", "nice", "setsid",
    "stdbuf",
];
/// The text decodes something and runs it.
pub(super) fn hides(lower: &str) -> bool {
    HIDDEN.iter().any(|h| lower.contains(h)) || words(lower).any(|w| w == "eval" || w == "iex")
}

/// The text, which is in lower case, names something that talks to the network. `shell` says that it is a command.
pub(super) fn reaches(lower: &str, shell: bool) -> bool {
    // `c"u"rl` and `cu\rl` are curl to a shell.
    let bare: String = lower.chars().filter(|c| !matches!(c, '\\' | '\'' | '"' | '^')).collect();
    let named = |text: &str| CALLS.iter().any(|c| text.contains(c)) || runs(text, shell);
    named(lower) || named(&bare) || shell && (listed(lower) || veiled(lower) || veiled(&bare))
}

/// An element of a list of arguments that is a program's name by itself.
fn listed(text: &str) -> bool {
    let name = text.trim().rsplit(['/', '\\']).next().unwrap_or_default();
    let name = program(name);
    COMMANDS.contains(&name) || PROGRAMS.contains(&name) || RUNNERS.contains(&name)
}

/// A program's name without what tells its versions apart.
fn program(name: &str) -> &str {
    let name = name.trim_end_matches(".exe").trim_end_matches(".cmd");
    let short = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    if RUNNERS.contains(&short) { short } else { name }
}

/// Words of a name: `webFetch`, `web_fetch`, `web-fetch`.
pub(super) fn words(name: &str) -> impl Iterator<Item = String> {
    let mut apart = String::with_capacity(name.len() + 8);
    let mut small = false;
    for c in name.chars() {
        if c.is_ascii_uppercase() && small {
            apart.push(' ');
        }
        small = c.is_ascii_lowercase();
        apart.push(if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' });
    }
    apart.split(' ').map(str::to_owned).collect::<Vec<_>>().into_iter()
}

/// A program that talks to the network is named in this text, which is in lower case.
fn runs(text: &str, shell: bool) -> bool {
    let inside = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut begins = true;
    let mut rest = text;
    while let Some(at) = rest.find(inside) {
        let between = rest.get(..at).unwrap_or_default();
        begins |= between.contains(['\n', ';', '|', '&', '(', '`', '{', '=', '"', '\'']);
        let word = rest.get(at..).unwrap_or_default();
        let end = word.find(|c| !inside(c)).unwrap_or(word.len());
        let (word, after) = word.split_at_checked(end).unwrap_or((word, ""));
        let name = program(word);
        if PROGRAMS.contains(&name) {
            return true;
        }
        if shell && begins && RUNNERS.contains(&name) && !after.starts_with('=') {
            return true;
        }
        if begins
            && COMMANDS.contains(&name)
            && after.starts_with([' ', '\t'])
            && !after.trim_start().starts_with(['=', ':'])
        {
            return true;
        }
        // A path before a command's name, and what only carries one.
        begins = after.starts_with('/') || (BEFORE.contains(&name) || CARRIERS.contains(&name));
        rest = after;
    }
    false
}

/// A command's name is put together while it runs: out of variables, or by a pattern that a file's name matches.
fn veiled(text: &str) -> bool {
    let glued = |at: usize| text.as_bytes().get(at).is_some_and(u8::is_ascii_alphanumeric);
    if ["$@", "$*"].iter().any(|v| text.match_indices(v).any(|(at, _)| glued(at.wrapping_sub(1)) || glued(at + 2))) {
        return true;
    }
    text.split(['\n', ';', '|', '&', '(', ')', '`']).any(|segment| {
        let mut carried = false;
        // The quote that an assignment's value has opened.
        let mut quote = None;
        for token in segment.split_whitespace() {
            if let Some(mark) = quote {
                if token.matches(mark).count() % 2 == 1 {
                    quote = None;
                }
                continue;
            }
            if token
                .split_once('=')
                .is_some_and(|(name, _)| name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
            {
                quote = ['"', '\''].into_iter().find(|mark| token.matches(*mark).count() % 2 == 1);
                continue;
            }
            if BEFORE.contains(&token) {
                continue;
            }
            let group = matches!(token, "[" | "[[");
            if !group && token.contains(['$', '*', '?', '[', '{']) {
                return true;
            }
            carried |= CARRIERS.contains(&token);
            if !carried {
                return false;
            }
        }
        false
    })
}
