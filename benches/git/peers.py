#!/usr/bin/env python3
"""Commit messages beside other programs, all against one scripted server on loopback: benches/git/peers.py

First install them: benches/git/install-peers.sh (under target/peers, or $PEERS_HOME). Whoever is missing is named. Prints
Markdown tables for docs/GIT.md: what a commit takes on top of `git commit`, how many requests and bytes it sends for a
small change, for 200 files and for a lock file alone, how many of the planted secrets leave, and what becomes of a hook
that stands there already. Secrets are made up in every run and stand in no file of ours. Ways take turns in every round;
nothing is asserted, and absolute times move with the machine.
"""

import argparse
import base64
import json
import os
import pathlib
import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from scripted import Server  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(os.environ.get("PEERS_HOME", ROOT / "target/peers"))
# Where Ollama listens; the one address on loopback that lumen knows.
OLLAMA = 11434
# A program that hangs is ended after this (seconds).
PATIENCE = 240
DRAW = random.SystemRandom()


def drawn(count, letters=string.ascii_letters + string.digits):
    return "".join(DRAW.choice(letters) for _ in range(count))


def canaries():
    """Secrets by what they are. Built here, so that no file of ours holds one."""
    upper, der = string.ascii_uppercase + string.digits, bytes(DRAW.randrange(256) for _ in range(256))
    body = base64.b64encode(b"\x30\x82\x02\x5c\x02\x01\x00" + der).decode()
    part = lambda value: base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
    return {
        "AWS id": "AK" + "IA" + drawn(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "AWS secret": drawn(40),
        "GitHub token": "gh" + "p_" + drawn(36),
        "Slack token, on a removed line": "xo" + "xb-" + drawn(12, string.digits) + "-" + drawn(12, string.digits) + "-" + drawn(24),
        "database password, on a context line": drawn(20),
        "Stripe key": "sk_" + "live_" + drawn(24),
        "Google key": "AI" + "za" + drawn(35),
        "OpenAI key": "sk-" + "proj-" + drawn(20) + "T3Blbk" + "FJ" + drawn(20),
        "Anthropic key": "sk-" + "ant-api03-" + drawn(93) + "AA",
        "npm token": "np" + "m_" + drawn(36),
        "JWT": "ey" + part({"alg": "HS256"})[2:] + "." + part({"sub": drawn(12, upper)}) + "." + drawn(43),
        "private key": body,
    }


def env_of(home, **more):
    home.mkdir(parents=True, exist_ok=True)
    return {"HOME": str(home), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC", "LANG": "C.UTF-8",
            "TERM": "dumb", "XDG_CONFIG_HOME": str(home / ".config"), "XDG_STATE_HOME": str(home / ".state"),
            "XDG_CACHE_HOME": str(home / ".cache"), "MONSTER_LOCAL_DISCOVER": "false", "GIT_EDITOR": "true",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.org", **more}


def run(args, env, cwd, **more):
    """Exit code and output; 124 when it took too long."""
    try:
        done = subprocess.run(args, env=env, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE, **more)
    except subprocess.TimeoutExpired:
        return 124, f"not done after {PATIENCE} s"
    return done.returncode, (done.stdout + done.stderr).decode(errors="replace")


def git(repo, env, *args):
    code, said = run(["git", *args], env, repo)
    if code:
        sys.exit(f"git {' '.join(args)}: {said}")
    return said.strip()


class Peer:
    """One program: how it commits, and its hook. `commit` is a list of commands, of which the last makes the commit."""

    def __init__(self, name, program, env, commit, install=None, uninstall=None, file=None):
        self.name, self.program, self.env = name, program, env
        self.commit, self.install, self.uninstall, self.file = commit, install, uninstall, file

    def there(self):
        return pathlib.Path(self.program).is_file()


def peers(monster, server, homes):
    key, model = "sk-" + "bench" * 8, "gpt-4.1-mini"
    npm, cargo = PEERS / "npm/node_modules/.bin", PEERS / "cargo/bin"
    env = env_of(homes / "monster", OPENAI_API_KEY=key, OPENAI_BASE_URL=server.base)
    yield Peer("monster", monster, env, [[monster, "commit", "-y", "--model", f"openai/{model}"]],
               [monster, "hook", "install"], [monster, "hook", "uninstall"])
    oco = str(npm / "oco")
    env = env_of(homes / "opencommit", OCO_AI_PROVIDER="openai", OCO_API_KEY=key, OCO_API_URL=server.base, OCO_MODEL=model,
                 OCO_GITPUSH="false", OCO_TEST_SKIP_VERSION_CHECK="true")
    yield Peer("opencommit", oco, env, [[oco, "--yes"]], [oco, "hook", "set"], [oco, "hook", "unset"])
    aic = str(npm / "aicommits")
    env = env_of(homes / "aicommits", OPENAI_API_KEY=key, OPENAI_BASE_URL=server.base, OPENAI_MODEL=model)
    (homes / "aicommits/.aicommits").write_text(
        f"provider=custom\nOPENAI_API_KEY={key}\nOPENAI_BASE_URL={server.base}\nOPENAI_MODEL={model}\n")
    # Off a terminal it prints its message, whatever the flags.
    draft = f"'{aic}' > .git/drafted && git commit -q -F .git/drafted"
    yield Peer("aicommits", aic, env, [["sh", "-c", draft]], [aic, "hook", "install"], [aic, "hook", "uninstall"])
    gpt = str(cargo / "gptcommit")
    # It looks for itself on the path, and is not installed without.
    env = env_of(homes / "gptcommit", PATH=f"{cargo}{os.pathsep}{os.environ['PATH']}", GPTCOMMIT__OPENAI__API_KEY=key, GPTCOMMIT__OPENAI__API_BASE=server.base,
                 GPTCOMMIT__OPENAI__MODEL=model)
    config = homes / "gptcommit/.config/gptcommit"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(
        f'model_provider = "openai"\n[openai]\napi_key = "{key}"\napi_base = "{server.base}"\nmodel = "{model}"\nretries = 1\n')
    # It has no command that commits: its hook is the way.
    yield Peer("gptcommit", gpt, env, [[gpt, "install"], ["git", "commit", "-q"]], [gpt, "install"], [gpt, "uninstall"])
    lumen = str(cargo / "lumen")
    # Its addresses are fixed, and the model's name chooses among them; the only one on loopback is Ollama's.
    env = env_of(homes / "lumen")
    draft = f"'{lumen}' -p ollama -m llama3.2 draft > .git/drafted && git commit -q -F .git/drafted"
    yield Peer("lumen", lumen, env, [["sh", "-c", draft]])


def small(repo, env, secrets):
    """One file with secrets: on a removed line, on a context line, and on added ones."""
    lines = [f"password = \"{secrets['database password, on a context line']}\"", "size = 10",
             f"slack = \"{secrets['Slack token, on a removed line']}\""]
    (repo / "settings.toml").write_text("\n".join(lines) + "\n")
    (repo / "pager.rs").write_text("pub fn pages(items: usize, size: usize) -> usize {\n    items / size\n}\n")
    git(repo, env, "add", "-A")
    git(repo, env, "commit", "-q", "-m", "feat: add paging")
    added = [f"{name.split(',')[0].lower().replace(' ', '_')} = \"{value}\"" for name, value in secrets.items()
             if "line" not in name and name != "private key"]
    pem = "-----BEGIN " + "RSA PRIVATE KEY-----\n" + "\n".join(
        secrets["private key"][n:n + 64] for n in range(0, len(secrets["private key"]), 64)) + "\n-----END " + "RSA PRIVATE KEY-----\n"
    (repo / "settings.toml").write_text("\n".join([lines[0], "size = 20", *added]) + "\n")
    (repo / "deploy.pem").write_text(pem)
    (repo / "pager.rs").write_text("pub fn pages(items: usize, size: usize) -> usize {\n    items.div_ceil(size)\n}\n")
    git(repo, env, "add", "-A")


def many(repo, env, _):
    def write(value):
        for n in range(200):
            path = repo / f"src/m{n % 20}/f{n}.rs"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("".join(f"pub fn f{n}_{k}() -> u64 {{ {value if k == 20 else k} }}\n" for k in range(40)))
    write(20)
    git(repo, env, "add", "-A")
    git(repo, env, "commit", "-q", "-m", "feat: begin")
    write(21)
    git(repo, env, "add", "-A")


def lock(repo, env, _):
    def write(version):
        packages = {f"node_modules/package-{n}": {"version": f"1.{version}.{n}", "resolved": f"https://example.org/p-{n}.tgz",
                    "integrity": "sha512-" + base64.b64encode(f"{version}{n}".encode() * 16).decode()} for n in range(3000)}
        (repo / "package-lock.json").write_text(json.dumps({"name": "app", "lockfileVersion": 3, "packages": packages}, indent=2))
    write(1)
    git(repo, env, "add", "-A")
    git(repo, env, "commit", "-q", "-m", "build: lock packages")
    write(2)
    git(repo, env, "add", "-A")


def fresh(folder, name, env, fill, secrets):
    repo = folder / name
    shutil.rmtree(repo, ignore_errors=True)
    repo.mkdir(parents=True)
    git(repo, env, "init", "-q", "-b", "main")
    fill(repo, env, secrets)
    return repo


def once(peer, server, folder, fill, secrets):
    """One commit: milliseconds of its last command, bodies that were sent, the subject or why there is none."""
    repo = fresh(folder, "repo", peer.env, fill, secrets)
    before = git(repo, peer.env, "rev-parse", "HEAD")
    server.taken()
    for args in peer.commit[:-1]:
        run(args, peer.env, repo)
    began = time.perf_counter()
    code, said = run(peer.commit[-1], peer.env, repo)
    wall = (time.perf_counter() - began) * 1000
    sent = server.taken()
    if git(repo, peer.env, "rev-parse", "HEAD") == before:
        last = (said.strip().splitlines() or ["no word"])[-1]
        return wall, sent, None, f"no commit (exit {code}): {last[:80]}"
    return wall, sent, git(repo, peer.env, "log", "-1", "--format=%s"), ""


def leaked(sent, secrets):
    """Which secrets stand in what was sent, however they were escaped: of a private key, a line of it is enough."""
    text = b"\n".join(sent).decode(errors="replace")
    text += text.replace("\\n", "\n").replace('\\"', '"')
    return [name for name, value in secrets.items() if (value[64:128] if name == "private key" else value) in text]


def hook(peer, folder):
    """What becomes of a hook that stands there already."""
    if not peer.install:
        return "has no hook", ""
    repo = fresh(folder, "hooked", peer.env, small, canaries())
    prior = repo / ".git/hooks/prepare-commit-msg"
    prior.parent.mkdir(exist_ok=True)
    text = "#!/bin/sh\necho ran >> .git/prior-ran\n"
    prior.write_text(text)
    prior.chmod(0o755)
    code, _ = run(peer.install, peer.env, repo)
    same = prior.is_file() and not prior.is_symlink() and prior.read_text() == text
    run(["git", "commit", "-q"], peer.env, repo)
    ran = (repo / ".git/prior-ran").is_file()
    installed = {(True, True): "refused: only the old one runs" if code else "says it is installed; only the old one runs",
                 (False, True): "both run", (False, False): "the old one runs no more", (True, False): "neither runs"}[(same, ran)]
    run(peer.uninstall, peer.env, repo)
    if not prior.is_file():
        return installed, "gone"
    return installed, "as it was" if prior.read_text() == text and prior.stat().st_mode & 0o777 == 0o755 else "changed"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--monster", help="a binary; without it, cargo builds one")
    parser.add_argument("--profile", default="release")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", nargs="*", help="these programs alone")
    args = parser.parse_args()
    monster = args.monster
    if not monster:
        subprocess.run(["cargo", "build", "--quiet", "--locked", "--profile", args.profile, "--bin", "monster"], cwd=ROOT, check=True)
        monster = str(ROOT / "target" / ("debug" if args.profile == "dev" else args.profile) / "monster")
    server = Server()
    taken = None
    try:
        Server(OLLAMA, beside=server)
    except OSError as error:
        taken = f"lumen, because another server has port {OLLAMA} ({error})"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch).resolve()
        listed = [p for p in peers(str(pathlib.Path(monster).resolve()), server, folder / "homes") if not args.only or p.name in args.only]
        missing = [p.name for p in listed if not p.there()] + ([taken] if taken else [])
        here = [p for p in listed if p.there() and not (taken and p.name == "lumen")]
        measure(here, server, folder, args.rounds)
    if missing:
        print(f"Not here, and not measured: {', '.join(missing)}.")


def measure(here, server, folder, rounds):
    plain = Peer("`git commit -m`", "git", env_of(folder / "homes/git"), [["git", "commit", "-q", "-m", "fix: count the last page"]])
    times = {peer.name: [] for peer in [plain, *here]}
    for n in range(rounds + 1):
        order = [plain, *here]
        for peer in order[n % len(order):] + order[:n % len(order)]:
            wall, _, _, _ = once(peer, server, folder, small, canaries())
            if n:
                times[peer.name].append(wall)
    print(f"| program, {rounds} rounds in turn | ms for a commit, median | more than `git commit -m`, ms |")
    print("|---|---|---|")
    for name, own in times.items():
        more = statistics.median(a - b for a, b in zip(own, times[plain.name]))
        print(f"| {name} | {statistics.median(own):.0f} ({min(own):.0f} to {max(own):.0f}) | {more:.0f} |")
    print("\n| program | change | requests | bytes sent | secrets sent | message |")
    print("|---|---|---|---|---|---|")
    for peer in here:
        for name, fill in [("two files and a key", small), ("200 files", many), ("lock file, 3,000 packages", lock)]:
            secrets = canaries()
            _, sent, subject, why = once(peer, server, folder, fill, secrets)
            out = f"{len(leaked(sent, secrets))} of {len(secrets)}" if fill is small else ""
            told = f"`{subject[:60]}`" if subject else why.replace("|", "/")
            print(f"| {peer.name} | {name} | {len(sent)} | {sum(map(len, sent)):,} | {out} | {told} |", flush=True)
    print("\n| program | its hook beside one that stands there | the old one after uninstalling |")
    print("|---|---|---|")
    for peer in here:
        print(f"| {peer.name} | {' | '.join(hook(peer, folder))} |", flush=True)
    print()


if __name__ == "__main__":
    main()
