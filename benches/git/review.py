#!/usr/bin/env python3
"""What a review finds where something is planted, and what it says where a change is clean.

    benches/git/review.py --monster target/release/monster
    benches/git/review.py --monster target/release/monster --model coder-1.5b --at http://127.0.0.1:8080/v1

The changes are the fixtures of tests/review, one class of rule each, and the pairs of benches/git/pairs: from the same
place a mistake of logic and the same change done well, which no rule can tell apart. Each becomes a repository of its
own with a commit and an index, and `monster review --staged --json` is asked: with rules alone (--offline, nothing is
sent), and with the model at that address if one is named. Prints a Markdown table for docs/GIT.md; --json prints one
object for each change instead.

Of rules, a planted line counts as found when a finding of its class stands on it; of the model, when any finding of
the model's stands within three lines of it. Everything else that is said is a false alarm.
"""

import argparse
import collections
import json
import os
import random
import re
import string
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
NEAR = 3
SIDES = {"before": ("before",), "after": ("after",), "both": ("before", "after")}


class Part:
    def __init__(self, side, path, how):
        self.side, self.path, self.how, self.lines, self.here = side, path, how, [], []


def filled(text, letters):
    """Placeholders as src/tasks/offline/review/tests/fixture.rs fills them."""
    out = []
    while "{{" in text:
        head, rest = text.split("{{", 1)
        name, closed, tail = rest.partition("}}")
        value = None
        if closed and re.fullmatch("u[0-9a-f]{4,6}", name):
            value = chr(int(name[1:], 16))
        elif closed and name.startswith("fill "):
            value = "lines of no meaning at all, sixty-four bytes with the line feed.\n" * (int(name[5:]) // 65)
        elif closed and name == "nul":
            value = "\0"
        elif closed and name == "token":
            value = "gh" + "p_" + "".join(letters.choices(string.ascii_letters + string.digits, k=36))
        out.append(head + ("{{" if value is None else value))
        text = rest if value is None else tail
    return "".join(out) + text


def marked(line):
    found = line.endswith("{{here}}")
    return (line[: -len("{{here}}")].rstrip(" ") if found else line), found


def parts(text):
    letters, out, head = random.Random(1), [], []
    for line in text.split("\n")[:-1]:
        if line.startswith("== "):
            line, whole = marked(line[3:])
            side, path, *how = line.split(" ", 2)
            out.append(Part(side, filled(path, letters), how[0] if how else ""))
            if whole:
                out[-1].here.append(0)
        elif out:
            line, here = marked(line)
            if here:
                out[-1].here.append("".join(out[-1].lines).count("\n") + 1)
            out[-1].lines.append(filled(line, letters) + "\n")
        else:
            head.append(line)
    return head, out


def changes(only, most=None):
    """Every change: name, class, whether something is planted, and its parts as (sides, part)."""
    fixtures = os.path.join(ROOT, "tests", "review")
    for class_ in sorted(os.listdir(fixtures)):
        for name in sorted(os.listdir(os.path.join(fixtures, class_))):
            with open(os.path.join(fixtures, class_, name), encoding="utf-8") as file:
                _, all_ = parts(file.read())
            yield f"{class_}/{name}", "rules", class_, not name.startswith("clean"), [(SIDES[p.side], p) for p in all_]
    pairs = os.path.join(ROOT, "benches", "git", "pairs")
    names = sorted(os.listdir(pairs))
    if most and most < len(names):
        names = [names[n * len(names) // most] for n in range(most)]
    for name in names:
        with open(os.path.join(pairs, name), encoding="utf-8") as file:
            head, all_ = parts(file.read())
        class_ = head[0].removeprefix("class: ")
        for kind in ("planted", "clean"):
            sides = {"before": ("before",), kind: ("after",)}
            yield f"pairs/{name} {kind}", "logic", class_, kind == "planted", [
                (sides[p.side], p) for p in all_ if p.side in sides]


def git(repo, *args, stdin=b""):
    env = {"PATH": os.environ["PATH"], "HOME": repo, "GIT_CONFIG_NOSYSTEM": "1", "GIT_AUTHOR_NAME": "a",
           "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
           "GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}
    done = subprocess.run(["git", "-C", repo, *args], input=stdin, env=env, capture_output=True, check=False)
    if done.returncode:
        sys.exit(f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode().strip()


def submodule(repo, path, which):
    inner = os.path.join(repo, path)
    if not os.path.isdir(inner):
        os.makedirs(inner)
        git(inner, "init", "-q")
    tree, commit = git(inner, "mktree"), {}
    for name, parent in (("first", None), ("second", "first"), ("third", "second")):
        commit[name] = git(inner, "commit-tree", tree, *(["-p", commit[parent]] if parent else []), "-m", name)
    git(inner, "update-ref", "refs/remotes/origin/main", commit["second"])
    return commit[which]


def build(repo, all_):
    """A commit of what was before and an index of what is after; nothing is checked out."""
    git(repo, "init", "-q", "-b", "main")
    for side in ("before", "after"):
        git(repo, "read-tree", "--empty")
        for sides, part in all_:
            if side not in sides:
                continue
            text = "".join(part.lines).encode()
            if part.how.startswith("commit="):
                mode, id_ = "160000", submodule(repo, part.path, part.how[7:])
            elif part.how == "link":
                mode, id_ = "120000", git(repo, "hash-object", "-w", "--stdin", stdin=text.rstrip())
            else:
                mode = part.how.removeprefix("mode=") or "100644"
                id_ = git(repo, "hash-object", "-w", "--stdin", stdin=text)
            git(repo, "update-index", "-z", "--index-info", stdin=f"{mode} {id_}\t{part.path}\0".encode())
        if side == "before":
            git(repo, "update-ref", "HEAD", git(repo, "commit-tree", git(repo, "write-tree"), "-m", "before"))


def review(args, repo, home):
    env = {"PATH": os.environ["PATH"], "HOME": home, "NO_COLOR": "1",
           **{f"XDG_{name}_HOME": os.path.join(home, name.lower()) for name in ("STATE", "CONFIG", "CACHE", "DATA")}}
    how = ["--model", f"measured/{args.model}"] if args.model else ["--offline"]
    command = [args.monster, "review", "--staged", "--all", "--json", "--allow-incomplete", *how]
    begin = time.monotonic()
    done = subprocess.run(command, cwd=repo, env=env, capture_output=True, text=True, check=False)
    try:
        said = json.loads(done.stdout)
    except json.JSONDecodeError:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}: {done.stderr or done.stdout}")
    if args.model and not said["requests"]:
        sys.exit(f"{args.model} did not answer: {done.stderr}")
    return said, time.monotonic() - begin


def configure(args, home):
    folder = os.path.join(home, "config", "monster")
    os.makedirs(folder)
    if args.model:
        with open(os.path.join(folder, "config.toml"), "w", encoding="utf-8") as file:
            file.write(f'[net]\nfirst_byte_timeout = 3000\n[upstreams.measured]\nprovider = "generic"\nlocal = true\n'
                       f'base_url = "{args.at}"\ndialect = "openai-chat"\nauth = "none"\n')


def source(finding):
    return finding.get("source") or finding.get("origin")


def judge(kind, class_, all_, findings):
    """Who found which planted line, and what else was said: (planted, found, alarms), the last two by source."""
    wanted = {(part.path, line) for _, part in all_ for line in part.here}
    found, alarms = collections.defaultdict(set), collections.Counter()
    for finding in findings:
        who, place = source(finding), (finding["file"], finding["line"])
        if who == "static":
            hits = {place} & wanted if finding["class"] == class_ and kind == "rules" else set()
        else:
            hits = {w for w in wanted if w[0] == place[0] and abs(w[1] - place[1]) <= NEAR}
        found[who] |= hits
        alarms[who] += not hits
    return len(wanted), {who: len(hits) for who, hits in found.items()}, alarms


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monster", default="target/release/monster")
    parser.add_argument("--model", help="its name at the address")
    parser.add_argument("--at", help="where a server that speaks like OpenAI's answers, for example http://127.0.0.1:8080/v1")
    parser.add_argument("--only", choices=["rules", "logic"], help="the fixtures of rules or the pairs of logic alone")
    parser.add_argument("--pairs", type=int, help="so many of the pairs of logic, spread over all of them")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    if bool(args.model) != bool(args.at):
        parser.error("--model and --at go together")
    args.monster = os.path.abspath(args.monster)
    whose = ["static", "model"] if args.model else ["static"]
    rows, times = collections.defaultdict(collections.Counter), []
    with tempfile.TemporaryDirectory() as home:
        configure(args, home)
        for name, kind, class_, planted, all_ in changes(args.only, args.pairs):
            if args.only and kind != args.only:
                continue
            with tempfile.TemporaryDirectory() as repo:
                build(repo, all_)
                said, took = review(args, repo, home)
            times.append(took)
            lines, found, alarms = judge(kind, class_, all_, said["findings"])
            if args.json:
                print(json.dumps({"change": name, "class": class_, "planted": lines, "found": found,
                                  "alarms": dict(alarms), "seconds": round(took, 3)}), flush=True)
            row = rows[(kind, class_)]
            row["changes"] += 1
            row["clean"] += not planted
            row["lines"] += lines
            for who in whose:
                row[f"{who} found"] += found.get(who, 0)
                row[f"{who} alarms"] += alarms[who]
                row[f"{who} alarmed"] += not planted and alarms[who] > 0
    if args.json:
        return
    name = {"static": "rules", "model": args.model}
    print("| class | planted | clean |" + "".join(f" {name[w]}: found | false |" for w in whose))
    print("|---|---|---|" + "---|---|" * len(whose))

    def line(title, row):
        cells = "".join(f" {row[f'{w} found']} | {row[f'{w} alarms']} |" for w in whose)
        print(f"| {title} | {row['lines']} | {row['clean']} |{cells}")

    for kind in ("rules", "logic"):
        total = collections.Counter()
        for (of, class_), row in sorted(rows.items()):
            if of == kind:
                line(class_, row)
                total.update(row)
        if total:
            line(f"**{'classes of rules' if kind == 'rules' else 'mistakes of logic'}**", total)
    times.sort()
    print(f"\n{len(times)} reviews, median {times[len(times) // 2] * 1000:.0f} ms.")


if __name__ == "__main__":
    main()
