#!/usr/bin/env bash
# The same in front of an upstream that speaks Anthropic Messages: every request and every frame is translated.
set -euo pipefail
DIALECT=anthropic-messages exec "$(dirname "$0")/start-monster.sh"
