# Sourced by the other scripts: the repository as working folder, one way to run and time a step.
# shellcheck shell=bash
set -euo pipefail
# Ansible refuses to start under a locale that is not UTF-8; bare containers have none.
export LC_ALL=C.UTF-8
# Some containers turn bytecode off: each of the hundreds of processes of a check would then compile all of Piste again.
unset PYTHONDONTWRITEBYTECODE
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/.venv/bin:$PATH"
logs=.cache/logs
mkdir -p "$logs"

now() { # microseconds
    echo "${EPOCHREALTIME/[.,]/}"
}

since() { # since START: the time gone by, as « 3,2 s »
    local tenths=$((($(now) - $1) / 100000))
    echo "$((tenths / 10)),$((tenths % 10)) s"
}

step() { # step NAME LABEL COMMAND…: the output goes to a log, shown only if the command fails
    local log=$logs/$1.log label=$2 start status=0
    shift 2
    start=$(now)
    printf '  %s … ' "$label"
    "$@" >"$log" 2>&1 </dev/null || status=$?
    if [[ $status -eq 0 ]]; then
        since "$start"
    else
        printf 'ÉCHEC (code %s) après %s ; journal complet : %s\n' "$status" "$(since "$start")" "$log"
        tail -n 60 "$log" | sed 's/^/    /'
    fi
    return "$status"
}
