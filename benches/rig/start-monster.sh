#!/usr/bin/env bash
# Starts `monster serve` for the rig, everything on: redaction, ledger, history's metadata, log. PORT is where it listens,
# MOCK the upstream; MONSTER says which binary.
set -euo pipefail
home="$(mktemp -d "${TMPDIR:-/tmp}/rig-monster-XXXXXX")"
export MONSTER_CONFIG_DIR="$home/config" MONSTER_STATE_DIR="$home/state" MONSTER_LOCAL_DISCOVER=false
mkdir -p "$MONSTER_CONFIG_DIR"
cat > "$MONSTER_CONFIG_DIR/config.toml" <<TOML
[upstreams.mock]
provider = "generic"
base_url = "$MOCK/v1"
dialect = "${DIALECT:-openai-chat}"
key_env = "RIG_KEY"
[[upstreams.mock.models]]
id = "mock"
context = 1000000
TOML
export RIG_KEY="${RIG_KEY:-sk-test}"
exec "${MONSTER:-$(dirname "$0")/../../target/release/monster}" serve --no-auth --listen "127.0.0.1:$PORT"
