#!/usr/bin/env bash
# Installs the programs that benches/git/peers.py measures beside monster, pinned, under target/peers (or $PEERS_HOME).
# Each step may fail on its own; peers.py names what is missing. Packages of npm run no install scripts.
# One at a time and politely: building two of them takes many minutes.
set -uo pipefail
here="$(cd "$(dirname "$0")/../.." && pwd)"
home="${PEERS_HOME:-$here/target/peers}"
mkdir -p "$home/npm"
note() { printf '%-12s %s\n' "$1" "$2"; }

npm_one() {
  ( cd "$home/npm" && { [ -f package.json ] || echo '{"private":true}' > package.json; } &&
    nice -n 10 npm install --ignore-scripts --no-audit --no-fund --silent "$1@$2" ) && note "$1" "$2" || note "$1" failed
}
cargo_one() {
  name="$1"; version="$2"; shift 2
  [ -x "$home/cargo/bin/$name" ] && { note "$name" 'there already'; return; }
  CARGO_TARGET_DIR="$home/build" nice -n 10 cargo install --quiet --locked -j1 --root "$home/cargo" "$name@$version" "$@" &&
    note "$name" "$version" || note "$name" failed
  rm -rf "$home/build"
}

npm_one opencommit 3.3.10
npm_one aicommits 3.4.0
cargo_one gptcommit 0.6.0
# Without jj, which it can read beside git and which more than doubles the build.
cargo_one lumen 2.32.0 --no-default-features
