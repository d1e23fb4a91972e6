#!/usr/bin/env python3
"""How long `monster cost` takes over a large ledger: benches/cost.py [--rows N] [--rounds N] [--binary FILE].

Fills a store with N plausible attempts of one year, as the schema's own triggers count them, and runs every form of
`monster cost` over it, interleaved with two floors in the same run: reading the database file, and the same sums
made by SQLite from the rows themselves. Prints a Markdown table; judge by the ratios.
"""
import argparse
import os
import pathlib
import random
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
NOW = 1_795_516_200_000  # 2026-11-24T10:30:00Z
YEAR = 365 * 86_400_000
MODELS = [("openai", "gpt-5-mini"), ("openai", "gpt-4.1-mini"), ("anthropic", "claude-haiku-4-5"),
          ("anthropic", "claude-sonnet-4-5"), ("gemini", "gemini-2.5-flash"), ("openrouter", "openai/gpt-4o-mini")]
CALLERS = ["monster ask", "monster commit", "git hook", "monster review"]


def fill(path, rows):
    """Every attempt with its request: work days, working hours, bursts, a few repositories, one commit in forty calls."""
    dice = random.Random(7)
    c = sqlite3.connect(path)
    c.execute("PRAGMA synchronous = OFF")
    c.execute("BEGIN")
    sitting = 0
    for n in range(rows):
        if sitting == 0:
            # A sitting: some dozens of calls for one thing.
            sitting = dice.randrange(10, 60)
            repo = f"/home/ada/work/project-{int(dice.triangular(0, 12, 2))}"
            branch, caller, (upstream, model) = dice.choice(["main", "main", "topic"]), dice.choice(CALLERS), dice.choice(MODELS)
            begin = int(dice.triangular(8, 19, 14) * 3_600_000)
        sitting -= 1
        day = NOW - YEAR + (YEAR // rows) * n
        at = day - day % 86_400_000 + begin + dice.randrange(1_200_000)
        commit = f"{dice.getrandbits(160):040x}" if n % 40 == 0 else None
        c.execute("INSERT INTO request (id, started_ms, ended_ms, purpose, repo, branch, asked_model, asked_effort, redacted,"
                  " stream, outcome, upstream, account, model, caller, commit_id) VALUES (?,?,?,'ask',?,?,?,'auto',0,1,"
                  "'done',?,'work',?,?,?)",
                  (f"r{n:016d}", at, at + 900, repo, branch, "fast", upstream, model, caller, commit))
        usage = "estimated" if n % 50 == 0 else "reported"
        cost = None if n % 97 == 0 else dice.randrange(20_000, 90_000_000)
        c.execute("INSERT INTO attempt (request_id, number, started_ms, ended_ms, first_content_ms, provider, upstream, account,"
                  " model, maker, dialect, status, input, cache_read, cache_write_short, cache_write_long, output, reasoning,"
                  " usage_source, cost_nano, cost_source, finish) VALUES (?,1,?,?,?,?,?,'work',?,?,'openai-chat',200,?,?,0,0,?,?,"
                  "?,?,?,'stop')",
                  (f"r{n:016d}", at, at + 900, at + 300, upstream, upstream, model, upstream, dice.randrange(200, 30_000),
                   dice.randrange(0, 20_000), dice.randrange(20, 3_000), dice.randrange(0, 900), usage, cost,
                   None if cost is None else "estimated" if usage == "estimated" else "computed"))
    c.execute("COMMIT")
    c.close()


def run(args, env):
    begin = time.perf_counter()
    done = subprocess.run(args, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wall = (time.perf_counter() - begin) * 1000
    if done.returncode != 0:
        raise SystemExit(f"{args}: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return wall


def read(path):
    begin = time.perf_counter()
    with open(path, "rb") as file:
        while file.read(1 << 20):
            pass
    return (time.perf_counter() - begin) * 1000


SUMS = """SELECT a.upstream || '/' || a.model, count(*), sum(input), sum(cache_read), sum(output), sum(cost_nano)
          FROM attempt AS a WHERE a.usage_source IS NOT NULL AND a.started_ms >= ? GROUP BY 1"""


def scan(path, since):
    begin = time.perf_counter()
    c = sqlite3.connect(path)
    c.execute(SUMS, (since,)).fetchall()
    c.close()
    return (time.perf_counter() - begin) * 1000


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--binary", default=str(ROOT / "target/dist/monster"))
    options = parser.parse_args()
    monster = str(pathlib.Path(options.binary).resolve())
    with tempfile.TemporaryDirectory() as folder:
        home = pathlib.Path(folder)
        state = home / "state"
        env = {"HOME": str(home), "PATH": os.environ["PATH"], "TZ": "Europe/Berlin", "MONSTER_STATE_DIR": str(state),
               "MONSTER_NOW": "2026-11-24T10:30:00Z"}
        run([monster, "cost"], env)  # makes the store
        path = state / "monster.db"
        begin = time.perf_counter()
        fill(path, options.rows)
        print(f"filled in {time.perf_counter() - begin:.0f} s", file=sys.stderr)
        c = sqlite3.connect(path)
        sums = c.execute("SELECT count(*) FROM spent").fetchone()[0]
        exact = c.execute("SELECT sum(exact_nano + guessed_nano) FROM spent").fetchone()[0]
        assert exact == c.execute("SELECT sum(cost_nano) FROM attempt").fetchone()[0], "the sums are their rows"
        c.close()
        year = ["--since", "366d"]
        cases = [(f"`monster cost --by {by}`, a year", [monster, "cost", "--by", by, *year])
                 for by in ("model", "day", "account", "repo", "branch", "commit", "command")]
        cases.append(("`monster cost --since month`", [monster, "cost", "--since", "month"]))
        cases.append(("`monster cost`, today", [monster, "cost"]))
        cases.append(("`monster --version`", [monster, "--version"]))
        walls = {name: [] for name, _ in cases}
        floors = {"reading the file": [], "SQLite over the rows, by model": []}
        for round_ in range(options.rounds + 1):
            for name, args in cases:
                wall = run(args, env)
                if round_ > 0:
                    walls[name].append(wall)
            if round_ > 0:
                floors["reading the file"].append(read(path))
                floors["SQLite over the rows, by model"].append(scan(path, NOW - YEAR - 86_400_000))
        base = statistics.median(floors["SQLite over the rows, by model"])
        print(f"{options.rows:,} attempts in {sums:,} sums, {path.stat().st_size / 1e6:.0f} MB, {options.rounds} interleaved rounds\n")
        print("| command | median ms | min ms | x SQLite over the rows |")
        print("|---|---|---|---|")
        for name, all_ in [*walls.items(), *floors.items()]:
            middle = statistics.median(all_)
            print(f"| {name} | {middle:.1f} | {min(all_):.1f} | {middle / base:.2f} |")


if __name__ == "__main__":
    main()
