#!/bin/sh
# >>> monster @VERSION@ >>>
# Installed by monster; remove it with: monster hook uninstall
# sha256 of the other lines: @SUM@
# Git tells once what is pushed, and both are to hear it.
monster_input=$(cat)
monster_feed() {
    [ -z "$monster_input" ] || printf '%s\n' "$monster_input"
}
# What stood here before runs first, with the same words and the same input, and what it says of the push holds.
if [ -f "$0.monster-prior" ] && [ -x "$0.monster-prior" ]; then
    monster_feed | "$0.monster-prior" "$@" || exit
fi
# Without monster nothing happens, and whatever goes wrong with models stops nobody.
monster=@MONSTER@
{ [ -f "$monster" ] && [ -x "$monster" ]; } || monster=$(command -v monster) || monster=
if [ -n "$monster" ]; then
    monster_feed | "$monster" hook run @NAME@ "$@"
    # Only a policy of the user's own (6) and Ctrl-C (130) stop it; a crash does not.
    case $? in
        6) exit 6 ;;
        130) exit 130 ;;
    esac
fi
# <<< monster <<<
