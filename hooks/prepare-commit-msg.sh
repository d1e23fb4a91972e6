#!/bin/sh
# Installed by monster; remove it with: monster hook uninstall
# sha256 of the other lines: @SUM@
# It drafts a commit message and never stops a commit: without monster it does nothing.
monster=@MONSTER@
[ -f "$monster" ] && [ -x "$monster" ] || monster=$(command -v monster) || exit 0
"$monster" hook run prepare-commit-msg "$@"
code=$?
# Only a policy of the user's own (6) and Ctrl-C (130) stop it; a crash does not.
case $code in
    6 | 130) exit "$code" ;;
esac
exit 0
