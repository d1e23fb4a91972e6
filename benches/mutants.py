#!/usr/bin/env python3
"""Deletes one check of the traffic code after the other and asks whether the simulator notices.

    benches/mutants.py [--requests N] [--seed N] [--only WORD] [--most SECONDS]

Works on a copy in `target/mutants`; the source is left alone. Every mutant is compiled into one test binary behind a
switch, so that there is one build for all of them. A text that is not found exactly once is an error: a list that does
not fit the code proves nothing. Ends with 1 when a mutant that is not said to be covered elsewhere survives.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COPY = ROOT / "target" / "mutants"
TEST = "client::tests::simulator::a_busy_morning_loses_nothing_and_asks_nobody_who_cools_down"

PLAN = "src/client/plan.rs"
SERVE = "src/client/serve.rs"
COOL = "src/client/cool.rs"
ATTEMPT = "src/client/attempt.rs"
TICKET = "src/store/ticket.rs"

# (name, file, text, what stands there in the mutant). In code, ON is the switch; a query is another one while it is on.
MUTANTS = [
    ("a call does not keep what it condemned itself", PLAN,
     "mine.filter(|(until, _)| *until > now_ms)",
     "mine.filter(|(until, _)| !ON && *until > now_ms)"),
    ("a cool-down that holds is not kept", PLAN,
     "(Stands::Holds(until), _) if sleeps.is_none_or(",
     "(Stands::Holds(until), _) if !ON && sleeps.is_none_or("),
    ("what may be tried by one may be tried by all", PLAN,
     "(Stands::Probe, None) => probes.push(cool.key.clone()),",
     "(Stands::Probe, None) => if !ON { probes.push(cool.key.clone()) },"),
    ("who came before is not seen", PLAN,
     "None if keys.iter().any(|k| self.ahead.contains(k)) => {",
     "None if !ON && keys.iter().any(|k| self.ahead.contains(k)) => {"),
    ("an account without credit is asked like any other", PLAN,
     "(Stands::Holds(_), _) if !cool.waits => rests = true,",
     "(Stands::Holds(_), _) if !cool.waits => rests = !ON,"),
    ("an account without credit is asked first when no time is left", PLAN,
     "State::Rests(keys) => resting = resting.or(Some(last(route, keys))),",
     "State::Rests(keys) => if ON { return last(route, keys) } else { resting = resting.or(Some(last(route, keys))) },"),
    ("money is waited for", PLAN,
     "let waits = failure.action == Action::Park;",
     "let waits = ON || failure.action == Action::Park;"),
    ("the try of a cool-down is not asked of the store", SERVE,
     "let taken = self.client.store.probe(&keys, place, cool::STALE);",
     "let taken = if ON { Err(crate::store::StoreError::Sqlite(rusqlite::Error::InvalidQuery)) } "
     "else { self.client.store.probe(&keys, place, cool::STALE) };"),
    ("nobody looks after a failure", SERVE,
     "// While this one was tried, others may have met what the next one would.\n            self.look(&mut plan, &mut waiting);",
     "if !ON { self.look(&mut plan, &mut waiting); }"),
    ("nobody looks after a nap", SERVE,
     "self.nap(nap).await;\n        self.look(plan, waiting);",
     "self.nap(nap).await;\n        if !ON { self.look(plan, waiting); }"),
    ("a cool-down is not told to others", SERVE,
     "{\n                self.client.cool(chill);",
     "{\n                if !ON { self.client.cool(chill); }"),
    ("nobody takes a place in line", SERVE,
     "if waiting.ticket.is_some() {\n            return Ok(());",
     "if ON || waiting.ticket.is_some() {\n            return Ok(());"),
    ("a try is kept when another route is taken", SERVE,
     "let stays = probe.keys().iter().all(",
     "let stays = ON || probe.keys().iter().all("),
    ("a try is had at once instead of half way", COOL,
     "(true, _) if !early || now_ms < half => {",
     "(true, _) if !ON && (!early || now_ms < half) => {"),
    ("a second try is had before the end", COOL,
     "(true, _) if probed.is_some() => Stands::Holds(cool.until_ms),",
     "(true, _) if !ON && probed.is_some() => Stands::Holds(cool.until_ms),"),
    ("nobody waits for another's try", COOL,
     "(false, true) => Stands::Holds(now_ms + LOOK),",
     "(false, true) => if ON { Stands::Probe } else { Stands::Holds(now_ms + LOOK) },"),
    ("a burst counts as often as it has requests", COOL,
     "let same = known.filter(|k| k.set_ms > self.began_ms && ",
     "let same = known.filter(|k| !ON && k.set_ms > self.began_ms && "),
    ("a success ends nothing", ATTEMPT,
     "ends.iter().for_each(|key| self.client.store.wake(key));",
     "ends.iter().filter(|_| !ON).for_each(|key| self.client.store.wake(key));"),
    ("the store gives one try to two", TICKET,
     "WHERE key = ?3 AND (probe_ms IS NULL OR probe_ms <= ?2",
     "WHERE key = ?3 AND (1 OR probe_ms IS NULL OR probe_ms <= ?2"),
    ("the store gives a try to who came later", TICKET,
     "AND id < ?4)\";",
     "AND id < ?4 AND 0)\";"),
    ("the store tells nobody who came before", TICKET,
     "AND id < ?2)\";",
     "AND id < ?2 AND 0)\";"),
]

# What no provider can see, because another check does the same; and what holds it instead.
ELSEWHERE = {
    "nobody waits for another's try": "the store gives no second try, so only needless questions are seen, by three tests of client/tests/plan.rs",
}

SWITCHED = re.compile(r"\bON\b")
QUOTE = '";'
SWITCH = """
#[cfg(test)]
pub(crate) fn mutated(n: u32) -> bool {
    static N: std::sync::OnceLock<u32> = std::sync::OnceLock::new();
    *N.get_or_init(|| std::env::var("MONSTER_MUTANT").ok().and_then(|n| n.parse().ok()).unwrap_or(0)) == n
}
#[cfg(not(test))]
pub(crate) fn mutated(_: u32) -> bool {
    false
}
pub(crate) fn queried(sql: &str) -> String {
    QUERIES.iter().filter(|(n, ..)| mutated(*n)).fold(sql.to_owned(), |sql, (_, from, to)| sql.replace(from, to))
}
"""


def copied():
    """The source as it stands, with every mutant behind its switch."""
    shutil.rmtree(COPY, ignore_errors=True)
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    for name in subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0"):
        if name and (ROOT / name).is_file():
            (COPY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, COPY / name)
    wrong, queries = 0, []
    for n, (name, file, text, mutant) in enumerate(MUTANTS, 1):
        path = COPY / file
        source = path.read_text()
        found = source.count(text)
        if found != 1:
            print(f"{name}: its text is found {found} times in {file}")
            wrong += 1
        elif SWITCHED.search(mutant):
            path.write_text(source.replace(text, SWITCHED.sub(f"crate::mutated({n})", mutant)))
        else:
            queries.append(f'({n}, r#"{text.rstrip(QUOTE)}"#, r#"{mutant.rstrip(QUOTE)}"#)')
            path.write_text(re.sub(r"prepare_cached\(([A-Z]+)\)", r"prepare_cached(&crate::queried(\1))", source))
    if wrong:
        sys.exit("the list does not fit the code")
    # What is built here must not be taken for the package itself, nor the other way round.
    manifest = COPY / "Cargo.toml"
    manifest.write_text(re.sub(r'(?m)^version = "([^"]*)"', r'version = "\1-mutants"', manifest.read_text(), count=1))
    lib = COPY / "src/lib.rs"
    rows = f"const QUERIES: &[(u32, &str, &str)] = &[{', '.join(queries)}];\n"
    lib.write_text(lib.read_text() + SWITCH + rows)


def built():
    """The test binary."""
    command = ["cargo", "test", "--lib", "--no-run", "-j", "1"]
    env = dict(os.environ, CARGO_TARGET_DIR=str(ROOT / "target"))
    done = subprocess.run(command, cwd=COPY, env=env, capture_output=True, text=True)
    found = re.search(r"Executable unittests src/lib.rs \((.*)\)", done.stderr)
    if done.returncode or not found:
        sys.exit(done.stderr)
    return shutil.copy2(COPY / found[1], COPY / "simulator")


def run(binary, n, options):
    """How the simulator ends with one mutant, and what it says."""
    env = dict(os.environ, RUST_BACKTRACE="0", MONSTER_MUTANT=str(n), MONSTER_SIMULATED=str(options.requests))
    env.pop("MONSTER_SEED", None)
    if options.seed:
        env["MONSTER_SEED"] = str(options.seed)
    command = [str(binary), "--exact", TEST]
    try:
        done = subprocess.run(command, cwd=COPY, env=env, capture_output=True, text=True, timeout=options.most)
    except subprocess.TimeoutExpired:
        return False, f"does not end within {options.most} s"
    if "test result: ok. 1 passed" in done.stdout:
        return True, "all rules hold"
    said = re.search(r"panicked at [^\n]*\n([^\n]*)(?:\n *left: ([^\n]*))?", done.stdout + done.stderr)
    return False, " ".join(filter(None, said.groups())) if said else (done.stdout + done.stderr)[-300:]


def main():
    parse = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parse.add_argument("--requests", type=int, default=2_500)
    parse.add_argument("--seed", type=int)
    parse.add_argument("--only", default="")
    parse.add_argument("--most", type=int, default=600)
    options = parse.parse_args()
    copied()
    binary = built()
    whole, why = run(binary, 0, options)
    if not whole:
        sys.exit(f"the simulator fails without any mutant: {why}")
    survived = []
    for n, (name, *_) in enumerate(MUTANTS, 1):
        if options.only not in name:
            continue
        began = time.monotonic()
        lives, why = run(binary, n, options)
        seconds = round(time.monotonic() - began)
        if lives and name in ELSEWHERE:
            why = ELSEWHERE[name]
        elif lives:
            survived.append(name)
        fate = "caught" if not lives else "elsewhere" if name in ELSEWHERE else "SURVIVED"
        print(f"{n:2}  {fate:9}  {name} ({seconds} s): {why[:230]}", flush=True)
    if survived:
        sys.exit(f"{len(survived)} of {len(MUTANTS)} survived")


if __name__ == "__main__":
    main()
