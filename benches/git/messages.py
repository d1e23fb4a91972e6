#!/usr/bin/env python3
"""How well commit messages are written, held against histories that people wrote.

    benches/git/messages.py --monster target/release/monster --commits 60 CLONE...
    benches/git/messages.py --monster target/release/monster --commits 60 --scripted CLONE...
    benches/git/messages.py --monster target/release/monster --commits 12 --model coder-1.5b --at http://127.0.0.1:8080/v1 CLONE...

Each CLONE is a folder with a git repository (bare will do). It is read and never written: its objects are borrowed by
a scratch repository, in which every commit is put back to the moment before it was made (its parent is HEAD, its tree
is the index), and `monster commit --dry-run` is asked: the rules alone (nothing is sent), with a server that always
answers the same (what is sent is counted), or with the model at that address. Only commits with a conventional subject
by people are counted. Prints a table and, with --json, one object for each clone.

`valid`: exit 0, a subject of 1 to --longest characters without a full stop, a blank line before a body, and no rule
broken that the repository declares.
`invented`: words of a model's message that look like a name in code, a path, an option or a number with points, and
stand nowhere in the change (ten lines round each hunk), its names, or the subjects and bodies of the last 200 commits.
They are looked for here, apart from the program's own check.
"""

import argparse
import collections
import http.server
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from scripted import Server  # noqa: E402

SUBJECT = re.compile(r"^([a-z]{2,12})(?:\(([^)]*)\))?!?: (.+)$")
SAME = {"feature": "feat", "bugfix": "fix", "tests": "test", "doc": "docs", "deps": "build"}
BOTS = ("[bot]", "renovate", "dependabot", "github-actions")


NAME = re.compile(r"--?[a-z][\w-]*|[\w$@][\w$]*(?:(?:::|[./#-])[\w$]+)*")
LOOKS = re.compile(r"_|::|/|\$|[a-z][A-Z]|[A-Z]{2,}[a-z]|\d\.\d|\w\.\w|^--|[a-z]\d")


class Meter(http.server.ThreadingHTTPServer):
    """Hands requests on to a model's server, and remembers their bodies."""

    daemon_threads = True

    def __init__(self, at):
        super().__init__(("127.0.0.1", 0), Onward)
        self.at, self.calls = at.rstrip("/"), []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def taken(self):
        calls, self.calls = self.calls, []
        return calls


class Onward(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        self.onward(None)

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path.endswith("/completions"):
            self.server.calls.append(raw)
        self.onward(raw)

    def onward(self, raw):
        asked = urllib.request.Request(self.server.at + self.path.removeprefix("/v1"), raw,
                                       {"content-type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=3000) as got:
                status, kind, body = got.status, got.headers.get("content-type", ""), got.read()
        except urllib.error.HTTPError as refused:
            status, kind, body = refused.code, refused.headers.get("content-type", ""), refused.read()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def invented(message, known):
    """Names in a message that stand nowhere in what it is about."""
    # A scope may have to be written another way than the folder that it names.
    known = known.replace("-", "_")
    words = {word.strip("`'\".,:;()") for word in NAME.findall(message)}
    return sorted(word for word in words if LOOKS.search(word) and word.lower().replace("-", "_") not in known)


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


def settle(scratch, args, server):
    """Settings under which the model is asked, if one is."""
    folder = os.path.join(scratch, "monster")
    os.makedirs(folder)
    declared = f"conventions = \"{'off' if args.undeclared else 'auto'}\"\n"
    if not server:
        with open(os.path.join(folder, "config.toml"), "w", encoding="utf-8") as file:
            file.write(f"[commit]\n{declared}")
        return ["--offline"]
    local = "true" if args.model else "false"
    with open(os.path.join(folder, "config.toml"), "w", encoding="utf-8") as file:
        file.write(f'[net]\nfirst_byte_timeout = 3000\n[commit]\ndeadline = 3000\n{declared}[upstreams.measured]\n'
                   f'provider = "generic"\nlocal = {local}\nbase_url = "{server.base}"\n'
                   f'dialect = "openai-chat"\nauth = "none"\n')
    return ["--model", f"measured/{args.model or 'gpt-4.1-mini'}"]


def measure(args, clone, server):
    monster, wanted, longest = os.path.abspath(args.monster), args.commits, args.longest
    rows, sizes, requests, lies = collections.Counter(), [], [], []
    said, right, meant = collections.Counter(), collections.Counter(), collections.Counter()
    with tempfile.TemporaryDirectory() as scratch:
        repo = os.path.join(scratch, "repo")
        done = run(["git", "clone", "-q", "--shared", "--no-checkout", clone, repo])
        if done.returncode:
            sys.exit(done.stderr)
        env = {"PATH": os.environ["PATH"], "HOME": scratch, "XDG_STATE_HOME": scratch, "XDG_CONFIG_HOME": scratch,
               "XDG_CACHE_HOME": scratch, "XDG_DATA_HOME": scratch, "NO_COLOR": "1"}
        how = settle(scratch, args, server)
        for made, parent, type_, scope in commits(clone, wanted):
            git(repo, "update-ref", "--no-deref", "HEAD", parent)
            git(repo, "read-tree", made)
            done = run([monster, "commit", "--dry-run", "--style", "conventional", *how], cwd=repo, env=env)
            if done.returncode == 4:
                continue
            rows["commits"] += 1
            if server:
                calls = server.taken()
                requests.append(len(calls))
                sizes.append(sum(map(len, calls)))
                known = git(repo, "diff", "-U10", "-M", parent, made) + git(repo, "log", "-200", "--format=%B", parent)
                found = invented(done.stdout, known.lower())
                rows["inventing"] += bool(found)
                lies += found
                # Where no answer can be used the rules write it, and that is told.
                rows["rules"] += "own rules" in done.stderr or not calls
            meant[type_] += 1
            subject = done.stdout.split("\n", 1)[0]
            found = SUBJECT.match(subject)
            valid = done.returncode == 0 and 0 < len(subject) <= longest and not subject.endswith(".")
            # What the repository declares is kept, or the program says what is not.
            valid = valid and "breaks a rule" not in done.stderr
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
    sent = {"requests": f"{statistics.mean(requests):.2f} (at most {max(requests)})",
            "bytes": f"{statistics.median(sizes):.0f} (at most {max(sizes)})",
            "by rules": rows["rules"], "inventing": rows["inventing"], "invented": lies} if requests else {}
    share = lambda a, b: round(rows[a] / rows[b], 3) if rows[b] else None
    return {
        "clone": os.path.basename(os.path.dirname(clone.rstrip("/"))) + "/" + os.path.basename(clone.rstrip("/")),
        "commits": rows["commits"],
        "valid": share("valid", "commits"),
        "coverage": share("typed", "commits"),
        "accuracy": share("type right", "typed"),
        "scope accuracy": share("scope right", "scoped"),
        **sent,
        "by type": {t: {"meant": meant[t], "said": said[t], "right": right[t],
                        "precision": round(right[t] / said[t], 3) if said[t] else None}
                    for t in sorted(set(meant) | set(said))},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monster", default="target/release/monster")
    parser.add_argument("--commits", type=int, default=200)
    parser.add_argument("--longest", type=int, default=72)
    parser.add_argument("--undeclared", action="store_true", help="leave aside what the repository declares of its messages")
    parser.add_argument("--scripted", action="store_true", help="ask a server that always answers the same")
    parser.add_argument("--model", help="its name at the address")
    parser.add_argument("--at", help="where a server that speaks like OpenAI's answers, for example http://127.0.0.1:8080/v1")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("clones", nargs="+", metavar="CLONE")
    args = parser.parse_args()
    if bool(args.model) != bool(args.at) or (args.scripted and args.model):
        parser.error("--model and --at go together, and not with --scripted")
    server = Server() if args.scripted else Meter(args.at) if args.model else None
    for clone in args.clones:
        row = measure(args, os.path.abspath(clone), server)
        if args.json:
            print(json.dumps(row))
            continue
        print(f"{row['clone']}: {row['commits']} commits, valid {row['valid']}, coverage {row['coverage']}, "
              f"accuracy {row['accuracy']}, scope {row['scope accuracy']}")
        if server:
            print(f"    requests {row['requests']}, bytes sent {row['bytes']}, by rules {row['by rules']}, inventing {row['inventing']}: "
                  f"{', '.join(row['invented']) or 'nothing'}")
        for type_, t in row["by type"].items():
            print(f"    {type_:<10} meant {t['meant']:>4}  said {t['said']:>4}  right {t['right']:>4}  "
                  f"precision {t['precision']}")


if __name__ == "__main__":
    main()
