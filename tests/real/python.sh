#!/usr/bin/env bash
# Makes a Python environment with these packages: python.sh FOLDER PIP-ARGUMENT... (for example `--requirement FILE`).
# uv is fetched for it, which resolves and unpacks many times faster than pip and needs no venv of Debian's.
set -euo pipefail
dir="${1:?usage: python.sh FOLDER PIP-ARGUMENT...}"
shift
python=$(command -v python3) || { echo "parts: python3 is missing" >&2; exit 2; }
rm -rf "$dir"
mkdir -p "$(dirname "$dir")"
tool="$(dirname "$dir")/uv-0.13.9"
if [ ! -x "$tool/bin/uv" ]; then
    "$python" -m pip install --quiet --disable-pip-version-check --root-user-action ignore --target "$tool" uv==0.13.9
fi
# What this machine's pip is told, holds: where packages are, and whom it trusts.
index=$("$python" -m pip config get global.index-url 2>/dev/null || true)
index="${PIP_INDEX_URL:-$index}"
export UV_NO_CACHE=1 UV_NO_CONFIG=1 UV_NATIVE_TLS=1 ${index:+UV_DEFAULT_INDEX="$index"}
"$tool/bin/uv" venv --quiet --python "$python" "$dir"
"$tool/bin/uv" pip install --quiet --python "$dir/bin/python" "$@"
