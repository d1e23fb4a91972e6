//! A real model server with small real models, and this project's own history as the repository.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

use super::{parts, result, skip};
use crate::patience::ends;
use crate::sandbox::{Repo, Sandbox};

/// Prompts stay below 1,500 tokens: these models run on the processor.
const MOST_BYTES: usize = 4_000;

/// How long a real model may take for a step. On a machine on which that is not enough the story ends there, and says so:
/// a processor that is slow is no fault of this program.
const PATIENCE: Duration = Duration::from_secs(6 * 60);
/// For the first answer, which must come.
const FIRST: Duration = Duration::from_secs(15 * 60);
/// How long it may take until it is loaded.
const LOADED: Duration = Duration::from_secs(10 * 60);
/// After this no other step is begun.
const LATE: Duration = Duration::from_secs(10 * 60);

/// Servers of real models; killed when dropped.
pub struct Server {
    child: Child,
    /// Each model and its address.
    models: Vec<(String, String)>,
}

impl Server {
    /// `None` when its parts are not installed.
    pub fn start(models: &[&str]) -> Option<Self> {
        if !parts().join("model/models/coder-0.5b.gguf").is_file() {
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/real/model/start.sh");
        let mut child = Command::new(script)
            .args(models)
            .env("MONSTER_TEST_PARTS", parts())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("bash is there");
        let told = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let (tell, hear) = channel();
        std::thread::spawn(move || told.for_each(|line| drop(tell.send(line))));
        let mut server = Self { models: Vec::new(), child };
        for model in models {
            let line = hear.recv_timeout(LOADED).unwrap_or_else(|e| panic!("{model} does not start: {e}"));
            server.models.extend(line.split_once(' ').map(|(m, at)| (m.to_owned(), at.to_owned())));
        }
        Some(server)
    }

    pub fn at(&self, model: &str) -> &str {
        &self.models.iter().find(|(name, _)| name == model).unwrap_or_else(|| panic!("{model} did not start")).1
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// One entry per dialect that the best model's server speaks, one for each other model, and room for slow machines.
fn connected(server: &Server, best: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    let entry = |name: &str, model: &str, dialect: &str, path: &str| {
        format!(
            "[upstreams.{name}]\nprovider = \"generic\"\nbase_url = \"{}{path}\"\ndialect = \"{dialect}\"\nauth = \"none\"\nlocal = true\n",
            server.at(model)
        )
    };
    let patient =
        "[net]\nfirst_byte_timeout = 3000\nidle_timeout = 3000\n[hook]\ndeadline = 3000\n[ask]\ndeadline = 3000\n";
    sandbox.config(&format!(
        "[commit]\ndeadline = 3000\nmax_bytes = {MOST_BYTES}\n[review]\nmax_bytes = {MOST_BYTES}\n{patient}{}{}{}{}{}",
        entry("chat", best, "openai-chat", "/v1"),
        entry("responses", best, "openai-responses", "/v1"),
        entry("messages", best, "anthropic-messages", ""),
        entry("half", "coder-0.5b", "openai-chat", "/v1"),
        entry("small", "smol", "openai-chat", "/v1"),
    ));
    sandbox
}

/// This project, and small commits of its own, newest first. `None` where it is no clone.
fn own_history(sandbox: &Sandbox) -> Option<(Repo<'_>, Vec<String>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repo = sandbox.repo("monster");
    let pulled = sandbox.command("git", repo.path()).args(["pull", "-q", &root.display().to_string(), "HEAD"]).output();
    if !pulled.is_ok_and(|p| p.status.success()) {
        return None;
    }
    let log = repo.git(&["log", "--no-merges", "--format=@%H", "--numstat"]);
    let small = log.split('@').filter_map(|commit| {
        let (hash, files) = commit.split_once('\n')?;
        let lines: Vec<&str> = files.lines().filter(|l| !l.is_empty()).collect();
        let changed: u32 = lines.iter().flat_map(|l| l.split('\t').take(2)).filter_map(|n| n.parse::<u32>().ok()).sum();
        let source = lines.iter().any(|l| l.contains("\tsrc/"));
        (source && lines.len() <= 2 && (6..40).contains(&changed)).then(|| hash.to_owned())
    });
    let small: Vec<String> = small.take(4).collect();
    (!small.is_empty()).then_some((repo, small))
}

#[test]
fn a_real_model_writes_messages_reviews_answers_and_reconciles() {
    // `.ci/real` asks for the larger model as well; the smallest that is of use does here.
    let big = std::env::var_os("MONSTER_REAL_ALL").is_some();
    let best = if big { "coder-1.5b" } else { "coder-0.5b" };
    let models = ["smol", "coder-0.5b", "coder-1.5b"];
    let Some(server) = Server::start(models.get(..if big { 3 } else { 2 }).unwrap_or_default()) else {
        return skip("model", "no model server is installed");
    };
    let sandbox = connected(&server, best);
    let Some((repo, commits)) = own_history(&sandbox) else {
        return skip("model", "this checkout has no history to work on");
    };
    let began = Instant::now();
    dialects(&sandbox, best);
    let steps: [(&str, &dyn Fn() -> Step); 4] = [
        ("git commit with the hook", &|| message(&repo, &commits, &sandbox, best)),
        ("review", &|| review(&repo, &sandbox, best)),
        ("ask --dialectic", &|| dialectic(&sandbox, best)),
        ("count a prompt", &|| counts(&server, best)),
    ];
    for (name, step) in steps {
        let over = if began.elapsed() > LATE { Err(String::new()) } else { step() };
        if let Err(said) = over {
            let took = began.elapsed().as_secs();
            return result("model", name, &format!("NOT SHOWN: this machine is too slow, {took} s until here {said}"));
        }
    }
    everything_is_recorded(&sandbox);
}

/// A step's end; what it said where it came to none in time.
type Step = Result<(), String>;

/// The same question in each dialect that the server speaks.
fn dialects(sandbox: &Sandbox, best: &str) {
    for upstream in ["chat", "responses", "messages"] {
        let model = format!("{upstream}/{best}");
        let done =
            sandbox.monster(&["ask", "Name the capital of France in one word.", "--json", "--model", &model]).start();
        let done = done.within(FIRST, sandbox);
        let value = done.ok().json();
        let said = value["answer"].as_str().unwrap();
        assert!(said.contains("Paris"), "{model}: {said}");
        assert_eq!(value["usage"]["source"], "reported", "{model}: {value:#}");
        assert!(value["usage"]["output"].as_u64().unwrap() > 0, "{model}: {value:#}");
        result("model", &format!("ask over {upstream}, {best}"), &format!("answered \"{}\"", said.trim()));
    }
}

/// The server counts prompts, and what it counts decides: words that are longer than a guess takes them for fit a window
/// that the guess would refuse, and digits that are shorter do not fit one that it would allow.
fn counts(server: &Server, best: &str) -> Step {
    let sandbox = Sandbox::new();
    sandbox.config(&format!(
        "[net]\nfirst_byte_timeout = 3000\n[ask]\ndeadline = 3000\n[upstreams.here]\nprovider = \"llamacpp\"\n\
         base_url = \"{}/v1\"\n[[upstreams.here.models]]\nid = \"{best}\"\ncontext = 1000\nmax_output = 16\n",
        server.at(best)
    ));
    let model = format!("here/{best}");
    let ask = |text: &str| {
        let running = sandbox.monster(&["ask", "--model", &model, "--json", "-"]).stdin(text).start();
        running.ends(PATIENCE, &sandbox)
    };
    let words = ask(&format!("Say yes. {}", "documentation ".repeat(400)))?;
    // What a model this small says to it, and whether it comes to an end, is no matter here.
    let cut = words.json()["finish"] == "length";
    words.exits(if cut { 7 } else { 0 });
    let tokens = words.json()["usage"]["input"].as_u64().unwrap();
    assert!(tokens < 1000, "{}", words.all());
    let told = sandbox.monster(&["history", "show", "last"]).done();
    let counted = Regex::new(r"the prompt has (\d+) tokens \(counted by the provider\)").unwrap();
    let counted: u64 =
        counted.captures(&told.ok().stdout).unwrap_or_else(|| panic!("{}", told.all()))[1].parse().unwrap();
    assert!(counted.abs_diff(tokens) <= 16, "{counted} counted before, {tokens} reported after");
    let digits = ask(&"7 ".repeat(1_500))?;
    assert!(digits.exits(5).stderr.contains("tokens (counted by the provider)"), "{}", digits.all());
    result("model", &format!("count a prompt, {best}"), &format!("{counted} counted before, {tokens} reported after"));
    Ok(())
}

/// `git commit` with the hook and an editor that accepts what stands there, for the changes of commits of our own.
/// A model this small fails now and then, and then the rules write; of a few commits it must manage one.
fn message(repo: &Repo<'_>, commits: &[String], sandbox: &Sandbox, best: &str) -> Step {
    repo.monster(&["hook", "install"]).done().ok();
    let model = format!("chat/{best}");
    let conventional =
        Regex::new(r"^(feat|fix|docs|style|refactor|perf|test|build|ci|chore)(\([\w./-]+\))?: \S+ .+$").unwrap();
    let mut subjects = Vec::new();
    for commit in commits {
        repo.git(&["checkout", "-q", "-f", "-B", "work", commit]);
        repo.git(&["reset", "-q", "--soft", "HEAD~1"]);
        let mut git = sandbox.command("git", repo.path());
        git.args(["commit", "-q"]).env("GIT_EDITOR", "true").env("MONSTER_MODEL", &model);
        let git = git.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let out = ends(git, PATIENCE)?;
        assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
        let history = sandbox.monster(&["history", "--json"]).done().ok().json();
        let row = row_of(&history, "hook");
        let served = row["served_by"]["model"] == best;
        let message = repo.message();
        let subject = message.lines().next().unwrap().to_owned();
        assert!(subject.chars().count() <= 72, "{message}");
        if served && conventional.is_match(&subject) {
            result("model", &format!("git commit with the hook, {best}"), &format!("wrote \"{subject}\""));
            return Ok(());
        }
        subjects.push((served, subject));
    }
    panic!("no conventional message of the model's among {subjects:#?}");
}

/// What is shown stands on changed lines, and what is suggested applies.
fn review(repo: &Repo<'_>, sandbox: &Sandbox, best: &str) -> Step {
    let running = repo.monster(&["review", "HEAD~1..", "--json", "--all", "--model", &format!("chat/{best}")]).start();
    let done = running.ends(PATIENCE, sandbox)?;
    let report = done.json();
    assert!([0, 7].contains(&report["exit"].as_i64().unwrap()), "{report:#}");
    assert!(!report["requests"].as_array().unwrap().is_empty(), "the model was asked: {report:#}");
    let findings = report["findings"].as_array().unwrap();
    for finding in findings {
        let file = finding["file"].as_str().unwrap();
        let line = usize::try_from(finding["line"].as_u64().unwrap()).unwrap();
        let old = finding["side"] == "old";
        let side = if old { "HEAD~1" } else { "HEAD" };
        let text = repo.git(&["show", &format!("{side}:{file}")]);
        let text = text.lines().nth(line - 1).unwrap();
        let mark = if old { '-' } else { '+' };
        let changed = repo.git(&["diff", "HEAD~1..", "--", file]);
        assert!(
            changed.lines().any(|l| l.strip_prefix(mark) == Some(text)),
            "{file}:{line} is no changed line\n{finding:#}"
        );
        if let Some(patch) = finding["suggestion"].as_str() {
            repo.write("suggestion.patch", patch);
            repo.git(&["apply", "--check", "suggestion.patch"]);
        }
    }
    let shown = format!("{} anchored findings, {} claims dropped", findings.len(), report["dropped"]);
    result("model", &format!("review HEAD~1.., {best}"), &shown);
    Ok(())
}

/// Two models of two makers answer at once, a third call reconciles.
fn dialectic(sandbox: &Sandbox, best: &str) -> Step {
    let models = "half/coder-0.5b,small/smol";
    let synth = format!("chat/{best}");
    let question = "Is water wet? Answer in one sentence.";
    let running = sandbox.monster(&["ask", "--dialectic", question, "--models", models, "--synth", &synth]).start();
    let done = running.ends(PATIENCE, sandbox)?;
    let out = &done.stdout;
    assert!(out.contains("A│ ") && out.contains("B│ "), "both answers are shown\n{}", done.all());
    // A model this small may not manage the form or the quotes: then the answers stand and it says so.
    let state = ["Answer\n", "NOT RECONCILED", "there is nothing to reconcile"].into_iter().find(|s| out.contains(s));
    let state = state.unwrap_or_else(|| panic!("no end\n{}", done.all()));
    done.exits(if state == "NOT RECONCILED" { 7 } else { 0 });
    let said = if state == "Answer\n" { "reconciled, every quote found" } else { state };
    result("model", &format!("ask --dialectic, coder-0.5b + smol, {best} reconciles"), said);
    Ok(())
}

fn everything_is_recorded(sandbox: &Sandbox) {
    let history = sandbox.monster(&["history", "list", "-n", "100", "--json"]).done().ok().json();
    for purpose in ["ask", "hook", "review", "member", "synthesis"] {
        let row = row_of(&history, purpose);
        assert!(row["ended"].is_string(), "{row:#}");
    }
    let cost = sandbox.monster(&["cost", "--days", "3660", "--json"]).done().ok().json();
    assert!(cost["total"]["attempts"].as_u64().unwrap() >= 7, "{cost:#}");
}

fn row_of<'v>(history: &'v Value, purpose: &str) -> &'v Value {
    let rows = history["requests"].as_array().unwrap();
    rows.iter().find(|r| r["purpose"] == purpose).unwrap_or_else(|| panic!("no {purpose} in {history:#}"))
}
