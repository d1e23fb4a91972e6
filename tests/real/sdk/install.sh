#!/usr/bin/env bash
# Installs the official SDKs into a folder of their own: install.sh DIR. Run again, it does nothing twice.
set -euo pipefail
dir="${1:?usage: install.sh DIR}"
here="$(cd "$(dirname "$0")" && pwd)"
wanted="$here/requirements.txt"
if cmp -s "$wanted" "$dir/installed.txt"; then
    exit 0
fi
rm -rf "$dir"
mkdir -p "$dir"
"$here/../python.sh" "$dir/venv" --requirement "$wanted"
# Last: what is named here is whole.
cp "$wanted" "$dir/installed.txt"
