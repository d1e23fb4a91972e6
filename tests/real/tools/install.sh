#!/usr/bin/env bash
# Installs editors' and agents' programs into a folder of their own: install.sh DIR. Run again, it does nothing twice.
set -euo pipefail
dir="${1:?usage: install.sh DIR}"
wanted="$(cd "$(dirname "$0")" && pwd)/versions.txt"
if cmp -s "$wanted" "$dir/installed.txt"; then
    exit 0
fi
python=$(command -v python3) || { echo "tools: python3 is missing" >&2; exit 2; }
command -v npm >/dev/null || { echo "tools: npm is missing (Node 20 or newer)" >&2; exit 2; }
rm -rf "$dir"
mkdir -p "$dir/npm"
# All of npm at once: another install would prune what the one before put there.
sed -n 's/^npm //p' "$wanted" | xargs npm install --silent --no-save --no-audit --no-fund --prefix "$dir/npm" >/dev/null
# Python's each into a folder of its own: aider pins old versions of what others want new.
while read -r from package; do
    case "$from" in
    pip)
        name="${package%%==*}"
        name="${name%-chat}"
        if "$python" -m venv "$dir/$name" >/dev/null 2>&1; then
            "$dir/$name/bin/pip" install --quiet --disable-pip-version-check "$package"
        else
            # Debian splits venv off; a plain target folder needs nothing but pip.
            rm -rf "${dir:?}/$name"
            "$python" -m pip install --quiet --disable-pip-version-check --target "$dir/$name/packages" "$package"
            mkdir -p "$dir/$name/bin"
            printf '#!/bin/sh\nPYTHONPATH=%s exec %s -m %s "$@"\n' "$dir/$name/packages" "$python" "$name" >"$dir/$name/bin/$name"
            chmod +x "$dir/$name/bin/$name"
        fi
        ;;
    esac
done <"$wanted"
# Last: what is named here is whole.
cp "$wanted" "$dir/installed.txt"
