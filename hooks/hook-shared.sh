# >>> monster @VERSION@ >>>
# Installed by monster; remove it with: monster hook uninstall
# Whoever has no monster is not stopped by this; others only by a policy of their own (6) and by Ctrl-C (130).
if command -v monster >/dev/null; then
    monster_code=0
    monster hook run @NAME@ "$@" || monster_code=$?
    case $monster_code in
        6) exit 6 ;;
        130) exit 130 ;;
    esac
fi
# <<< monster <<<
