#!/usr/bin/env bash
# Converge the whole town on the lab, then show that a second run finds nothing to do.
# Exit 1: a pass did not do what it should. Exit 3: all went well, but a domain could not be shown; the last line names it.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

started=$(now)
without=()

follow() { # follow NAME EXPRESSION: while a step lasts, say each thing that sed finds in its log
    local began last= found
    began=$(now)
    while sleep 0.5; do
        found=$(sed -nE "$2" "$logs/$1.log" 2>/dev/null | tail -n 1)
        [[ -z $found || $found == "$last" ]] || printf '\n    à %s : %s … ' "$(since "$began")" "$found"
        last=$found
    done
}

awaited() { # awaited NAME LABEL EXPRESSION COMMAND…: a step that says what it waits for
    local name=$1 label=$2 expression=$3 follower status=0
    shift 3
    : >"$logs/$name.log"
    follow "$name" "$expression" &
    follower=$!
    step "$name" "$label" "$@" || status=$?
    kill "$follower"
    wait "$follower" 2>/dev/null || true
    return "$status"
}

converge() { # converge NAME LABEL: the client keeps to no rate of calls either
    awaited "$1" "$2" 's/^TASK \[.* : (.*)\] \*+$/\1/p' \
        env PISTE_RATE=0 ansible-playbook playbooks/site.yml "${without[@]}"
}

recap() { # recap NAME: the counts of the run's last lines, added up over the hosts
    awk '/^PLAY RECAP/ { on = 1; next }
         on && / : ok=/ {
             hosts++
             for (i = 1; i <= NF; i++) if (split($i, kv, "=") == 2) sum[kv[1]] += kv[2]
         }
         END { printf "%d %d %d\n", hosts, sum["changed"], sum["failed"] + sum["unreachable"] }' \
        "$logs/$1.log"
}

restore() {
    trap - EXIT
    step lab-restore "Remettre ces limites" piste lab set claim_limit=10 rate_limit=10
}

echo "Préparation"
scripts/bootstrap.sh demo
# A lab that already runs keeps the code that it started with.
step lab-down "Arrêter le laboratoire s’il tourne" piste lab down
awaited lab-up "Démarrer le laboratoire" 's/^ *démarre : //p' piste lab up
# Kept whole before it is looked at: a reader that leaves a pipe early would make the writer fail.
info=$(piste lab info 2>"$logs/lab-absent.log")
sed 's/^/    /' "$logs/lab-absent.log"
missing=
if [[ $'\n'$info != *$'\nAnnuaire'* ]]; then
    missing="l’annuaire et le contrôle d’accès"
    without=(--skip-tags directory,names,access)
    echo "    La démonstration continue sans $missing (--skip-tags directory,names,access)."
fi
step lab-reset "Le remettre à zéro : tout le matériel est en stock" piste lab reset --seed empty
# With the real limits, twenty sites would wait for ten minutes, and each pass for one minute or two more.
step lab-limits "Lever les limites du tableau de bord : 10 affectations en 5 min, 10 appels par seconde" \
    piste lab set claim_limit=null rate_limit=null
# The lab stays open, after a failure too: what is tried next meets the real limits.
trap restore EXIT

echo "Convergence de la ville"
converge converge-1 "Premier passage : tout est à créer"
read -r hosts changed _ < <(recap converge-1)
echo "    $hosts hôtes, $changed tâches ont modifié quelque chose"
if [[ $changed -eq 0 ]]; then
    echo "Le premier passage devait créer la ville. À lire : $logs/converge-1.log" >&2
    exit 1
fi
converge converge-2 "Second passage : rien ne doit changer"
read -r hosts changed failed < <(recap converge-2)
echo "    $hosts hôtes, $changed tâches ont modifié quelque chose"
if [[ $hosts -eq 0 || $changed -ne 0 || $failed -ne 0 ]]; then
    echo "Le second passage devait ne rien modifier. À lire : $logs/converge-2.log" >&2
    exit 1
fi
restore

cat <<EOT

La ville est en place sur le laboratoire, et un second passage n’y change rien ($(since "$started")).
Le laboratoire reste ouvert. Pour continuer :

    source .venv/bin/activate
    piste lab info     # où il écoute
    piste lab calls    # les appels qu’il a reçus

Changez un site dans inventories/town/host_vars/ecole-jaures.yml, lisez le plan, appliquez-le :

    ansible-playbook playbooks/site.yml -l ecole-jaures --check --diff
    ansible-playbook playbooks/site.yml -l ecole-jaures

À lire : LISEZMOI.md, docs/. Journaux de cette démonstration : $logs/. Arrêt : piste lab down.
EOT
if [[ -n $missing ]]; then
    echo
    echo "INCOMPLET : $missing n’ont pas été montrés. Pourquoi, et que faire : $logs/lab-absent.log"
    exit 3
fi
