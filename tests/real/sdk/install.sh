#!/usr/bin/env bash
# Installs the official SDKs into a folder of their own: install.sh DIR. Run again, it does nothing twice.
set -euo pipefail
dir="${1:?usage: install.sh DIR}"
wanted="$(dirname "$0")/requirements.txt"
if cmp -s "$wanted" "$dir/installed.txt"; then
    exit 0
fi
python=$(command -v python3) || { echo "sdk: python3 is missing" >&2; exit 2; }
rm -rf "$dir"
mkdir -p "$dir"
# Debian splits venv off; a plain target folder needs nothing but pip.
if "$python" -m venv "$dir/venv" >/dev/null 2>&1; then
    "$dir/venv/bin/pip" install --quiet --disable-pip-version-check --requirement "$wanted"
else
    rm -rf "$dir/venv"
    "$python" -m pip install --quiet --disable-pip-version-check --target "$dir/packages" --requirement "$wanted"
    mkdir -p "$dir/venv/bin"
    printf '#!/bin/sh\nPYTHONPATH=%s exec %s "$@"\n' "$dir/packages" "$python" >"$dir/venv/bin/python"
    chmod +x "$dir/venv/bin/python"
fi
# Last: what is named here is whole.
cp "$wanted" "$dir/installed.txt"
