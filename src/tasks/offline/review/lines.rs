//! Rules about single added lines, as a table. Each carries lines that it must hit and lines that it must miss.

use std::sync::OnceLock;

use regex::Regex;

use super::{by_hand, finding};
use crate::git::{FileChange, FileKind, LineKind};
use crate::tasks::finding::{Finding, Severity};
use crate::tasks::offline::classify::{Class, is_sideshow};

/// Where a rule holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Where {
    /// Source and configuration, not tests.
    Code,
    /// Source, not tests, examples and command-line tools.
    Product,
    /// Tests.
    Tests,
    /// Everything written by hand but documents.
    Any,
}

/// One rule.
pub(super) struct Rule {
    pub(super) class: &'static str,
    pub(super) severity: Severity,
    pub(super) title: &'static str,
    pub(super) why: &'static str,
    /// File extensions; empty = any.
    pub(super) extensions: &'static [&'static str],
    pub(super) place: Where,
    pub(super) pattern: &'static str,
    /// Lines it must hit; read by the tests.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) hits: &'static [&'static str],
    /// Lines it must miss.
    #[cfg_attr(not(test), allow(dead_code))]
    pub(super) misses: &'static [&'static str],
}

const JS: &[&str] = &["js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte"];
const SHELL: &[&str] = &["sh", "bash", "zsh", "yml", "yaml", ""];

/// The table.
pub(super) const RULES: &[Rule] = &[
    Rule {
        class: "focused-test",
        severity: Severity::High,
        place: Where::Tests,
        extensions: JS,
        title: "A focused test keeps all others from running",
        why: "With .only or fdescribe the rest of the suite is skipped and still passes.",
        pattern: r"^\s*(?:(?:describe|it|test|context|suite)\.only|fdescribe|fit|ftest)\s*(?:\(|\.each)",
        hits: &["describe.only('pager', () => {", "  it.only(\"counts\", async () => {", "fdescribe('x', f)"],
        misses: &["const only = it;", "outfit('x')", "  model.fit(data)"],
    },
    Rule {
        class: "skipped-test",
        severity: Severity::Medium,
        place: Where::Tests,
        extensions: &[],
        title: "A test is switched off",
        why: "What it guarded is no longer checked.",
        pattern: r"^\s*(?:(?:describe|it|test)\.skip\s*\(|x(?:describe|it)\s*\(|@(?:pytest\.mark\.skip|unittest\.skip|Ignore|Disabled)\b|#\[ignore\b|t\.Skip\()",
        hits: &["it.skip('counts', () => {", "@pytest.mark.skip(reason='flaky')", "#[ignore]", "    t.Skip(\"later\")"],
        misses: &["@pytest.mark.skipif(sys.platform == 'win32', reason='x')", "exit(0)", "// #[ignore] is not used"],
    },
    Rule {
        class: "debugger",
        severity: Severity::High,
        place: Where::Any,
        extensions: &[],
        title: "A debugger call is left in",
        why: "It stops the program where nobody watches.",
        pattern: r"^\s*(?:debugger;?\s*$|(?:import\s+i?pdb\b|i?pdb\.set_trace\(|breakpoint\(\)\s*$)|binding\.(?:pry|irb)\b|byebug\s*$)",
        hits: &["    debugger;", "import pdb; pdb.set_trace()", "    breakpoint()", "  binding.pry"],
        misses: &["const debugger_url = 1;", "self.breakpoint(addr)", "// debugger;"],
    },
    Rule {
        class: "debug-print",
        severity: Severity::Medium,
        place: Where::Product,
        extensions: &["rs"],
        title: "dbg! is left in",
        why: "It prints to standard error in every build.",
        pattern: r"\bdbg!\s*\(",
        hits: &["    let x = dbg!(compute());"],
        misses: &["    my_dbg(x);", "    log::debug!(\"x\");"],
    },
    Rule {
        class: "unfinished",
        severity: Severity::Medium,
        place: Where::Product,
        extensions: &["rs"],
        title: "Unfinished code panics when it is reached",
        why: "todo! and unimplemented! end the thread at run time.",
        pattern: r"\b(?:todo|unimplemented)!\s*\(",
        hits: &["        _ => todo!(),", "unimplemented!(\"later\")"],
        misses: &["let todo = list();"],
    },
    Rule {
        class: "debug-print",
        severity: Severity::Low,
        place: Where::Product,
        extensions: JS,
        title: "A console call is left in",
        why: "It prints in production.",
        pattern: r"^\s*console\.(?:log|debug|trace|dir)\s*\(",
        hits: &["  console.log(user);"],
        misses: &["  console.error(e);", "  // console.log(x)"],
    },
    Rule {
        class: "swallowed-error",
        severity: Severity::Low,
        place: Where::Code,
        extensions: &["py"],
        title: "A bare except catches everything, Ctrl-C too",
        why: "Interrupts and programming errors vanish here.",
        pattern: r"^\s*except\s*:\s*(?:#.*)?$",
        hits: &["    except:"],
        misses: &["    except ValueError:", "    except* Group:"],
    },
    Rule {
        class: "swallowed-error",
        severity: Severity::Low,
        place: Where::Code,
        extensions: JS,
        title: "An empty catch hides every error",
        why: "What went wrong is not even logged.",
        pattern: r"catch\s*(?:\(\s*\w*\s*\))?\s*\{\s*\}",
        hits: &["  } catch (e) {}", "try { f() } catch {}"],
        misses: &["  } catch (e) { log(e) }"],
    },
    Rule {
        class: "code-injection",
        severity: Severity::High,
        place: Where::Code,
        extensions: &["js", "jsx", "ts", "tsx", "mjs", "cjs", "py", "rb", "php"],
        title: "Input is run as code",
        why: "Whoever controls the input controls the program.",
        pattern: r"\b(?:eval|exec)\s*\(\s*(?:request|req|input|params|argv|sys\.argv|process\.argv|\$_(?:GET|POST|REQUEST)|ctx\.|event\.)",
        hits: &["eval(request.body)", "exec(input())", "eval($_GET['x']);"],
        misses: &["pattern.exec(text)", "retrieval(request)", "exec(compile(source))"],
    },
    Rule {
        class: "shell-injection",
        severity: Severity::High,
        place: Where::Code,
        extensions: &["py"],
        title: "A command is put together and given to a shell",
        why: "A value with a semicolon in it runs as a command of its own.",
        pattern: r#"(?:subprocess\.\w+|os\.system|os\.popen)\s*\(\s*(?:f["']|["'][^"']*["']\s*(?:\+|%|\.format))"#,
        hits: &["subprocess.run(f\"ls {path}\", shell=True)", "os.system(\"rm \" + name)"],
        misses: &["subprocess.run([\"ls\", path])", "os.system(\"clear\")"],
    },
    Rule {
        class: "sql-injection",
        severity: Severity::High,
        place: Where::Code,
        extensions: &[],
        title: "A query is put together from values",
        why: "A value with a quote in it changes the query.",
        pattern: r#"(?i)(?:execute|query|raw|prepare|cursor)\w*\s*\(\s*(?:f["'][^"']*\b(?:select|insert|update|delete)\b[^"']*\{|["'`][^"'`]*\b(?:select\s.+\sfrom|insert\s+into|update\s.+\sset|delete\s+from)\b[^"'`]*["']\s*(?:\+|%\s*[\w(])|`[^`]*\b(?:select\s.+\sfrom|insert\s+into|delete\s+from)\b[^`]*\$\{)"#,
        hits: &[
            "cursor.execute(f\"SELECT * FROM users WHERE id = {id}\")",
            "db.query(\"DELETE FROM t WHERE id = \" + id)",
            "db.query(`select a from t where id = ${id}`)",
        ],
        misses: &[
            "cursor.execute(\"SELECT * FROM users WHERE id = %s\", (id,))",
            "query(\"select a from t\")",
            "execute(f\"hello {name}\")",
        ],
    },
    Rule {
        class: "html-injection",
        severity: Severity::Medium,
        place: Where::Code,
        extensions: JS,
        title: "HTML is set from a value",
        why: "Markup in the value runs as script in the page.",
        pattern: r#"(?:\.innerHTML\s*\+?=\s*(?:[^"'`\s=]|`[^`]*\$\{)|dangerouslySetInnerHTML)"#,
        hits: &[
            "el.innerHTML = user.name;",
            "el.innerHTML = `<b>${name}</b>`;",
            "<div dangerouslySetInnerHTML={{ __html: x }} />",
        ],
        misses: &["el.innerHTML = '';", "el.innerHTML = \"<b>hi</b>\";", "if (el.innerHTML == x) {"],
    },
    Rule {
        class: "tls-off",
        severity: Severity::High,
        place: Where::Code,
        extensions: &[],
        title: "Certificates are not checked",
        why: "Anybody between here and there can read and change what is sent.",
        pattern: r#"(?:verify\s*=\s*False\b|rejectUnauthorized['"]?\s*:\s*false|InsecureSkipVerify:\s*true|danger_accept_invalid_certs\(\s*true|NODE_TLS_REJECT_UNAUTHORIZED\s*=\s*['"]?0|CURLOPT_SSL_VERIFYPEER,\s*(?:0|false)|\bcurl\s+(?:-\w*k\b|[^|;&]*\s(?:-k|--insecure)\b)|wget\s[^|;&]*--no-check-certificate)"#,
        hits: &[
            "requests.get(url, verify=False)",
            "rejectUnauthorized: false,",
            "InsecureSkipVerify: true,",
            "curl -k https://example.org/x",
            "curl -sk https://a.b",
        ],
        misses: &["verify=True", "curl --keepalive-time 2 https://a.b", "curl -K config"],
    },
    Rule {
        class: "pipe-to-shell",
        severity: Severity::Medium,
        place: Where::Any,
        extensions: SHELL,
        title: "A download is run unread",
        why: "Whoever controls the address runs commands here; a cut connection runs half of them.",
        pattern: r"\b(?:curl|wget)\b[^|#]*\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b",
        hits: &["curl -fsSL https://example.org/install | sh", "wget -qO- https://a.b | sudo bash -s"],
        misses: &["curl -fsSL https://a.b | jq .", "echo 'x' | sh", "curl https://a.b -o install.sh"],
    },
    Rule {
        class: "open-permissions",
        severity: Severity::Medium,
        place: Where::Any,
        extensions: &[],
        title: "Everybody may write this",
        why: "Any user of the machine can change what is run or read.",
        pattern: r"(?:\bchmod\s+(?:-R\s+)?0?777\b|\bos\.chmod\([^)]*0o777\))",
        hits: &["chmod 777 /srv", "chmod -R 0777 x", "os.chmod(p, 0o777)"],
        misses: &["chmod 755 x"],
    },
    Rule {
        class: "mutable-default",
        severity: Severity::Medium,
        place: Where::Code,
        extensions: &["py"],
        title: "A default argument is shared by all calls",
        why: "The list or dictionary is made once; what one call adds the next one sees.",
        pattern: r"^\s*(?:async\s+)?def\s+\w+\s*\([^)]*=\s*(?:\[\s*\]|\{\s*\}|list\(\)|dict\(\)|set\(\))",
        hits: &["def add(item, items=[]):", "    async def f(a, *, b={}):"],
        misses: &["def add(item, items=None):", "def f(a=()):"],
    },
    Rule {
        class: "assignment-in-condition",
        severity: Severity::Medium,
        place: Where::Code,
        extensions: &["js", "jsx", "ts", "tsx", "c", "cc", "cpp", "h", "hpp", "java", "php"],
        title: "A condition assigns",
        why: "One = sets the value and is almost always true.",
        pattern: r"\bif\s*\(\s*[\w.\->\[\]]+\s*=\s*(?:[\w.'\x22]+)\s*\)",
        hits: &["if (state = DONE) {", "if (user.role = 'admin')"],
        misses: &["if (state == DONE) {", "if ((m = next()) != null) {", "if (a <= b) {", "if (x === y) {"],
    },
    Rule {
        class: "ci-widened",
        severity: Severity::High,
        place: Where::Any,
        extensions: &["yml", "yaml"],
        title: "A workflow gets more rights",
        why: "pull_request_target and write-all run with the repository's secrets, also for strangers' changes.",
        pattern: r"^\s*(?:-\s*)?(?:pull_request_target\s*:?|permissions\s*:\s*write-all)\s*$",
        hits: &["  pull_request_target:", "permissions: write-all"],
        misses: &["  pull_request:", "permissions: read-all"],
    },
    Rule {
        class: "unpinned-action",
        severity: Severity::Low,
        place: Where::Any,
        extensions: &["yml", "yaml"],
        title: "An action follows a moving branch",
        why: "Whoever pushes to that branch changes what runs here.",
        pattern: r"^\s*(?:-\s*)?uses:\s*[\w.-]+/[\w./-]+@(?:main|master|latest|develop)\s*(?:#.*)?$",
        hits: &["      - uses: some/action@main"],
        misses: &["      - uses: actions/checkout@v4", "        uses: ./local"],
    },
    Rule {
        class: "todo",
        severity: Severity::Low,
        place: Where::Code,
        extensions: &[],
        title: "A TODO without an issue",
        why: "Nobody will find it again.",
        pattern: r"(?://|#|/\*|--|;)\s*(?:TODO|FIXME|XXX|HACK)\b(?:[^#\w]|$)",
        hits: &["// TODO: handle errors", "# FIXME later"],
        misses: &["// TODO(#12): x", "// TODO(ABC-7) x", "let todo = 1;"],
    },
];

fn compiled() -> &'static [Option<Regex>] {
    static COMPILED: OnceLock<Vec<Option<Regex>>> = OnceLock::new();
    COMPILED.get_or_init(|| RULES.iter().map(|r| Regex::new(r.pattern).ok()).collect())
}

/// Whether a rule's pattern fits a line; a reference to an issue excuses a TODO.
pub(super) fn fits(place: usize, text: &str) -> bool {
    let Some(Some(pattern)) = compiled().get(place) else { return false };
    let excused = RULES[place].class == "todo" && text.contains(['#', '(']) && {
        let after = text.split_once("TODO").or_else(|| text.split_once("FIXME")).map_or("", |(_, rest)| rest);
        after.starts_with('(')
            || after.contains("http")
            || after.split_whitespace().any(|w| w.starts_with('#') && w[1..].starts_with(|c: char| c.is_ascii_digit()))
    };
    !excused && pattern.is_match(text)
}

pub(super) fn check(file: &FileChange, class: Class, out: &mut Vec<Finding>) {
    if let Some(line) = conflict(file) {
        out.push(finding(
            file,
            line,
            "conflict",
            "conflict-marker",
            Severity::Critical,
            "A conflict marker is committed",
            "The file holds both sides of an unresolved merge and will not work.",
        ));
    }
    if !matches!(file.kind, FileKind::Text) {
        return;
    }
    hidden(file, class, out);
    if !by_hand(file, class) || class == Class::Docs {
        return;
    }
    let extension = file.path.extension();
    for (place, rule) in RULES.iter().enumerate() {
        let here = match rule.place {
            Where::Any => true,
            Where::Code => class != Class::Test,
            Where::Product => class == Class::Source && !is_sideshow(&file.path),
            Where::Tests => class == Class::Test || extension == "rs",
        };
        if !here || !(rule.extensions.is_empty() || rule.extensions.contains(&extension.as_str())) {
            continue;
        }
        let mut before = "";
        for line in file.hunks.iter().flat_map(|h| &h.lines).filter(|l| l.kind != LineKind::Removed) {
            let text = line.text.as_str();
            let silenced = [before, text].iter().any(|t| t.contains("monster:ignore"));
            before = text;
            if line.kind == LineKind::Added && text.len() <= 2_000 && !silenced && fits(place, text) {
                out.push(finding(file, line.new.unwrap_or(0), text, rule.class, rule.severity, rule.title, rule.why));
            }
        }
    }
}

/// The first line of a whole conflict that this change adds.
pub(super) fn conflict(file: &FileChange) -> Option<u32> {
    let added: Vec<_> = file.added_lines().collect();
    let begin = added.iter().position(|l| l.text.starts_with("<<<<<<< "))?;
    let rest = &added[begin..];
    let middle = rest.iter().position(|l| l.text.trim_end() == "=======")?;
    rest[middle..].iter().any(|l| l.text.starts_with(">>>>>>> ")).then(|| added[begin].new.unwrap_or(1))
}

/// Characters that make a line read otherwise than it is.
fn hidden(file: &FileChange, class: Class, out: &mut Vec<Finding>) {
    if matches!(class, Class::Lock | Class::Minified | Class::Vendored) {
        return;
    }
    for line in file.added_lines() {
        let direction = line.text.chars().any(|c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'));
        let invisible =
            class == Class::Source && line.text.chars().any(|c| matches!(c, '\u{200b}' | '\u{2060}' | '\u{00ad}'));
        let number = line.new.unwrap_or(0);
        if direction {
            out.push(finding(
                file,
                number,
                &line.text,
                "hidden-direction",
                Severity::High,
                "A line holds direction marks",
                "Editors show its parts in another order than the compiler reads them.",
            ));
        } else if invisible {
            out.push(finding(
                file,
                number,
                &line.text,
                "invisible-character",
                Severity::Medium,
                "A line holds an invisible character",
                "Two names can look the same and be different.",
            ));
        } else if class == Class::Source && lookalike(&line.text) {
            out.push(finding(
                file,
                number,
                &line.text,
                "lookalike",
                Severity::Medium,
                "A name mixes Latin with look-alike letters",
                "It looks like another name and is a different one.",
            ));
        }
    }
}

/// A word that mixes ASCII letters with Cyrillic or Greek ones that look like them.
fn lookalike(line: &str) -> bool {
    const ALIKE: &str = "аеорсухіјԁѕАВЕКМНОРСТХορνΑΒΕΖΗΙΚΜΝΟΡΤΥΧ";
    line.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|word| word.chars().any(|c| c.is_ascii_alphabetic()) && word.chars().any(|c| ALIKE.contains(c)))
}
