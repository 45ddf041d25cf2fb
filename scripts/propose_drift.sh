#!/usr/bin/env bash
# propose_drift.sh [--push] ENVIRONMENT FOLDER: look for a drift, and put in FOLDER what a person decides from.
#   drift.txt, drift.md  what has moved
#   drift.json           the plan that repairs it: piste apply
#   branch               the branch whose files keep what was found: made in this repository, pushed with --push
# The code is that of `piste drift`: 0 nothing, 2 a drift, 3 no answer.
set -euo pipefail
push=
[[ ${1-} != --push ]] || { push=yes && shift; }
[[ $# == 2 && $1 =~ ^(lab|production)$ && $2 ]] || {
    echo "Usage : propose_drift.sh [--push] lab|production DOSSIER" >&2
    exit 1
}
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
# Who must approve the repair, and what the rules of review say of it: a drift is judged as a change is.
{ echo && piste "$root" check "$folder/drift.json" --format markdown; } >>"$folder/drift.md" || true

read -r digest sites < <("$root/.venv/bin/python" -c '
import hashlib, json, sys
operations = json.load(open(sys.argv[1], encoding="utf-8"))["operations"]
written = json.dumps(operations, sort_keys=True).encode()
print(hashlib.sha256(written).hexdigest()[:8], ",".join(sorted({operation["owner"] for operation in operations})))' \
    "$folder/drift.json")
# The same drift has the same branch, tomorrow too: a branch that waits is left to the people who read it.
branch=derive/$environment-$digest
waits() {
    if [[ -n $push ]]; then
        git ls-remote --exit-code origin "refs/heads/$branch" >/dev/null
    else
        git rev-parse --verify --quiet "refs/heads/$branch" >/dev/null && ! git merge-base --is-ancestor "$branch" HEAD
    fi
}
keep() { # make the branch, in a tree of its own: nobody finds this repository changed meanwhile
    trap 'git worktree remove --force "$folder/tree" >/dev/null 2>&1 || true' EXIT
    git worktree prune
    git worktree add --quiet --detach "$folder/tree" HEAD
    piste "$folder/tree" adopt "$sites" --environment "$environment" --yes >"$folder/adopt.txt" 2>&1 || {
        cat "$folder/adopt.txt"
        return 1
    }
    local own=(git -C "$folder/tree") place=inventories/$environment/as_found
    [[ -n $("${own[@]}" status --porcelain -- "$place") ]] || return 1
    "${own[@]}" add --all "$place" \
        && "${own[@]}" -c user.name=Piste -c user.email=piste@localhost commit --quiet --no-verify \
            -m "Dérive du $(date +%F) : garder ce qui a été trouvé" \
        && "${own[@]}" branch --force "$branch" HEAD \
        && { [[ -z $push ]] || "${own[@]}" push --quiet origin "refs/heads/$branch"; }
}
if [[ -n $sites ]] && { waits || keep; }; then
    echo "$branch" >"$folder/branch"
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
