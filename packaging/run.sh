#!/bin/sh
# Sets everything up, then opens zapdesk on its sandbox: no account is needed. Where no window can
# be opened, the same job is done in the terminal, and a picture of the window is left.
set -u
cd "$(dirname "$0")/.." || exit
. packaging/setup.sh

NO_DISPLAY=8  # what zapdesk ends with when the display it was given does not answer

prepare run packaging/requirements.txt
libraries=yes
system_libraries || libraries=
export LANG="${LANG:-C.UTF-8}"

# zapdesk ARGUMENT...: shows the command as one would type it, then does it; stops where it fails.
zapdesk() {
    printf '\n$ zapdesk --sandbox'
    for argument in "$@"; do
        case $argument in
        *[!A-Za-z0-9_./:=-]*) printf " '%s'" "$argument" ;;
        *) printf ' %s' "$argument" ;;
        esac
    done
    printf '\n'
    "$python" -m zapdesk --sandbox "$@" || exit
}

if [ -z "$libraries" ]; then
    say "" "Without these libraries no window can be opened."
elif [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ "$(uname)" = Linux ]; then
    say "" "There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)."
else
    say "Opening zapdesk on its sandbox."
    "$python" -m zapdesk --sandbox
    status=$?
    [ "$status" -eq "$NO_DISPLAY" ] || exit "$status"
    say "" "The display does not answer."
fi
say "zapdesk does the same job in the terminal, against the sandbox it starts by itself:"
say "find an app, see the fields of one of its actions, run it, find the run in the history."

zapdesk apps formatter
zapdesk actions Formatter
zapdesk fields Formatter text
zapdesk run Formatter text --input transform=upper --input 'text=Hello from the terminal'
zapdesk show last
zapdesk runs --limit 5

if [ -n "$libraries" ]; then
    picture=$PWD/.cache/zapdesk-window.png
    mkdir -p .cache
    # The path is relative because Qt splits this value at colons.
    QT_QPA_PLATFORM=offscreen:configfile=packaging/offscreen-screen.json
    export QT_QPA_PLATFORM
    zapdesk --screenshot "$picture"
    say "" "The window itself, as it would look on a display: $picture"
fi
