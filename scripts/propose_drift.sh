#!/usr/bin/env bash
# propose_drift.sh [--push] ENVIRONMENT FOLDER: look for a drift, and put in FOLDER what a person decides from.
#   drift.txt, drift.md  what has moved
#   drift.json           the plan that repairs it: piste apply
#   branch               the branch whose files keep what was found: made in this repository, pushed with --push
# The code is that of `piste drift`: 0 nothing, 2 a drift, 3 no answer.
set -euo pipefail
push=
[[ $1 != --push ]] || { push=yes && shift; }
environment=$1 root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkdir -p "$2"
folder=$(cd "$2" && pwd)
cd "$root"
rm -rf "$folder"/{drift.txt,drift.md,drift.json,adopt.txt,branch,tree}

piste() { # piste ROOT ARGUMENTS…: with the code of that tree
    (cd "$1" && PYTHONPATH=$1 "$root/.venv/bin/python" -P -m piste.cli "${@:2}")
}

code=0
piste "$root" drift --environment "$environment" --out "$folder/drift.json" >"$folder/drift.txt" 2>&1 || code=$?
cat "$folder/drift.txt"
[[ -s $folder/drift.json ]] || exit "$code"
piste "$root" plan show "$folder/drift.json" --format markdown >"$folder/drift.md"
[[ $code == 2 ]] || exit "$code"

sites=$("$root/.venv/bin/python" -c '
import json, sys
plan = json.load(open(sys.argv[1], encoding="utf-8"))
print(",".join(sorted({operation["owner"] for operation in plan["operations"]})))' "$folder/drift.json")
branch=derive/$environment-$(date +%F)
# In a tree of its own: nobody finds this repository changed meanwhile.
trap 'git worktree remove --force "$folder/tree" >/dev/null 2>&1 || true' EXIT
git worktree prune
git worktree add --quiet --detach "$folder/tree" HEAD
if [[ -n $sites ]] && piste "$folder/tree" adopt "$sites" --environment "$environment" --yes >"$folder/adopt.txt" 2>&1; then
    cd "$folder/tree"
    git add --all "inventories/$environment/as_found" 2>/dev/null || true
    if ! git diff --cached --quiet; then
        git -c user.name=Piste -c user.email=piste@localhost commit --quiet --no-verify \
            -m "Dérive du $(date +%F) : garder ce qui a été trouvé"
        git branch --force "$branch" HEAD
        [[ -z $push ]] || git push --quiet --force origin "HEAD:refs/heads/$branch"
        echo "$branch" >"$folder/branch"
    fi
    cd "$root"
elif [[ -n $sites ]]; then
    cat "$folder/adopt.txt"
fi

{
    printf '\n\n## Décider\n'
    printf -- '- **Réparer**, rendre la ville à sa déclaration : relire ce plan, puis `piste apply %s`.\n' "$folder/drift.json"
    if [[ -s $folder/branch ]]; then
        printf -- '- **Garder** ce qui a été trouvé : fusionner la branche `%s`.\n' "$branch"
    else
        printf -- '- **Garder** demande de déclarer ce qui a été trouvé : rien n’en est proposé.\n'
    fi
} | tee -a "$folder/drift.md" "$folder/drift.txt"
exit "$code"
