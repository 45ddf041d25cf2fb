#!/usr/bin/env bash
# Run every check, `lint` only or `all`, each to its end; fail at the end if one failed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scope=${1:-all}
started=$(now)
failures=()

check() { # check NAME LABEL COMMAND…
    step "$@" || failures+=("$1")
}

counted() { # counted WORD: the number before WORD in pytest's last line
    grep -E ' in [0-9.]+s' "$logs/pytest.log" | tail -n 1 | grep -oE "[0-9]+ $1" | grep -oE '^[0-9]+' || echo 0
}

# A file stays on one worker: what its tests share (a converged town, a domain) is made once. The longest files are begun
# first, in the order given here, so that no worker is left alone with one of them at the end.
check_tests() {
    if step pytest "pytest" python -m pytest --quiet --color=no --durations=25 -n 2 --dist loadfile \
        --no-loadscope-reorder tests/integration tests/contract tests/fuzz tests/unit; then
        grep -E '^(SKIPPED|tests/[a-z]+ : )' "$logs/pytest.log" | sed 's/^/    /'
    else
        failures+=(pytest)
    fi
}

# Molecule does one thing at a time, and waits often: it goes beside the linters and the tests. Its state lies under the
# name of the folder alone, by default in the home folder, where two checkouts of one name would share it.
start_molecule() {
    ANSIBLE_HOME="$PWD/.cache/molecule" molecule test --all >"$logs/molecule-output.log" 2>&1 </dev/null &
    molecule=$!
    trap 'kill "$molecule" 2>/dev/null || true' EXIT
}

end_molecule() {
    local status=0
    wait "$molecule" || status=$?
    trap - EXIT
    cat "$logs/molecule-output.log"
    return "$status"
}

echo "Préparation"
scripts/bootstrap.sh test

[[ $scope != all ]] || start_molecule
echo "Analyse"
check ruff "ruff : code Python" ruff check .
check mypy "mypy : types, mode strict" mypy
check yamllint "yamllint : fichiers YAML" yamllint --strict .
check ansible-lint "ansible-lint : playbooks et rôles, profil production" ansible-lint --offline

if [[ $scope == all ]]; then
    echo "Tests : unitaires, contrats (le laboratoire comparé aux systèmes réels), intégration (la ville sur le laboratoire)"
    check_tests
    check molecule "molecule, en même temps : converger, rejouer sans changement, vérifier" end_molecule
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
