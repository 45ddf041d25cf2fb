#!/usr/bin/env bash
# Run every check, `lint` only or `all`, each to its end; fail at the end if one failed.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

scope=${1:-all}
started=$(now)
failures=()
passed=0 failed=0 skipped=0

check() { # check NAME LABEL COMMAND…
    step "$@" || failures+=("$1")
}

counted() { # counted LOG WORD: the number before WORD in pytest's last line
    grep -E ' in [0-9.]+s' "$1" | tail -n 1 | grep -oE "[0-9]+ $2" | grep -oE '^[0-9]+' || echo 0
}

# A file stays on one worker: what its tests share (a converged town, a domain) is made once.
check_tests() { # check_tests FOLDER LABEL
    local name=pytest-$1 log=$logs/pytest-$1.log
    if step "$name" "$2" python -m pytest --quiet --color=no --durations=12 -n 2 --dist loadfile "tests/$1"; then
        grep -E '^SKIPPED| in [0-9.]+s' "$log" | sed 's/^/    /'
    else
        failures+=("$name")
    fi
    passed=$((passed + $(counted "$log" passed)))
    failed=$((failed + $(counted "$log" failed) + $(counted "$log" error)))
    skipped=$((skipped + $(counted "$log" skipped)))
}

echo "Préparation"
scripts/bootstrap.sh test

echo "Analyse"
check ruff "ruff : code Python" ruff check .
check mypy "mypy : types, mode strict" mypy
check yamllint "yamllint : fichiers YAML" yamllint --strict .
check ansible-lint "ansible-lint : playbooks et rôles, profil production" ansible-lint --offline

if [[ $scope == all ]]; then
    echo "Tests"
    check_tests unit "Unitaires"
    check_tests contract "Contrats : le laboratoire comparé aux systèmes réels"
    check_tests integration "Intégration : la ville entière sur le laboratoire"
    # Molecule names its scenarios' state after the folder's last part: two checkouts of one name would share it.
    check molecule "molecule : converger, rejouer sans changement, vérifier" \
        env ANSIBLE_HOME="$PWD/.cache/molecule" molecule test --all
fi

echo
if [[ ${#failures[@]} -gt 0 ]]; then
    echo "ÉCHEC en $(since "$started") : ${failures[*]}. Journaux : $logs/"
else
    echo "Tout est vérifié en $(since "$started")."
fi
[[ $scope != all ]] || echo "$passed passed, $failed failed, $skipped skipped"
[[ ${#failures[@]} -eq 0 ]]
