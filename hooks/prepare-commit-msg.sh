#!/bin/sh
# Installed by monster; remove it with: monster hook uninstall
# It drafts a commit message and never stops a commit: without monster it does nothing.
monster=@MONSTER@
[ -x "$monster" ] || monster=$(command -v monster) || exit 0
exec "$monster" hook run prepare-commit-msg "$@"
