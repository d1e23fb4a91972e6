//! What a tool does, as far as its name says it plainly: the tools that `monster setup` sets up, and their like.

use super::reach::words;

/// Words that speak of somebody else. A tool with one of them is no tool of files or commands, whatever else its name
/// says.
const SENDS: &[&str] = &[
    "http", "https", "fetch", "web", "url", "browser", "mail", "email", "sms", "message", "messages", "chat", "send",
    "post", "publish", "upload", "api", "webhook", "slack", "discord", "telegram", "share", "sync", "push", "remote",
    "cloud",
];
/// Tools that write, read or search files on this machine, and nothing else. Their names without what joins the words.
const FILES: &[&str] = &[
    "edit",
    "write",
    "read",
    "view",
    "create",
    "replace",
    "patch",
    "ls",
    "glob",
    "grep",
    "list",
    "multiedit",
    "notebookedit",
    "notebookread",
    "todowrite",
    "updateplan",
    "editfile",
    "writefile",
    "readfile",
    "viewfile",
    "createfile",
    "deletefile",
    "appendfile",
    "listfiles",
    "listdir",
    "listdirectory",
    "readmanyfiles",
    "savefile",
    "strreplace",
    "strreplaceeditor",
    "strreplacebasededittool",
    "texteditor",
    "applypatch",
    "applydiff",
    "writetofile",
    "replaceinfile",
    "replacestringinfile",
    "inserteditintofile",
    "insertcontent",
    "searchandreplace",
    "searchfiles",
    "searchfilecontent",
    "grepsearch",
    "filesearch",
    "todoread",
    "todos",
    "writetodos",
    "checklist",
    "tree",
    "diff",
    "singlefindandreplace",
    "multistrreplace",
    "searchreplace",
    "createdirectory",
    "createfolder",
    "makedirectory",
    "directorytree",
    "listdirectorywithsizes",
    "listcodedefinitionnames",
    "copypath",
    "movepath",
    "deletepath",
    "findpath",
    "viewsubdirectory",
    "viewdiff",
    "viewrepomap",
    "editblock",
    "fsread",
    "fswrite",
];
/// What is done to files, and what else stands in the names of tools that do it: `create_new_file`,
/// `replace_string_in_file`, `editFiles`. A name of these words alone, with something done in it and a file, is known too.
const DEEDS: &[&str] = &[
    "append", "copy", "create", "delete", "edit", "find", "grep", "glob", "insert", "list", "move", "patch", "read",
    "rename", "replace", "save", "search", "view", "write",
];
const BESIDE: &[&str] = &[
    "a",
    "and",
    "apply",
    "at",
    "by",
    "content",
    "contents",
    "currently",
    "diff",
    "existing",
    "from",
    "in",
    "info",
    "into",
    "line",
    "lines",
    "many",
    "multi",
    "multiple",
    "new",
    "of",
    "open",
    "range",
    "single",
    "str",
    "streaming",
    "string",
    "text",
    "the",
    "to",
];
const OBJECTS: &[&str] = &["file", "files"];
/// Those of the words beside a deed that a name begins with.
const FIRST: &[&str] = &["apply", "multi", "single", "str", "streaming"];
/// Tools that run commands.
const SHELLS: &[&str] = &[
    "bash",
    "sh",
    "zsh",
    "fish",
    "shell",
    "powershell",
    "pwsh",
    "cmd",
    "terminal",
    "run",
    "exec",
    "execute",
    "command",
    "runcommand",
    "runshell",
    "runbash",
    "runshellcommand",
    "execcommand",
    "executecommand",
    "executebash",
    "executeshell",
    "executeshellcommand",
    "shellcommand",
    "shellexec",
    "localshell",
    "localshellcall",
    "bashtool",
    "runterminalcmd",
    "runterminalcommand",
    "runinterminal",
    "unifiedexec",
    "containerexec",
    "runcommands",
    "runcommandinterminal",
    "executepwsh",
    "executecommandinterminal",
    "bashcommand",
];
/// Tools that ask a host that is named in their arguments, and tell nobody else.
const FETCHERS: &[&str] =
    &["webfetch", "fetch", "fetchurl", "fetchwebpage", "httprequest", "http", "curl", "mcpfetchfetch"];
/// Servers of tools, by the names that people give them, that work on this machine alone: `mcp__fs__write_file`,
/// `developer__shell`. Of any other server nobody knows where a file of it lies.
const SERVERS: &[&str] = &["filesystem", "fs", "developer", "desktopcommander", "terminal", "shell", "bash", "builtin"];

/// What a tool does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tool {
    File,
    Shell,
    Fetcher,
    /// It may send what it gets to anybody.
    Other,
}

impl Tool {
    pub(super) fn of(name: &str) -> Self {
        let parts: Vec<String> = words(name).filter(|word| !word.is_empty()).collect();
        if FETCHERS.contains(&parts.concat().as_str()) {
            return Self::Fetcher;
        }
        if parts.iter().any(|word| SENDS.contains(&word.as_str())) {
            return Self::Other;
        }
        // A server's name ends where two underscores stand, and is one as a whole.
        if let Some((server, own)) = name.rsplit_once("__") {
            let server = server.strip_prefix("mcp__").unwrap_or(server);
            let known = SERVERS.contains(&words(server).collect::<String>().as_str());
            let own: Vec<String> = words(own).filter(|word| !word.is_empty()).collect();
            return if known { Self::plain(&own) } else { Self::Other };
        }
        match Self::plain(&parts) {
            Self::Other => served(&parts).map_or(Self::Other, Self::plain),
            known => known,
        }
    }

    /// By the words of its own name.
    fn plain(words: &[String]) -> Self {
        let name = words.concat();
        let any = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let known = |word: &String| [DEEDS, BESIDE, OBJECTS].iter().any(|list| list.contains(&word.as_str()));
        // What stands first may be the name of a server that nobody knows.
        let begins = words.first().is_some_and(|word| DEEDS.contains(&word.as_str()) || FIRST.contains(&word.as_str()));
        if FILES.contains(&name.as_str()) || begins && any(DEEDS) && any(OBJECTS) && words.iter().all(known) {
            Self::File
        } else if SHELLS.contains(&name.as_str()) {
            Self::Shell
        } else {
            Self::Other
        }
    }
}

/// A tool's own name behind that of a server which is known, where nothing but a mark stands between them.
fn served(words: &[String]) -> Option<&[String]> {
    // A server's name may have two words.
    (1..=2)
        .filter_map(|count| words.split_at_checked(count))
        .find_map(|(server, own)| (SERVERS.contains(&server.concat().as_str()) && !own.is_empty()).then_some(own))
}
