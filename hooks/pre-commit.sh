#!/bin/sh
# Installed by monster; remove it with: monster hook uninstall
# sha256 of the other lines: @SUM@
# It stops a commit that adds a secret, and says where it is and how to allow it. Without monster it does nothing.
case ${MONSTER_SKIP:-0} in
    0 | false | no) ;;
    *) exit 0 ;;
esac
monster=@MONSTER@
[ -f "$monster" ] && [ -x "$monster" ] || monster=$(command -v monster) || exit 0
"$monster" redact scan --staged >&2
code=$?
# What could not be looked through is stopped too.
[ "$code" -eq 0 ] || echo "the commit was stopped; to make it all the same: MONSTER_SKIP=1 git commit" >&2
exit "$code"
