//! Passwords on command lines, by what each tool calls them.

use std::ops::Range;

use crate::secrets::names::set::{Packed, Set, count};
use crate::secrets::value;

/// How a flag carries a secret.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// The next word, or what follows `=` or the flag itself.
    Whole,
    /// What follows the flag without a blank: `-pSECRET`.
    Tight,
    /// What follows the first mark in the word: `user:SECRET`, `user%SECRET`, `user,SECRET`.
    Behind(u8),
    /// What follows `pass:`.
    Source,
    /// The word of this number, counted from the tool's name.
    Place(usize),
    /// The last word of the command.
    Last,
}

struct Tool {
    /// In lower case, up to a blank.
    names: &'static [&'static str],
    flags: &'static [(&'static str, Form)],
}

const COLON: Form = Form::Behind(b':');

static TOOLS: &[Tool] = &[
    Tool {
        names: &["curl"],
        flags: &[
            ("-u", COLON),
            ("--user", COLON),
            ("-U", COLON),
            ("--proxy-user", COLON),
            ("--oauth2-bearer", Form::Whole),
            ("-E", COLON),
        ],
    },
    Tool { names: &["http", "https", "xh"], flags: &[("-a", COLON), ("--auth", COLON)] },
    Tool { names: &["sshpass"], flags: &[("-p", Form::Whole)] },
    Tool {
        names: &[
            "mysql",
            "mysqldump",
            "mysqladmin",
            "mysqlimport",
            "mysqlsh",
            "mariadb",
            "mariadb-dump",
            "mariadb-admin",
        ],
        flags: &[("-p", Form::Tight)],
    },
    Tool { names: &["redis-cli"], flags: &[("-a", Form::Whole), ("--pass", Form::Whole)] },
    Tool {
        names: &[
            "docker login",
            "podman login",
            "buildah login",
            "skopeo login",
            "nerdctl login",
            "helm registry login",
            "oc login",
            "az login",
            "az acr login",
            "docker-compose login",
            "crane auth login",
            "oras login",
        ],
        flags: &[("-p", Form::Whole), ("--password", Form::Whole), ("--token", Form::Whole)],
    },
    Tool {
        names: &[
            "mongo",
            "mongosh",
            "mongodump",
            "mongorestore",
            "mongoexport",
            "mongoimport",
            "cqlsh",
            "mysql_config_editor",
        ],
        flags: &[("-p", Form::Whole)],
    },
    Tool {
        names: &["smbclient", "rpcclient", "smbget", "smbmap", "winexe", "wmic"],
        flags: &[("-U", Form::Behind(b'%')), ("--user", Form::Behind(b'%')), ("-p", Form::Whole)],
    },
    Tool {
        names: &["ldapsearch", "ldapmodify", "ldapadd", "ldapdelete", "ldapwhoami", "ldappasswd", "ldapcompare"],
        flags: &[("-w", Form::Whole), ("-s", Form::Tight)],
    },
    Tool {
        names: &["openssl"],
        flags: &[
            ("-passin", Form::Source),
            ("-passout", Form::Source),
            ("-pass", Form::Source),
            ("-password", Form::Source),
            ("-K", Form::Whole),
            ("-k", Form::Whole),
            ("-hmac", Form::Whole),
        ],
    },
    Tool {
        names: &[
            "htpasswd -b",
            "htpasswd -bc",
            "htpasswd -cb",
            "htpasswd -nb",
            "htpasswd -bn",
            "htpasswd -bbn",
            "htpasswd -nbb",
        ],
        flags: &[("", Form::Last)],
    },
    Tool {
        names: &["kubectl create secret", "oc create secret"],
        flags: &[("--from-literal", Form::Behind(b'=')), ("--docker-password", Form::Whole)],
    },
    Tool { names: &["sqlcmd", "bcp", "osql", "isql"], flags: &[("-P", Form::Whole)] },
    Tool { names: &["7z", "7za", "7zz", "rar", "unrar"], flags: &[("-p", Form::Tight), ("-hp", Form::Tight)] },
    Tool { names: &["zip", "unzip"], flags: &[("-P", Form::Whole)] },
    Tool { names: &["xfreerdp", "wfreerdp", "mstsc", "rdesktop"], flags: &[("/p:", Form::Tight), ("-p", Form::Whole)] },
    Tool { names: &["mosquitto_pub", "mosquitto_sub"], flags: &[("-P", Form::Whole), ("--pw", Form::Whole)] },
    Tool { names: &["mc alias set", "mc config host add"], flags: &[("", Form::Place(6))] },
    Tool { names: &["ngrok config add-authtoken"], flags: &[("", Form::Place(3))] },
    Tool { names: &["ngrok authtoken"], flags: &[("", Form::Place(2))] },
    Tool { names: &["gh secret set", "gh variable set"], flags: &[("--body", Form::Whole), ("-b", Form::Whole)] },
    Tool { names: &["rootpw"], flags: &[("--plaintext", Form::Whole), ("--iscrypted", Form::Whole)] },
    Tool {
        names: &["check_mysql", "check_mysql_query", "check_pgsql", "check_ldap", "check_mssql"],
        flags: &[("-p", Form::Whole), ("-P", Form::Whole)],
    },
    Tool { names: &["ipmitool"], flags: &[("-P", Form::Whole)] },
    Tool {
        names: &["snmpwalk", "snmpget", "snmpset", "snmpbulkwalk", "snmptrap"],
        flags: &[("-c", Form::Whole), ("-A", Form::Whole), ("-X", Form::Whole)],
    },
    Tool { names: &["lftp", "ncftp"], flags: &[("-u", Form::Behind(b',')), ("-p", Form::Whole)] },
    Tool { names: &["plink", "pscp", "psftp", "putty", "winscp"], flags: &[("-pw", Form::Whole)] },
    Tool { names: &["psexec", "psexec64"], flags: &[("-p", Form::Whole)] },
    Tool {
        names: &[
            "security add-generic-password",
            "security add-internet-password",
            "security unlock-keychain",
            "security import",
        ],
        flags: &[("-w", Form::Whole), ("-p", Form::Whole), ("-P", Form::Whole)],
    },
    Tool {
        names: &["nmcli"],
        flags: &[
            ("password", Form::Whole),
            ("wifi-sec.psk", Form::Whole),
            ("802-11-wireless-security.psk", Form::Whole),
        ],
    },
    Tool { names: &["wpa_passphrase"], flags: &[("", Form::Place(2))] },
    Tool { names: &["vault login"], flags: &[("", Form::Place(2))] },
    Tool {
        names: &["rabbitmqctl add_user", "rabbitmqctl change_password", "rabbitmqctl authenticate_user"],
        flags: &[("", Form::Place(3))],
    },
    Tool { names: &["net user"], flags: &[("", Form::Place(3))] },
    Tool { names: &["sqlplus", "expdp", "impdp", "sqlldr"], flags: &[("", Form::Behind(b'/'))] },
    Tool {
        names: &["ftp", "tftp", "mutt", "sendemail", "swaks"],
        flags: &[("-xp", Form::Whole), ("-ap", Form::Whole), ("--auth-password", Form::Whole)],
    },
];

/// What leads here: every tool's name with the blank behind it.
pub(in crate::secrets) const KEYS: &[&str] = &[
    "curl ",
    "http -a ",
    "https -a ",
    "http --auth ",
    "xh -a ",
    "sshpass ",
    "mysql ",
    "mysqldump ",
    "mysqladmin ",
    "mysqlimport ",
    "mysqlsh ",
    "mariadb ",
    "mariadb-dump ",
    "mariadb-admin ",
    "redis-cli ",
    "docker login ",
    "podman login ",
    "buildah login ",
    "skopeo login ",
    "nerdctl login ",
    "helm registry login ",
    "oc login ",
    "az login ",
    "az acr login ",
    "crane auth login ",
    "oras login ",
    "mongo ",
    "mongosh ",
    "mongodump ",
    "mongorestore ",
    "mongoexport ",
    "mongoimport ",
    "cqlsh ",
    "smbclient ",
    "rpcclient ",
    "smbget ",
    "winexe ",
    "ldapsearch ",
    "ldapmodify ",
    "ldapadd ",
    "ldapdelete ",
    "ldapwhoami ",
    "ldappasswd ",
    "openssl ",
    "htpasswd -",
    "kubectl create secret ",
    "oc create secret ",
    "sqlcmd ",
    "bcp ",
    "osql ",
    "7z ",
    "7za ",
    "7zz ",
    "unrar ",
    "rar ",
    "zip -",
    "xfreerdp ",
    "mstsc ",
    "rdesktop ",
    "mosquitto_pub ",
    "mosquitto_sub ",
    "mc alias set ",
    "mc config host add ",
    "ngrok config ",
    "ngrok authtoken ",
    "gh secret set ",
    "rootpw --",
    "check_mysql",
    "check_pgsql ",
    "check_ldap ",
    "ipmitool ",
    "snmpwalk ",
    "snmpget ",
    "snmpset ",
    "lftp ",
    "plink ",
    "pscp ",
    "psftp ",
    "winscp ",
    "psexec ",
    "security add-generic-password ",
    "security add-internet-password ",
    "security unlock-keychain ",
    "security import ",
    "nmcli ",
    "wpa_passphrase ",
    "vault login ",
    "rabbitmqctl ",
    "net user ",
    "sqlplus ",
    "expdp ",
    "impdp ",
    "swaks ",
];

/// Words of a command line behind which the name of a tool begins another.
const MANY: usize = 12;

/// How commands begin.
static STARTS: Set<{ count(NAMES) }> = Set::new(NAMES);
const NAMES: &str = "
    curl http https xh sshpass mysql mysqldump mysqladmin mysqlimport mysqlsh mariadb mariadb-dump mariadb-admin redis-cli
    docker podman buildah skopeo nerdctl helm oc az crane oras mongo mongosh mongodump mongorestore mongoexport mongoimport
    cqlsh smbclient rpcclient smbget winexe ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd openssl
    htpasswd kubectl sqlcmd bcp osql 7z 7za 7zz unrar rar zip xfreerdp mstsc rdesktop mosquitto_pub mosquitto_sub mc
    ngrok gh rootpw check_pgsql check_ldap ipmitool snmpwalk snmpget snmpset lftp plink pscp psftp winscp psexec security
    nmcli wpa_passphrase vault rabbitmqctl net sqlplus expdp impdp swaks
";

/// Longest command line that is read, in bytes.
const LONGEST: usize = 2048;

/// The secrets on the command line that begins at `at`.
pub(in crate::secrets) fn command(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let before = at.checked_sub(1).and_then(|i| bytes.get(i)).copied().unwrap_or_default();
    if super::inside(bytes, at) || matches!(before, b'-' | b'.') {
        return;
    }
    let words = words(text, at);
    let first = words.first().and_then(|w| text.get(w.clone())).unwrap_or_default();
    for tool in TOOLS {
        if !tool.names.iter().any(|n| value::begins(n, first)) {
            continue;
        }
        let Some(name) = tool.names.iter().find(|n| called(text, &words, n)) else { continue };
        let skip = name.split(' ').count();
        let Some(arguments) = words.get(skip..) else { continue };
        for (flag, form) in tool.flags {
            find(text, &words, arguments, flag, *form, out);
        }
    }
}

/// The command's first words are these.
fn called(text: &str, words: &[Range<usize>], name: &str) -> bool {
    let mut count = 0;
    let same = name.split(' ').zip(words).all(|(part, word)| {
        count += 1;
        text.get(word.clone()).is_some_and(|w| w.eq_ignore_ascii_case(part) && (w == part || !w.starts_with('-')))
    });
    same && count == name.split(' ').count()
}

fn find(text: &str, all: &[Range<usize>], words: &[Range<usize>], flag: &str, form: Form, out: &mut Vec<Range<usize>>) {
    let at = |span: &Range<usize>| text.get(span.clone()).unwrap_or_default();
    match form {
        Form::Place(n) => {
            if let Some(span) = all.get(n) {
                take(text, span.clone(), out);
            }
            return;
        }
        Form::Last => {
            if let Some(span) = words.last() {
                take(text, span.clone(), out);
            }
            return;
        }
        // `user/password@host` of Oracle's tools.
        Form::Behind(mark) if flag.is_empty() => {
            for span in words {
                let word = at(span);
                if let (Some(from), Some(to)) = (word.find(char::from(mark)), word.rfind('@'))
                    && from + 1 < to
                    && from > 0
                {
                    take(text, span.start + from + 1..span.start + to, out);
                }
            }
            return;
        }
        _ => {}
    }
    for (n, span) in words.iter().enumerate() {
        let word = at(span);
        let Some(rest) = word.strip_prefix(flag) else {
            // `-sSu user:password`: the last of several short flags.
            if let (Form::Behind(_), [b'-', letter]) = (form, flag.as_bytes())
                && word.len() < 8
                && word
                    .strip_prefix('-')
                    .is_some_and(|w| w.bytes().all(|b| b.is_ascii_alphabetic()) && w.ends_with(char::from(*letter)))
                && let Some(next) = words.get(n + 1)
            {
                part(text, next.clone(), form, out);
            }
            continue;
        };
        if rest.is_empty() {
            if form != Form::Tight
                && let Some(next) = words.get(n + 1).filter(|w| !at(w).starts_with('-'))
            {
                part(text, next.clone(), form, out);
            }
        } else if let Some(value) = rest.strip_prefix('=') {
            part(text, unquoted(text, span.end - value.len()..span.end), form, out);
        } else if !flag.starts_with("--") && flag.starts_with(['-', '/']) && flag.len() <= 3 && form != Form::Source {
            part(text, unquoted(text, span.end - rest.len()..span.end), form, out);
        }
    }
}

/// The secret part of a flag's value.
fn part(text: &str, span: Range<usize>, form: Form, out: &mut Vec<Range<usize>>) {
    let word = text.get(span.clone()).unwrap_or_default();
    let skip = match form {
        Form::Behind(mark) => match word.find(char::from(mark)) {
            // A key in the user's place: `-u KEY:`.
            Some(at) if at + 1 == word.len() && at >= 20 && value::random(word) => {
                return take(text, span.start..span.start + at, out);
            }
            Some(at) => at + 1,
            None => return,
        },
        Form::Source => match word.strip_prefix("pass:") {
            Some(_) => "pass:".len(),
            None => return,
        },
        _ => 0,
    };
    take(text, span.start + skip..span.end, out);
}

fn take(text: &str, span: Range<usize>, out: &mut Vec<Range<usize>>) {
    let span = unquoted(text, span);
    let word = text.get(span.clone()).unwrap_or_default();
    let bare = word.starts_with(['-', '$', '<', '{', '[', '%', '@', '&', '|', '>', '\\']);
    if word.len() >= 3 && !bare && !value::dummy(word) && !value::template(word) {
        out.push(span);
    }
}

/// Without the quotes round it.
fn unquoted(text: &str, span: Range<usize>) -> Range<usize> {
    let word = text.get(span.clone()).unwrap_or_default();
    let inner = word.trim_start_matches(['"', '\'', '\\']);
    let from = span.end - inner.len();
    let inner = inner.trim_end_matches(['"', '\'', '\\']);
    from..from + inner.len()
}

/// The words of a command line, quotes left out, to its end: a line feed, a pipe, a semicolon.
fn words(text: &str, at: usize) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let limit = bytes.len().min(at + LONGEST);
    let mut out = Vec::new();
    let mut i = at;
    while i < limit && out.len() < 64 {
        let byte = bytes.get(i).copied().unwrap_or_default();
        match byte {
            b' ' | b'\t' => i += 1,
            // The line goes on below.
            b'\\' if bytes.get(i + 1) == Some(&b'\n') => i += 2,
            b'\\' if bytes.get(i..i + 4) == Some(b"\\\\\\n") => i += 4,
            b'\n' | b'\r' | b'|' | b';' | b'`' | b')' => break,
            b'&' if bytes.get(i + 1) == Some(&b'&') => break,
            _ => {
                let start = i;
                let mut quote = 0u8;
                while i < limit {
                    let byte = bytes.get(i).copied().unwrap_or_default();
                    if quote != 0 {
                        if byte == b'\n' {
                            break;
                        }
                        quote = if byte == quote { 0 } else { quote };
                    } else if matches!(byte, b'"' | b'\'') {
                        quote = byte;
                    } else if matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'|' | b';' | b'`')
                        || (byte == b'\\' && matches!(bytes.get(i + 1), Some(b'n' | b'r' | b'\n')))
                    {
                        break;
                    }
                    i += 1;
                }
                let span = unquoted(text, floor(text, start)..floor(text, i));
                // The next command of a long list of them.
                let another = |word: &str| STARTS.has(Packed::of(word.as_bytes()));
                if out.len() >= MANY && text.get(span.clone()).is_some_and(another) {
                    break;
                }
                out.push(span);
                if bytes.get(i) == Some(&b'\\') && bytes.get(i + 1) != Some(&b'\n') {
                    break;
                }
            }
        }
    }
    out
}

fn floor(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// What is piped into a tool that asks for a password: `echo "…" | sudo -S`, `echo "user:…" | chpasswd`.
pub(in crate::secrets) fn piped(text: &str, at: usize, out: &mut Vec<Range<usize>>) {
    let mut from = at.saturating_sub(300);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let before = text.get(from..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let Some(found) = ["echo ", "printf "].iter().filter_map(|w| line.rfind(w).map(|p| p + w.len())).max() else {
        return;
    };
    let start = at - line.len() + found;
    let words = words(text, start);
    let Some(span) = words.iter().find(|w| !text.get((*w).clone()).unwrap_or_default().starts_with(['-', '%'])) else {
        return;
    };
    let word = text.get(span.clone()).unwrap_or_default();
    let rest = text.get(at..).unwrap_or_default();
    if value::begins(rest, "| chpasswd") || value::begins(rest, "|chpasswd") {
        if let Some(colon) = word.find(':') {
            take(text, span.start + colon + 1..span.end, out);
        }
    } else if span.end < at {
        take(text, span.clone(), out);
    }
}
