#!/bin/sh
# A template for git's pre-commit hook, which is yours: copy it to .git/hooks/pre-commit and make it executable, remove it
# by removing that file. It stops a commit that adds a secret, says where it is and how to allow it, and stops also what
# could not be looked through. Where monster is missing it says so and lets the commit pass.
case ${MONSTER_SKIP:-0} in
    0 | false | no) ;;
    *) exit 0 ;;
esac
# Put a path between the marks when git runs where monster is not on the PATH; blanks do no harm.
monster='@MONSTER@'
if ! { [ -f "$monster" ] && [ -x "$monster" ]; } && ! monster=$(command -v monster); then
    echo "warning: monster is not there, so nobody looked for secrets in this commit (.git/hooks/pre-commit)" >&2
    exit 0
fi
"$monster" redact scan --staged >&2
code=$?
[ "$code" -eq 0 ] || echo "the commit was stopped; to make it all the same: MONSTER_SKIP=1 git commit" >&2
exit "$code"
