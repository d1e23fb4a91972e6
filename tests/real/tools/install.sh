#!/usr/bin/env bash
# Installs editors' and agents' programs into a folder of their own: install.sh DIR. Run again, it does nothing twice.
set -euo pipefail
dir="${1:?usage: install.sh DIR}"
here="$(cd "$(dirname "$0")" && pwd)"
wanted="$here/versions.txt"
if cmp -s "$wanted" "$dir/installed.txt"; then
    exit 0
fi
command -v npm >/dev/null || { echo "tools: npm is missing (Node 20 or newer)" >&2; exit 2; }
rm -rf "$dir"
mkdir -p "$dir/npm"
# All of npm at once: another install would prune what the one before put there. Beside what is Python's. CI: lefthook's
# own install step would otherwise put its hooks into the repository around this folder.
sed -n 's/^npm //p' "$wanted" | CI=true xargs npm install --silent --no-save --no-audit --no-fund --prefix "$dir/npm" >/dev/null &
npm=$!
# Python's each into a folder of its own: aider pins old versions of what others want new.
while read -r from package; do
    case "$from" in
    pip)
        name="${package%%==*}"
        "$here/../python.sh" "$dir/${name%-chat}" "$package"
        ;;
    esac
done <"$wanted"
wait "$npm"
# Last: what is named here is whole.
cp "$wanted" "$dir/installed.txt"
