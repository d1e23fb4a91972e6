#!/usr/bin/env python3
"""How long whole commands take, interleaved with peers in the same run: benches/start.py [--rounds N] [--binary FILE].

Prints a Markdown table: median and minimum wall time, the median's ratio to `git --version` of the same run, and the
largest resident set. Every case runs in a sandbox of its own against the rig's mock upstream on loopback; nothing
else is contacted. Judge by the ratios: absolute times move with the machine.
"""
import argparse
import os
import pathlib
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def run(args, env, cwd):
    """Runs once; wall milliseconds."""
    begin = time.perf_counter()
    done = subprocess.run(args, env=env, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    wall = (time.perf_counter() - begin) * 1000
    if done.returncode != 0:
        raise SystemExit(f"{args}: exit {done.returncode}\n{done.stderr.decode(errors='replace')}")
    return wall


def resident(args, env, cwd):
    """The largest resident set in MiB, by GNU time (a child of ours would begin with our own size); - without it."""
    if not os.path.exists("/usr/bin/time"):
        return "-"
    with tempfile.NamedTemporaryFile("r") as out:
        subprocess.run(["/usr/bin/time", "-f", "%M", "-o", out.name, *args], env=env, cwd=cwd, check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return f"{int(out.read()) / 1024:.1f}"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def git(repo, env, *args):
    subprocess.run(["git", *args], cwd=repo, env=env, check=True, stdout=subprocess.DEVNULL)


def repository(home, env, name, files, lines):
    """A repository with `files` staged changes of `lines` lines each."""
    repo = home / name
    repo.mkdir()
    git(repo, env, "init", "-q", "-b", "main")
    for n in range(files):
        path = repo / f"src/m{n % 50}/f{n}.rs"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(f"pub fn old_{n}_{k}() -> u64 {{ {k} }}\n" for k in range(lines)))
    git(repo, env, "add", "-A")
    git(repo, env, "commit", "-q", "-m", "feat: begin")
    for n in range(files):
        path = repo / f"src/m{n % 50}/f{n}.rs"
        path.write_text("".join(f"pub fn new_{n}_{k}() -> u64 {{ {k} + 1 }}\n" for k in range(lines)))
    git(repo, env, "add", "-A")
    return repo


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--binary", default=str(ROOT / "target/dist/monster"))
    options = parser.parse_args()
    monster = str(pathlib.Path(options.binary).resolve())
    target = os.environ.get("CARGO_TARGET_DIR", str(ROOT / "target/rig"))
    rig = HERE / "rig/mock-upstream"
    subprocess.run(["cargo", "build", "--release", "--quiet", "--manifest-path", str(rig / "Cargo.toml")],
                   check=True, env={**os.environ, "CARGO_TARGET_DIR": target})
    port = free_port()
    mock = subprocess.Popen([f"{target}/release/mock-upstream", "--listen", f"127.0.0.1:{port}"],
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/v1/models", timeout=1).read()
                break
            except OSError:
                time.sleep(0.05)
        with tempfile.TemporaryDirectory() as folder:
            measure(options, monster, port, pathlib.Path(folder))
    finally:
        mock.send_signal(signal.SIGTERM)
        mock.wait()


def measure(options, monster, port, home):
    env = {"HOME": str(home), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", "TZ": "UTC",
           "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_COMMITTER_NAME": "A",
           "GIT_COMMITTER_EMAIL": "a@example.org", "OPENAI_API_KEY": "sk-" + "bench" * 8,
           "OPENAI_BASE_URL": f"http://127.0.0.1:{port}/v1"}
    small = repository(home, env, "small", 1, 200)
    large = repository(home, env, "large", 2000, 5)
    message = home / "COMMIT_EDITMSG"
    message.write_text("mine\n")
    model = ["--model", "openai/gpt-4.1-mini"]
    body = '{"model":"mock","messages":[{"role":"user","content":"hi"}]}'
    curl = ["curl", "-s", "-o", "/dev/null", "-H", "content-type: application/json", "-d", body,
            f"http://127.0.0.1:{port}/v1/chat/completions"]
    # A home of its own: with drafts in the store `history` also asks git which commit they ended in.
    own = home / "own"
    own.mkdir()

    def fresh(*args):
        return ["env", f"HOME={own}", monster, *args]

    cases = [
        ("/bin/true", ["/bin/true"], small),
        ("`git --version`", ["git", "--version"], small),
        ("`monster --version`", [monster, "--version"], small),
        ("hook, nothing to do (`git commit -m`)",
         [monster, "hook", "run", "prepare-commit-msg", str(message), "message"], small),
        ("curl, one POST to the mock", curl, small),
        ("`monster ask`, key in the environment", [monster, "ask", "hi", *model], small),
        ("`monster ask --no-store`, the same", [monster, "ask", "hi", "--no-store", *model], small),
        ("`monster config list`, opens no store", fresh("config", "list"), home),
        ("`monster history list -n 1`, opens an empty store", fresh("history", "list", "-n", "1"), home),
        ("`monster commit --dry-run`, 200 lines, model", [monster, "commit", "--dry-run", *model], small),
        ("`git diff --cached --stat`, 2,000 files", ["git", "diff", "--cached", "--stat"], large),
        ("`monster commit --dry-run --offline`, 2,000 files", [monster, "commit", "--dry-run", "--offline"], large),
        ("`monster review --staged --offline`, 2,000 files", [monster, "review", "--staged", "--offline"], large),
    ]
    cases = [case for case in cases if shutil.which(case[1][0])]
    walls = {name: [] for name, *_ in cases}
    for round_ in range(options.rounds + 2):
        for name, args, cwd in cases:
            wall = run(args, env, cwd)
            if round_ >= 2:  # the first two warm the caches
                walls[name].append(wall)
    base = statistics.median(walls["`git --version`"])
    print(f"{options.rounds} interleaved rounds; binary {os.path.getsize(monster) / 1e6:.1f} MB\n")
    print("| command | median ms | min ms | x git --version | peak RSS MiB |")
    print("|---|---|---|---|---|")
    for name, args, cwd in cases:
        middle = statistics.median(walls[name])
        print(f"| {name} | {middle:.1f} | {min(walls[name]):.1f} | {middle / base:.1f} | {resident(args, env, cwd)} |")


if __name__ == "__main__":
    main()
