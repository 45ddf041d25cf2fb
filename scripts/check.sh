#!/usr/bin/env bash
# Run every check, `lint` only or `all`, each to its end; fail at the end if one failed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scope=${1:-all}
started=$(now)
export PISTE_SPENT=$PWD/.cache/spent
rm -f "$PISTE_SPENT"
failures=()
declare -A beside=()

counted() { # counted WORD: the number before WORD in pytest's last line
    grep -E ' in [0-9.]+s' "$logs/pytest.log" | tail -n 1 | grep -oE "[0-9]+ $1" | grep -oE '^[0-9]+' || echo 0
}

check() { # check NAME LABEL COMMAND…
    measured "$@" || failures+=("$1")
}

measured() { # measured NAME LABEL COMMAND…: a step, with its CPU time noted
    step "$1" "$2" python -m tests.support.spent "$1" "${@:3}"
}

# Linters and molecule are one process each: they go beside the tests, and take what these leave of the cores while they
# wait for a domain, a probe or a deadline.
start() { # start NAME LABEL COMMAND…: what it says is kept until it is awaited
    set -m # a process group of its own, to end it whole
    { renice -n 10 -p "$BASHPID" >/dev/null && measured "$@"; } >"$logs/$1.said" 2>&1 &
    set +m
    beside[$1]=$!
}

await() { # await NAME: show whole what it said, and all of its log where it failed
    if ! wait "${beside[$1]}"; then
        failures+=("$1")
        sed 's/^/    /' "$logs/$1.log" >>"$logs/$1.said"
    fi
    unset "beside[$1]"
    cat "$logs/$1.said"
}

stop() {
    local name
    for name in "${!beside[@]}"; do
        kill -- "-${beside[$name]}" 2>/dev/null || true
    done
}

progress() { # every five minutes, how far the tests are
    while sleep 300; do
        printf '%s … ' "$(grep -oE '[0-9]+%' "$logs/pytest.log" | tail -n 1)"
    done
}

# A process collects the tests and forks into three. A file stays on one of them: what its tests share (a converged town,
# a domain) is made once. The longest files are begun first (tests/durations.json), so that no process is left alone with
# one of them at the end; what waits is dealt among what computes, so that all three seldom wait at once. Three on two
# cores: one of them waits for a domain, a probe or a deadline a sixth of the time.
check_tests() {
    set -m
    progress &
    beside[progress]=$!
    set +m
    if PISTE_DURATIONS=.cache/tests-durations.json measured pytest "pytest" python -m pytest --quiet --color=no \
        --durations=25 --forks 3 -m "not story" tests; then
        sed -nE '/^(SKIPPED|tests\/[a-z]+ : )/ s/^/    /p' "$logs/pytest.log"
    else
        failures+=(pytest)
    fi
    kill -- "-${beside[progress]}"
    unset "beside[progress]"
}

# Molecule's state lies under the name of the folder alone, by default in the home folder, where two checkouts of one
# name would share it.
molecule_all=(env "ANSIBLE_HOME=$PWD/.cache/molecule" python -m tests.support.forked molecule test --all)

lint() { # lint HOW: `check` each now, or `start` each beside what follows
    "$1" ruff "ruff : code Python" ruff check .
    "$1" mypy "mypy : types, mode strict" mypy
    "$1" yamllint "yamllint : fichiers YAML" yamllint --strict .
    # It asks Ansible to check the syntax of some ninety files: half of its time is to start it.
    "$1" ansible-lint "ansible-lint : playbooks et rôles, profil production" \
        python -m tests.support.forked ansible-lint --offline
}

echo "Préparation"
scripts/bootstrap.sh test

if [[ $scope == all ]]; then
    trap stop EXIT
    start molecule "molecule : converger, rejouer sans changement, vérifier" "${molecule_all[@]}"
    lint start
    echo "Tests : unitaires, contrats (le laboratoire comparé aux systèmes réels), intégration (la ville sur le laboratoire)"
    check_tests
    echo "En même temps que les tests"
    for name in ruff mypy yamllint ansible-lint molecule; do
        await "$name"
    done
    echo
    python -m tests.support.durations tests/durations.json
    python -m tests.support.spent
    python -m tests.support.stories
else
    echo "Analyse"
    lint check
fi

echo
if [[ ${#failures[@]} -gt 0 ]]; then
    echo "ÉCHEC en $(since "$started") : ${failures[*]}. Journaux : $logs/"
else
    echo "Tout est vérifié en $(since "$started")."
fi
[[ $scope != all ]] ||
    echo "$(counted passed) passed, $(($(counted failed) + $(counted error))) failed, $(counted skipped) skipped"
[[ ${#failures[@]} -eq 0 ]]
