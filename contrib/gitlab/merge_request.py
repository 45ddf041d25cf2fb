"""Speak of a plan in a merge request of GitLab, from a job of its pipeline.

`comment FILE…` writes the files as a comment, in the place of the former comment; `accounts` prints the author and the
approvals as options of `piste check`; `words` prints the words that its description confirms, as options of
`piste plan`; `number` prints the number of the merge request; `propose BRANCH FILE` opens a
merge request with the file as its description. The token is `PISTE_COMMENT_TOKEN`, a variable of the project: it is
never an argument. On the default branch, the merge request is that of the merged commit.

Sources: GitLab REST API v4, Merge requests, Notes, Merge request approvals, Commits.
"""

from __future__ import annotations

import json
import os
import re
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

MARK = "<!-- piste -->"
LONGEST = 900_000
"""Characters of a comment; GitLab takes a million."""
TOO_LONG = "**Trop long pour un commentaire : la suite est dans les fichiers du travail.**"
TOKEN = re.compile(r"[A-Za-z0-9_.~+/=-]{1,500}", re.ASCII)
ACCOUNT = re.compile(r"[A-Za-z0-9_][\w.@-]{0,79}", re.ASCII)
CONFIRMED = re.compile(r"^[ \t]*Confirmer[ \t\xa0\u202f]*:(.*)$", re.MULTILINE)
WORD = re.compile(r"[a-z0-9_]+(:[\w./@-]{1,300})?", re.ASCII)
WAIT = 30.0
PAGE, PAGES = 100, 50
"""Notes of a page, the most that GitLab gives; pages that are read at most."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Refuse redirects: the token would go where they lead."""

    def redirect_request(self, *_: Any) -> None:
        return None


def call(method: str, path: str, body: Any = None) -> Any:
    """Send a request to the project's API and read its JSON."""
    base, project = os.environ["CI_API_V4_URL"], urllib.parse.quote(os.environ["CI_PROJECT_ID"], safe="")
    if not base.startswith("https://"):
        sys.exit(f"CI_API_V4_URL n’est pas en https : {base}")
    token = os.environ.get("PISTE_COMMENT_TOKEN", "")
    if not TOKEN.fullmatch(token):
        # The library would quote the token in its error.
        sys.exit("PISTE_COMMENT_TOKEN manque ou n’est pas un jeton : donnez-le aux variables du projet, sur une ligne.")
    url = f"{base}/user" if path == "/user" else f"{base}/projects/{project}{path}"
    headers = {"PRIVATE-TOKEN": token, "Content-Type": "application/json"}
    content = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, content, headers, method=method)
    trusted = ssl.create_default_context()
    if authority := os.environ.get("CI_SERVER_TLS_CA_FILE"):
        trusted.load_verify_locations(authority)
    opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPSHandler(context=trusted))
    try:
        with opener.open(request, timeout=WAIT) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        todo = "Vérifiez le rôle et la portée du jeton (docs/git.md)."
        sys.exit(f"GitLab refuse {method} {path} (code {error.code}). {todo}")
    except (OSError, ValueError) as error:
        sys.exit(f"GitLab ne répond pas à {method} {path} : {error}")


def number() -> int:
    """Give the number of the merge request: of the pipeline, or of the merged commit."""
    if given := os.environ.get("CI_MERGE_REQUEST_IID"):
        return int(given)
    commit, branch = os.environ["CI_COMMIT_SHA"], os.environ["CI_DEFAULT_BRANCH"]
    requests = call("GET", f"/repository/commits/{commit}/merge_requests")
    merged = [asked["iid"] for asked in requests if (asked["state"], asked["target_branch"]) == ("merged", branch)]
    if len(merged) != 1:
        sys.exit(f"Le commit {commit[:10]} ne vient pas d’une demande de fusion et d’une seule : personne ne l’a relu.")
    return int(merged[0])


def accounts() -> list[str]:
    """List the author and the approvals as options. A name that no option could take stops."""
    request = f"/merge_requests/{number()}"
    author = call("GET", request)["author"]["username"]
    approved = [entry["user"]["username"] for entry in call("GET", f"{request}/approvals")["approved_by"]]
    for name in (author, *approved):
        if not ACCOUNT.fullmatch(name):
            sys.exit(f"Ce nom de compte n’en est pas un : {name!r}")
    return ["--author", author, *(word for name in approved for word in ("--approved-by", name))]


def words() -> list[str]:
    """List the words of the lines `Confirmer : MOT…` of the description as options."""
    described = call("GET", f"/merge_requests/{number()}")["description"] or ""
    confirmed = [word for line in CONFIRMED.findall(described) for word in line.replace("`", " ").split()]
    for word in confirmed:
        if not WORD.fullmatch(word):
            todo = "Écrivez-les ainsi, dans la description : Confirmer : removals network:sw-jau-01"
            sys.exit(f"Ce mot de confirmation n’en est pas un : {word!r}. {todo}")
    return [option for word in dict.fromkeys(confirmed) for option in ("--confirm", word)]


def comment(files: Sequence[str]) -> None:
    """Write the comment, or write it anew: a merge request has a single comment of this account."""
    first, *others = (Path(file).read_text("utf-8") for file in files)
    # The plan is cut, never the verdict that follows it; at a line, so that no name is left open.
    room = LONGEST - sum(map(len, others))
    if len(first) > room:
        first = f"{first[:max(room, 0)].rpartition('\n')[0]}\n\n</details>\n\n{TOO_LONG}"
    text = "\n\n".join([first, *others])
    place = f"/merge_requests/{number()}/notes"
    own = call("GET", "/user")["id"]
    former = [note["id"] for note in listed(place) if note["author"]["id"] == own and note["body"].startswith(MARK)]
    method, path = ("PUT", f"{place}/{former[0]}") if former else ("POST", place)
    call(method, path, {"body": f"{MARK}\n{text}"})


def listed(place: str) -> Iterator[Any]:
    """List the notes, page after page."""
    for page in range(1, PAGES + 1):
        notes = call("GET", f"{place}?per_page={PAGE}&page={page}&sort=asc")
        yield from notes
        if len(notes) < PAGE:
            return


def propose(branch: str, file: str) -> None:
    """Open a merge request for a branch, unless it has an open request."""
    query = urllib.parse.urlencode({"state": "opened", "source_branch": branch})
    if call("GET", f"/merge_requests?{query}"):
        return
    request = {
        "source_branch": branch,
        "target_branch": os.environ["CI_DEFAULT_BRANCH"],
        "title": "Dérive : garder, ou réparer",
        "description": Path(file).read_text("utf-8")[:LONGEST],
        "remove_source_branch": True,
    }
    call("POST", "/merge_requests", request)


def main(arguments: Sequence[str]) -> None:
    match list(arguments):
        case ["comment", *files] if files:
            comment(files)
        case ["accounts"]:
            print(" ".join(accounts()))
        case ["words"]:
            print(" ".join(words()))
        case ["number"]:
            print(number())
        case ["propose", branch, file]:
            propose(branch, file)
        case _:
            sys.exit("Usage : merge_request.py comment FICHIER… | accounts | words | number | propose BRANCHE FICHIER")


if __name__ == "__main__":
    main(sys.argv[1:])
