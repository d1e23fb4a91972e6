#!/usr/bin/env python3
"""How well the rules alone write commit messages, held against histories that people wrote.

    benches/git/messages.py --monster target/release/monster --commits 200 CLONE...

Each CLONE is a folder with a git repository (bare will do). It is read and never written: its objects are borrowed by
a scratch repository, in which every commit is put back to the moment before it was made (its parent is HEAD, its tree
is the index), and `monster commit --dry-run --offline` is asked. Nothing is sent. Only commits with a conventional
subject by people are counted. Prints a table and, with --json, one object for each clone.
"""

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import tempfile

SUBJECT = re.compile(r"^([a-z]{2,12})(?:\(([^)]*)\))?!?: (.+)$")
SAME = {"feature": "feat", "bugfix": "fix", "tests": "test", "doc": "docs", "deps": "build"}
BOTS = ("[bot]", "renovate", "dependabot", "github-actions")


def run(command, cwd=None, env=None):
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, errors="replace", check=False)


def git(repo, *args):
    done = run(["git", "-C", repo, *args])
    if done.returncode:
        sys.exit(f"git {' '.join(args)}: {done.stderr.strip()}")
    return done.stdout


def commits(clone, wanted):
    """Conventional commits of people, newest first: (id, parent, type, scope)."""
    out = []
    for line in git(clone, "log", "--no-merges", "--format=%H%x01%P%x01%an%x01%s").splitlines():
        made, parents, author, subject = line.split("\x01", 3)
        found = SUBJECT.match(subject)
        if not found or not parents or any(bot in author.lower() for bot in BOTS):
            continue
        out.append((made, parents.split()[0], SAME.get(found[1], found[1]), found[2]))
        if len(out) >= wanted:
            break
    return out


def measure(monster, clone, wanted, longest):
    rows = collections.Counter()
    said, right, meant = collections.Counter(), collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        repo = os.path.join(scratch, "repo")
        done = run(["git", "clone", "-q", "--shared", "--no-checkout", clone, repo])
        if done.returncode:
            sys.exit(done.stderr)
        env = {"PATH": os.environ["PATH"], "HOME": scratch, "XDG_STATE_HOME": scratch, "XDG_CONFIG_HOME": scratch,
               "XDG_CACHE_HOME": scratch, "XDG_DATA_HOME": scratch, "NO_COLOR": "1"}
        for made, parent, type_, scope in commits(clone, wanted):
            git(repo, "update-ref", "--no-deref", "HEAD", parent)
            git(repo, "read-tree", made)
            done = run([monster, "commit", "--dry-run", "--offline", "--style", "conventional"], cwd=repo, env=env)
            if done.returncode == 4:
                continue
            rows["commits"] += 1
            meant[type_] += 1
            subject = done.stdout.split("\n", 1)[0]
            found = SUBJECT.match(subject)
            valid = done.returncode == 0 and 0 < len(subject) <= longest and not subject.endswith(".")
            lines = done.stdout.rstrip("\n").split("\n")
            rows["valid"] += valid and (len(lines) < 2 or lines[1] == "")
            if not found:
                continue
            rows["typed"] += 1
            mine = SAME.get(found[1], found[1])
            said[mine] += 1
            if mine == type_:
                rows["type right"] += 1
                right[mine] += 1
            if found[2] and scope:
                rows["scoped"] += 1
                rows["scope right"] += found[2] == scope
    share = lambda a, b: round(rows[a] / rows[b], 3) if rows[b] else None
    return {
        "clone": os.path.basename(os.path.dirname(clone.rstrip("/"))) + "/" + os.path.basename(clone.rstrip("/")),
        "commits": rows["commits"],
        "valid": share("valid", "commits"),
        "coverage": share("typed", "commits"),
        "accuracy": share("type right", "typed"),
        "scope accuracy": share("scope right", "scoped"),
        "by type": {t: {"meant": meant[t], "said": said[t], "right": right[t],
                        "precision": round(right[t] / said[t], 3) if said[t] else None}
                    for t in sorted(set(meant) | set(said))},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monster", default="target/release/monster")
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--longest", type=int, default=72)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("clones", nargs="+", metavar="CLONE")
    args = parser.parse_args()
    for clone in args.clones:
        row = measure(os.path.abspath(args.monster), os.path.abspath(clone), args.commits, args.longest)
        if args.json:
            print(json.dumps(row))
            continue
        print(f"{row['clone']}: {row['commits']} commits, valid {row['valid']}, coverage {row['coverage']}, "
              f"accuracy {row['accuracy']}, scope {row['scope accuracy']}")
        for type_, t in row["by type"].items():
            print(f"    {type_:<10} meant {t['meant']:>4}  said {t['said']:>4}  right {t['right']:>4}  "
                  f"precision {t['precision']}")


if __name__ == "__main__":
    main()
