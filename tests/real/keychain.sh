#!/usr/bin/env bash
# The accounts file with a real Secret Service: keychain.sh BINARY
#
# gnome-keyring runs on a bus, in a home and under a runtime folder of its own; nothing of the caller's is touched.
# One line a case, `ok: …` or `FAILED: …`; ends with 1 when a case failed, with 2 when a part is missing.
# Needs the Debian packages gnome-keyring, dbus and libsecret-tools.
set -u

binary=$(realpath "${1:?usage: keychain.sh BINARY}")
script=$(realpath "$0")

if [ -z "${KEYCHAIN_CASE:-}" ]; then
    for part in dbus-run-session dbus-send gnome-keyring-daemon secret-tool; do
        command -v "$part" >/dev/null || { echo "missing: $part"; exit 2; }
    done
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    failed=0
    for case in works persists opens_later wrong_password no_collection locked stopped killed killed_midway slots rekeys; do
        # A keyring of the first session is there for those that come after it.
        home=$work/$case
        case $case in persists | opens_later | wrong_password) home=$work/works ;; esac
        mkdir -p "$home/run"
        chmod 700 "$home/run"
        env -i PATH="$PATH" LANG=C.UTF-8 HOME="$home" XDG_RUNTIME_DIR="$home/run" XDG_DATA_HOME="$home/.local/share" \
            KEYCHAIN_CASE="$case" dbus-run-session -- bash "$script" "$binary" 2>>"$work/noise" || failed=1
    done
    for case in no_bus dead_bus; do
        mkdir -p "$work/$case/run"
        env -i PATH="$PATH" LANG=C.UTF-8 HOME="$work/$case" XDG_RUNTIME_DIR="$work/$case/run" \
            KEYCHAIN_CASE="$case" bash "$script" "$binary" 2>>"$work/noise" || failed=1
    done
    [ "$failed" = 0 ] || { echo "what the programs around it said:"; sort "$work/noise" | uniq -c | head -20; }
    exit "$failed"
fi

failed=0
# Put together here, so that no scanner takes it for a real one.
key=sk-proj-$(printf 'k7%.0s' {1..24})
out=$HOME/out
err=$HOME/err

ok() { echo "ok: $KEYCHAIN_CASE: $1"; }

bad() {
    failed=1
    echo "FAILED: $KEYCHAIN_CASE: $1"
    sed 's/^/    stdout: /' "$out"
    sed 's/^/    stderr: /' "$err"
}

# Runs the program. The time limit only tells a hang from an answer: far beyond every deadline.
monster() { timeout 60 "$binary" "$@" >"$out" 2>"$err"; }

login() { printf '%s\n' "$key" | monster login openai --stdin --no-check "$@"; }

# expect WHAT CODE [PATTERN…]: the last command ended with the code, and what it said matches every pattern.
expect() {
    local code=$? what=$1 wanted=$2 pattern
    shift 2
    if [ "$code" != "$wanted" ]; then
        bad "$what: ended with $code, not $wanted"
        return
    fi
    for pattern in "$@"; do
        if ! cat "$out" "$err" | grep -qE -- "$pattern"; then
            bad "$what: nothing matches '$pattern'"
            return
        fi
    done
    if cat "$out" "$err" | grep -qF -e "$key" -e AGE-SECRET-KEY; then
        bad "$what: a secret is shown"
        return
    fi
    ok "$what"
}

unlock() {
    printf '%s' "$1" | gnome-keyring-daemon --unlock --components=secrets >/dev/null
    # It has answered once when it owns the name.
    for _ in {1..100}; do
        daemon >/dev/null && return
        sleep 0.1
    done
}

# Another daemon, unlocked.
again() {
    kill -KILL "$(daemon)"
    unlock right
}

bus() { dbus-send --session --print-reply --dest="$1" "${@:2}"; }

daemon() {
    bus org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus.GetConnectionUnixProcessID \
        string:org.freedesktop.secrets 2>/dev/null | awk '/uint32/ { print $2; found = 1 } END { exit !found }'
}

lock() {
    bus org.freedesktop.secrets /org/freedesktop/secrets org.freedesktop.Secret.Service.Lock \
        array:objpath:/org/freedesktop/secrets/collection/login >/dev/null
}

accounts() { monster accounts --json; }

# The entries of ours in the keychain: how many, and under which names.
attributes() { secret-tool search --all service monster 2>&1 | sed -n 's/^attribute.username = //p' | sort; }
entries() { attributes | grep -c .; }

# No file of this home holds a secret in the clear.
nothing_in_the_clear() {
    if grep -rqF -e "$key" -e AGE-SECRET-KEY "$HOME"; then
        grep -rlF -e "$key" -e AGE-SECRET-KEY "$HOME" >"$out"
        bad "a secret lies in the clear"
    else
        ok "no file holds a secret in the clear"
    fi
}

files() { (cd "$HOME/.config/monster" && sha256sum accounts.age slots.json); }

# What every keychain that does not work must lead to: an error in time, with the way out, and nothing left.
no_keychain_here() {
    export MONSTER_CONFIG_DIR=$HOME/elsewhere
    login --store keychain
    expect "login --store keychain is refused" 1 "$1" "hint:.*--store passphrase"
    login
    expect "login --store auto off a terminal names the way" 1 "$1" "nobody to ask for a passphrase" "hint:.*--store passphrase"
    [ ! -e "$MONSTER_CONFIG_DIR/accounts.age" ] && [ ! -e "$MONSTER_CONFIG_DIR/slots.json" ]
    expect "nothing is left behind" 0
    (umask 077 && printf 'correct horse\n' >"$HOME/passphrase")
    export MONSTER_PASSPHRASE_FILE=$HOME/passphrase
    login
    expect "login --store auto with a passphrase file takes that and says why" 0 "a passphrase seals the accounts, because" "$1"
    accounts
    expect "another process opens it" 0 '"passphrase"'
    unset MONSTER_CONFIG_DIR MONSTER_PASSPHRASE_FILE
}

case $KEYCHAIN_CASE in
    works)
        unlock right
        login --store keychain --name work
        expect "login --store keychain" 0 "opened by: keychain"
        accounts
        expect "another process shows the account" 0 '"work"' '"keychain"'
        before=$(entries)
        monster doctor --offline
        expect "the doctor tries the keychain" 0 "good +keychain +it took an entry, gave it back and forgot it"
        [ "$before" = "$(entries)" ]
        expect "and leaves nothing there" 0
        said=()
        for n in 1 2 3 4 5 6; do
            timeout 60 "$binary" login openai --stdin --no-check --name "at-once-$n" <<<"$key" >"$HOME/out-$n" 2>&1 &
            said+=("$!")
        done
        for n in 1 2 3 4 5 6; do
            wait "${said[n - 1]}" || { cat "$HOME/out-$n" >"$out"; bad "login $n of six at once"; }
        done
        accounts
        expect "six logins at once lose nothing" 0 at-once-1 at-once-2 at-once-3 at-once-4 at-once-5 at-once-6 '"work"'
        export MONSTER_CONFIG_DIR=$HOME/elsewhere
        login
        expect "login --store auto takes the keychain" 0 "opened by: keychain"
        monster accounts slots
        expect "accounts slots says so" 0 keychain
        for n in 1 2 3 4; do
            MONSTER_CONFIG_DIR=$HOME/race timeout 60 "$binary" login openai --stdin --no-check --name "r$n" \
                <<<"$key" >"$HOME/out-$n" 2>&1 &
        done
        wait
        MONSTER_CONFIG_DIR=$HOME/race accounts
        expect "four who make it at once make one that opens" 0 '"r[1-4]"'
        unset MONSTER_CONFIG_DIR
        nothing_in_the_clear
        ;;
    persists)
        unlock right
        accounts
        expect "the next session opens it" 0 '"work"'
        ;;
    wrong_password)
        unlock wrong
        before=$(files)
        accounts
        expect "a session that is not unlocked leaves the accounts locked" 1 "the accounts are locked" "the keychain" "hint: unlock the keychain"
        login --name more
        expect "and login adds nothing" 1 "the accounts are locked"
        [ "$before" = "$(files)" ]
        expect "the files are as they were" 0
        ;;
    opens_later)
        # Nobody unlocked anything: the bus starts a daemon with everything locked.
        accounts
        expect "a daemon the bus has started" 1 "the accounts are locked" "hint: unlock the keychain"
        ;;
    no_collection)
        no_keychain_here "the keychain"
        ;;
    locked)
        unlock right
        login --store keychain --name work
        expect "login --store keychain" 0
        lock
        expect "the collection is locked" 0
        accounts
        expect "a locked collection leaves the accounts locked" 1 "the accounts are locked" "keychain is locked" "hint: unlock the keychain"
        monster ask --model openai/gpt-4.1-mini "why?"
        expect "a question says so too" 5 "locked"
        no_keychain_here "keychain is locked"
        ;;
    stopped)
        unlock right
        login --store keychain --name work
        expect "login --store keychain" 0
        pid=$(daemon)
        kill -STOP "$pid"
        accounts
        expect "a daemon that does not answer" 1 "did not answer within 3 s" "hint: unlock the keychain"
        monster doctor --offline
        expect "the doctor says so in a line of its own" 1 "bad +keychain +the keychain did not answer within 3 s"
        no_keychain_here "did not answer within 3 s"
        kill -CONT "$pid"
        accounts
        expect "and answers again" 0 '"work"'
        ;;
    killed)
        unlock right
        login --store keychain --name work
        expect "login --store keychain" 0
        kill -KILL "$(daemon)"
        accounts
        expect "a daemon that died" 1 "the accounts are locked" "keychain" "hint: unlock the keychain"
        ;;
    killed_midway)
        unlock right
        login --store keychain --name work
        expect "login --store keychain" 0
        pid=$(daemon)
        kill -STOP "$pid"
        accounts &
        asking=$!
        sleep 1
        kill -KILL "$pid"
        wait "$asking"
        expect "a daemon that dies while it is asked" 1 "the accounts are locked" "keychain" "hint: unlock the keychain"
        unlock right
        accounts
        expect "and is started again" 0 '"work"'
        pid=$(daemon)
        kill -STOP "$pid"
        MONSTER_CONFIG_DIR=$HOME/elsewhere login --store keychain &
        asking=$!
        sleep 1
        kill -KILL "$pid"
        wait "$asking"
        expect "one that dies while it is given the identity" 1 "keychain" "hint:.*--store passphrase"
        [ ! -e "$HOME/elsewhere/accounts.age" ]
        expect "leaves nothing behind" 0
        ;;
    slots)
        login --store keyfile --keyfile "$HOME/key.txt" --name work
        expect "login --store keyfile needs no keychain" 0
        before=$(sha256sum "$HOME/.config/monster/accounts.age")
        unlock right
        monster accounts slots add --store keychain
        expect "slots add --store keychain" 0 "keychain opens the accounts from now on"
        monster accounts slots add --store keychain --name second
        expect "and once more under a name" 0 "second opens"
        monster accounts slots remove keyfile
        expect "the key file goes" 0 "accounts rekey"
        rm "$HOME/key.txt"
        accounts
        expect "another process opens it by the keychain alone" 0 '"work"'
        held=$(entries)
        monster accounts slots remove second
        expect "slots remove deletes the entry" 0
        [ "$held" = 2 ] && [ "$(entries)" = 1 ]
        expect "one entry is left of two" 0
        accounts
        expect "and the other still opens it" 0 '"work"'
        [ "$before" = "$(sha256sum "$HOME/.config/monster/accounts.age")" ]
        expect "the accounts themselves were not touched" 0
        monster accounts slots remove keychain
        expect "the last one stays" 1 "last slot" "hint:.*slots add"
        nothing_in_the_clear
        ;;
    rekeys)
        unlock right
        login --store keychain --name work
        expect "login --store keychain" 0
        was=$(attributes)
        monster accounts rekey
        expect "rekey with a keychain" 0 "opened by: keychain"
        [ "$(entries)" = 1 ] && [ "$was" != "$(attributes)" ]
        expect "the old entry is gone, a new one is there" 0
        accounts
        expect "another process opens it" 0 '"work"'
        (umask 077 && printf 'correct horse\n' >"$HOME/passphrase")
        export MONSTER_PASSPHRASE_FILE=$HOME/passphrase
        monster accounts slots add --store passphrase
        expect "slots add --store passphrase beside it" 0
        before=$(files)
        lock
        accounts
        expect "a locked keychain is passed over for the passphrase" 0 '"work"'
        monster accounts rekey
        expect "a locked keychain cannot take a new one" 1 "the slot keychain cannot take a new identity" "hint: nothing was changed"
        (unset MONSTER_PASSPHRASE_FILE && timeout 60 "$binary" accounts rekey >"$out" 2>"$err")
        expect "and alone it opens nothing to rekey" 1 "the accounts are locked"
        again
        pid=$(daemon)
        kill -STOP "$pid"
        monster accounts rekey &
        asking=$!
        sleep 1
        kill -KILL "$pid"
        wait "$asking"
        expect "a daemon that dies while it is asked cannot take one either" 1 "the slot keychain cannot take a new identity"
        monster accounts slots add --store keychain
        expect "nor does one that is not unlocked take a slot" 1 "nothing more opens the accounts" "the keychain"
        [ "$before" = "$(files)" ]
        expect "the files are as they were" 0
        again
        [ "$(entries)" = 1 ]
        expect "nothing was left in the keychain" 0
        monster accounts rekey
        expect "unlocked it takes one" 0 "opened by: keychain, passphrase"
        (unset MONSTER_PASSPHRASE_FILE && timeout 60 "$binary" accounts --json >"$out" 2>"$err")
        expect "and opens it" 0 '"work"'
        nothing_in_the_clear
        ;;
    no_bus)
        no_keychain_here "there is no keychain here"
        ;;
    dead_bus)
        export DBUS_SESSION_BUS_ADDRESS=unix:path=$HOME/run/no-such-socket
        no_keychain_here "there is no keychain here"
        ;;
esac
exit "$failed"
