#!/usr/bin/env python3
"""What the hook adds to `git commit`, and how long reading and the rules take: benches/git/overhead.py

Builds monster and the measuring program (benches/git.rs), and prints two Markdown tables for docs/GIT.md. Commits with
and without the hook take turns in every round, so that what else the machine does falls on all of them; reading takes
turns with `git diff --cached` likewise. Medians, the middle 80 % and ratios within a round: nothing is asserted, and
absolute times move with the machine. Everything runs in a scratch folder against a server on loopback.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from scripted import Server  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]


def build(profile):
    """The program and the measuring program, as cargo names them."""
    command = ["cargo", "build", "--quiet", "--locked", "--profile", profile, "--bin", "monster", "--bench", "git",
               "--message-format=json"]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    found = {}
    for line in done.stdout.splitlines():
        row = json.loads(line)
        if row.get("reason") == "compiler-artifact" and row.get("executable"):
            found[row["target"]["kind"][0]] = row["executable"]
    return found["bin"], found["bench"]


def timed(args, env, cwd):
    """Wall milliseconds of one run that must succeed."""
    began = time.perf_counter()
    done = subprocess.run(args, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = (time.perf_counter() - began) * 1000
    if done.returncode:
        sys.exit(f"{' '.join(map(str, args))}: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return wall


def git(repo, env, *args):
    subprocess.run(["git", *args], cwd=repo, env=env, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def middle(values):
    """The median and where the middle 80 % lie, in milliseconds."""
    if len(values) < 3:
        return f"{statistics.median(values):.1f}"
    ten = statistics.quantiles(values, n=10, method="inclusive")
    return f"{statistics.median(values):.1f} ({ten[0]:.1f} to {ten[-1]:.1f})"


def world(home, **more):
    home.mkdir(parents=True, exist_ok=True)
    # The system's own settings are read, as for everybody: without them monster has to ask git for the others, which is
    # one process more.
    return {"HOME": str(home), "PATH": os.environ["PATH"], "TZ": "UTC", "LANG": "C.UTF-8",
            "MONSTER_LOCAL_DISCOVER": "false", "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org", **more}


def history(repo, env, commits=60):
    """Commits to learn a style from."""
    for n in range(commits):
        path = repo / f"src/part{n % 6}.rs"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"pub fn part_{n}_{k}() -> u64 {{ {k} }}\n" for k in range(20)))
        git(repo, env, "add", "-A")
        git(repo, env, "commit", "-q", "-m", f"{'feat' if n % 3 else 'fix'}(part{n % 6}): change part {n}")


def hooks(folder, monster, rounds):
    """`git commit` of one changed file, each way in turn; milliseconds by the way's name."""
    server = Server()
    editor = folder / "editor"
    # Whoever has no hook writes a message too: every way pays for the same editor.
    editor.write_text("#!/bin/sh\necho 'fix: mine' >> \"$1\"\n")
    editor.chmod(0o755)
    plain = world(folder / "plain", GIT_EDITOR=str(editor))
    offline = world(folder / "offline", GIT_EDITOR=str(editor), MONSTER_OFFLINE="true")
    model = world(folder / "model", GIT_EDITOR=str(editor), OPENAI_API_KEY="sk-" + "bench" * 8, OPENAI_BASE_URL=server.base)
    config = folder / "model/.config/monster"
    config.mkdir(parents=True)
    (config / "config.toml").write_text('[roles]\nfast = ["openai/gpt-4.1-mini"]\n')
    repo = folder / "repo"
    repo.mkdir()
    git(repo, plain, "init", "-q", "-b", "main")
    history(repo, plain)
    subprocess.run([monster, "hook", "install"], cwd=repo, env=plain, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    nothing = folder / "nothing"
    nothing.mkdir()
    (nothing / "prepare-commit-msg").write_text("#!/bin/sh\nexit 0\n")
    (nothing / "prepare-commit-msg").chmod(0o755)
    none, idle = ["-c", "core.hooksPath=/dev/null"], ["-c", f"core.hooksPath={nothing}"]
    ways = {
        "no hook": (none, [], plain),
        "a hook that does nothing": (idle, [], plain),
        "no hook, `-m`": (none, ["-m", "fix: mine"], plain),
        "hook, skipped by `-m`": ([], ["-m", "fix: mine"], plain),
        "hook, offline": ([], [], offline),
        "hook, a model that answers at once": ([], [], model),
    }
    times = {name: [] for name in ways}
    for n in range(rounds + 2):
        order = list(ways)
        for name in order[n % len(order):] + order[:n % len(order)]:
            before, after, env = ways[name]
            (repo / "src/part0.rs").write_text(f"pub fn part_0() -> u64 {{ {n} }}\n// {name}\n")
            git(repo, env, "add", "-A")
            wall = timed(["git", *before, "commit", "-q", *after], env, repo)
            git(repo, env, "reset", "-q", "--soft", "HEAD~1")
            # The first rounds warm up.
            if n >= 2:
                times[name].append(wall)
    asked = len(server.taken())
    server.shutdown()
    return times, asked


def table_of_hooks(times, asked, rounds):
    print(f"| `git commit`, one file, {rounds} rounds | ms, median (middle 80 %) | more than without, ms | ratio |")
    print("|---|---|---|---|")
    for name, own in times.items():
        base = times["no hook, `-m`" if "`-m`" in name else "no hook"]
        more = statistics.median(a - b for a, b in zip(own, base))
        ratio = statistics.median(a / b for a, b in zip(own, base))
        print(f"| {name} | {middle(own)} | {more:.1f} | {ratio:.2f} |")
    print(f"\nThe model was asked {asked} times.\n")


def change(folder, env, files):
    """A repository in which so many files of 40 lines have one changed line each, staged."""
    repo = folder / f"files{files}"
    repo.mkdir()
    git(repo, env, "init", "-q", "-b", "main")

    def write(value):
        for n in range(files):
            path = repo / f"src/m{n % 100}/f{n}.rs"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"pub fn f{n}_{k}() -> u64 {{\n    {value if k == 10 else k}\n}}\n" for k in range(14)))

    write(10)
    git(repo, env, "add", "-A")
    git(repo, env, "commit", "-q", "-m", "feat: begin")
    write(11)
    git(repo, env, "add", "-A")
    return repo


def reading(folder, reader, files, rounds):
    """One row of the second table."""
    env = world(folder / "read")
    repo = change(folder, env, files)
    diff = ["git", "diff", "--cached", "--no-ext-diff", "--no-color", "-M"]
    rows, theirs = [], []
    for n in range(rounds + 1):
        wall = timed(diff, env, repo)
        done = subprocess.run([reader, str(repo), "1"], env=env, check=True, stdout=subprocess.PIPE, text=True)
        if n:
            theirs.append(wall)
            rows.append(json.loads(done.stdout.splitlines()[-1]))
    shutil.rmtree(repo)
    own = {key: [row[key] / 1e6 for row in rows] for key in ("read", "history", "message", "review")}
    ratio = [a / b for a, b in zip(own["read"], theirs)]
    spread = f"{statistics.median(ratio):.2f} ({min(ratio):.2f} to {max(ratio):.2f})"
    cells = [f"{files:,}", middle(theirs), middle(own["read"]), spread, middle(own["history"]), middle(own["message"]), middle(own["review"])]
    print(f"| {' | '.join(cells)} |", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--profile", default="release", help="what cargo builds with")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--files", type=int, nargs="*", default=[200, 2000, 20000])
    args = parser.parse_args()
    monster, reader = build(args.profile)
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch).resolve()
        table_of_hooks(*hooks(folder, monster, args.rounds), args.rounds)
        print("| files | `git diff --cached`, ms | reading, ms | ratio | style of the history, ms | rules of the message, ms "
              "| rules of the review, ms |")
        print("|---|---|---|---|---|---|---|")
        for files in args.files:
            reading(folder, reader, files, max(3, min(args.rounds, 40_000 // files)))


if __name__ == "__main__":
    main()
