"""The witness of a capture: it lets reads pass, masks each answer in memory, then keeps it."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from piste.engine.converge.errors import Misused
from piste.engine.converge.memory import Memory
from piste.engine.converge.secrets import Vault
from piste.engine.transport import witness
from piste.engine.transport.response import Response
from piste.engine.transport.witness import Question
from piste.exports.capture import forms, store
from piste.exports.capture.masks import Masks
from piste.systems import questions

SETTINGS = "settings.json"
"""The file, in the folder that the variable names, of what every process must know: the capture's folder, its key."""
_SOUGHT = re.compile(r"(?i)\$?(?:filter|search|name|username|q)")
"""The parts of questions whose values are looked for: they may be names."""
_PLAIN = ("key_", "status", "type")
"""Fields of filters whose values are no names."""


_REFUSED = 403
"""The status of a refusal that came as a success."""


class Recording:
    """The witness of one process of a capture."""

    def __init__(self, data: Path, masks: Masks) -> None:
        self._data, self._masks = data, masks
        # A date has seconds alone: a lead that stays keeps the order of answers within one.
        self._ahead: dict[str, float] = {}

    def allow(self, question: Question) -> None:
        if questions.sort(question) is None:
            raise Misused(
                "une capture ne pose que des questions connues pour ne rien écrire, et celle-ci n’en est pas une",
                where=f"{question.system or 'système inconnu'} : {question.method} {question.path}",
                why="Rien n’a été envoyé.",
                todo="Lancez cette tâche hors de la capture.",
            )

    def heard(self, question: Question, response: Response, seconds: float) -> None:
        if questions.sort(question) != "read":
            return
        passing = response.status >= 500 or response.status in (429, witness.SILENT)
        try:
            content, parsed = json.loads(response.body) if response.body else None, True
        except (ValueError, RecursionError):
            content, parsed = response.body.decode("utf-8", "replace"), False
        for asked, answered in _calls(question, content):
            status = _REFUSED if 200 <= response.status < 300 and _refuses(asked.system, answered) else response.status
            kept = self._masked(asked, replace(response, status=status), answered, parsed, seconds)
            # A retry that succeeds takes the place of the refusal; a refusal that may pass takes that of no answer.
            store.keep_answer(self._data, kept, over=not passing)

    def _masked(
        self, question: Question, response: Response, content: Any, parsed: bool, seconds: float
    ) -> store.Answer:
        """Give what is kept of an answer. What is no JSON is kept by its size."""
        masks = self._masks
        ahead = self._ahead.setdefault(question.system, response.ahead(time.time(), 0.0))
        odd: list[forms.Odd] = []
        line = forms.template(question.system, forms.name(question.path, question.body)) if parsed else None
        if not 200 <= response.status < 300:
            said = forms.template(question.system, "error")
            answer, _ = forms.kept(content, said[1] if said else None, masks)
        else:
            answer, odd = forms.kept(content, line[1] if line else None, masks)
            odd = odd if line else [forms.Odd("", "form", forms.type_of(content), len(response.body))]
        return store.Answer(
            system=question.system,
            method=question.method,
            path=_masked_path(question.path, masks),
            query=[(name, _asked(question.system, name, value, masks)) for name, value in question.query],
            body=_masked_body(question.body, masks),
            at=datetime.fromtimestamp(time.time() + ahead, UTC).isoformat(),
            seconds=round(seconds, 3),
            status=response.status,
            link=_following(response.headers.get("link", ""), masks),
            answer=answer,
            odd=[store.OddPlace(**place._asdict()) for place in odd],
        )


def _refuses(system: str, content: Any) -> bool:
    """Tell whether an answer says a refusal in its body, in the form of its vendor.

    Sources: Zabbix, "API: error handling" (`error` beside the id); GLPI, `apirest.md` (`["ERROR_…", text]`), and its
    HL API (`status`, `title`, `detail`); Veeam, "REST API: error codes" (`errorCode`, `message`).
    """
    if isinstance(content, Mapping):
        if system == "veeam":
            return "errorCode" in content
        word = content.get("status")
        return {*content} == {"error"} if system == "zabbix" else system == "glpi" and _is_glpi_error(word)
    return system == "glpi" and isinstance(content, list) and bool(content) and _is_glpi_error(content[0])


def _is_glpi_error(word: Any) -> bool:
    return isinstance(word, str) and word.startswith("ERROR")


def attend(secrets: Mapping[str, Any], hidden: Iterable[str], lock: str = "") -> None:
    """Put a witness beside the transports of this process, as the command that captures has set.

    `secrets` are those of the environment by path, `hidden` other texts of no answer: keys, passwords of accounts.
    """
    try:
        settings = json.loads((Path(os.environ[witness.CAPTURE]) / SETTINGS).read_bytes())
    except (KeyError, OSError, ValueError):
        todo = "Lancez « piste capture --to DOSSIER »."
        raise Misused("aucune capture n’est en cours ici", todo=todo) from None
    known = dict.fromkeys(hidden, "") | {str(value): path for path, value in secrets.items() if value}
    masks = Masks(bytes.fromhex(settings["key"]), settings["keep_names"], known, settings["names"])
    if settings["keep_names"] and lock:
        _remember(Path(settings["data"]), Path(lock), secrets)
    witness.call(Recording(Path(settings["data"]), masks))


def _remember(data: Path, lock: Path, secrets: Mapping[str, Any]) -> None:
    """Keep once, by address, the path of each written secret that the vault still has."""
    if not (data / store.REMEMBERED).exists():
        vault = Vault({path: str(value) for path, value in secrets.items() if value})
        paths = {vault.fingerprint(vault.get(path).value): path for path in secrets if vault.get(path).value}
        entries = Memory(lock, vault).entries().items()
        store.keep_remembered(data, {address: paths[known] for address, known in entries if known in paths})


def _calls(question: Question, content: Any) -> Iterator[tuple[Question, Any]]:
    """Yield each call of JSON-RPC with its own answer: Zabbix is asked several at once."""
    calls = question.body if isinstance(question.body, list) else [question.body]
    if not all(isinstance(call, Mapping) and "method" in call for call in calls):
        yield question, content
        return
    answers = content if isinstance(content, list) else [content]
    by_id = {answer.get("id"): answer for answer in answers if isinstance(answer, Mapping)}
    for call in calls:
        answer = by_id.get(call.get("id"), answers[0] if len(answers) == 1 else {})
        body = {"method": call["method"], "params": call.get("params")}
        answered = answer.get("result", {"error": answer.get("error")}) if isinstance(answer, Mapping) else answer
        yield question._replace(body=body), answered


def _asked(system: str, name: str, value: str, masks: Masks) -> str:
    """Mask a part of a question: what it looks for may be a name, where it looks for it too."""
    if system == "ad":
        from piste.exports.capture import directory, files

        if name == "base":
            return directory.place(value, masks, lambda *_: None)
        if name == "filter":
            return directory.sought(masks, value)
        return files.path(masks, value) if name == "path" else value
    if system == "microsoft" and name.startswith("$"):
        # Its questions are Piste's own words; where a page begins, the tenant says, in a form of its own.
        return masks.drawn("page", value.encode(), 6).hex() if name.startswith("$skip") else masks.text(value)
    return masks.sought(value) if _SOUGHT.fullmatch(name) else masks.text(value)


def _masked_path(path: str, masks: Masks) -> str:
    """Mask each part of a path as it reads, not as it is coded."""
    plain = ((part, unquote(part)) for part in path.split("/"))
    return "/".join(part if masks.text(read) == read else quote(masks.text(read), safe=":@") for part, read in plain)


def _masked_body(body: Any, masks: Masks, mask: Callable[[str], str] | None = None) -> Any:
    """Give a question's body with its texts masked.

    What a filter of Zabbix looks for may be a name.
    """
    mask = mask or masks.text
    if isinstance(body, Mapping):
        return {
            key: _masked_body(
                value, masks, masks.sought if _SOUGHT.fullmatch(key) else masks.text if key in _PLAIN else mask
            )
            for key, value in body.items()
        }
    if isinstance(body, (list, tuple)):
        return [_masked_body(value, masks, mask) for value in body]
    return mask(body) if isinstance(body, str) else body


def _following(link: str, masks: Masks) -> str:
    """Keep the relations of a Link header, and of each address its query alone."""
    pairs = re.findall(r"<([^>]*)>\s*;\s*rel=\"?(\w+)\"?", link)
    queries = ((re.split(r"([&=])", target.partition("?")[2]), rel) for target, rel in pairs)
    return ", ".join(f"<?{''.join(_masked_path(part, masks) for part in parts)}>; rel={rel}" for parts, rel in queries)
