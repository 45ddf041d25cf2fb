"""An account of the directory, deleted and brought back with its groups.

The account is a test account that the declaration names: an object comes back at its own place, so nothing else is ever
touched. Source: MS-ADTS 3.1.1.5.3.7 (reanimation); `Restore-ADObject` does the same where the recycle bin is on.
Believed: [belief windows.restore_account].
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from piste.engine.converge.errors import Diverged, Missing
from piste.systems.windows import dn as dns
from piste.systems.windows.deleted import WithDeleted, text_of
from piste.systems.windows.domain import Domain
from piste.systems.windows.entry import Entry
from piste.trials.restore.method import Answer, Context, Isolation, Thing

KEPT = ("description", "displayName", "givenName", "sn", "mail", "userPrincipalName", "department", "title")
"""Attributes that a deletion loses where the recycle bin is off. The password is lost too: an administrator sets it."""
_READ = ("objectGUID", "objectSid", "sAMAccountName", "memberOf", "adminCount", "userAccountControl", *KEPT)
_MARK = "essai"


class DirectoryObject:
    """The method: `own.username` and `own.password` may delete and reanimate the test account."""

    def prepare(self, context: Context) -> Isolation:
        how = "l’annuaire en service : un compte d’essai seul, supprimé puis rétabli à sa place"
        own = context.options.get("own") or {}
        if not own.get("username") or not own.get("password"):
            return Isolation(how, faults=["aucun compte qui rétablit des objets n’est donné (piste_restoring)"])
        name = context.test["object"] or ""
        with _directory(context) as directory:
            entry = _account(directory, name)
            powerful = [group for group in (entry.texts("memberOf") if entry else ()) if _is_powerful(directory, group)]
        if entry is None:
            return Isolation(how, faults=[f"l’annuaire n’a pas de compte {name}"])
        faults = []
        if entry.number("adminCount"):
            faults.append(f"{name} a des droits d’administration : ce n’est pas un compte d’essai")
        if _MARK not in (entry.text("description") or "").casefold():
            why = "rien ne dit qu’il peut être supprimé"
            faults.append(f"la description de {name} ne contient pas « {_MARK} » : {why}")
        if not entry.raw("memberOf"):
            faults.append(f"{name} n’a aucun groupe : leur retour ne serait pas prouvé")
        faults += [f"{group} donne des droits d’administration : {name} en est membre" for group in powerful]
        context.kept["entry"] = entry
        return Isolation(how, faults=faults)

    def restore(self, context: Context) -> None:
        entry: Entry = context.kept["entry"]
        thing = context.expect(Thing("account", text_of(entry.raw("objectGUID")[0]), _facts(entry)))
        context.kept["thing"] = thing
        with _directory(context) as directory:
            directory.delete(entry.dn)
            if directory.read(entry.dn, ["objectGUID"]) is not None:
                raise Missing(f"{entry.dn} est encore là après sa suppression")
            _bring_back(directory, thing, context.test["object"] or "")

    def start(self, context: Context) -> None:
        return

    def wait(self, context: Context) -> None:
        return

    def probe(self, context: Context) -> Iterator[Answer]:
        before: Entry = context.kept["entry"]
        with _directory(context) as directory:
            after = directory.read(before.dn, _READ)
        if after is None:
            yield Answer("Compte rétabli", before.dn, "absent", "wrong")
            return
        same = all(before.raw(name) == after.raw(name) for name in ("objectGUID", "objectSid"))
        yield Answer("Identité (objectGUID, objectSid)", "ceux d’avant", "les mêmes" if same else "d’autres",
                     "conform" if same else "wrong", {"dn": after.dn})  # fmt: skip
        groups, back = set(before.texts("memberOf")), set(after.texts("memberOf"))
        yield Answer("Groupes", f"{len(groups)} groupes d’avant", f"{len(groups & back)} sur {len(groups)}",
                     "conform" if groups == back else "wrong", sorted(back))  # fmt: skip
        lost = [name for name in KEPT if before.raw(name) != after.raw(name)]
        count = sum(bool(before.raw(name)) for name in KEPT)
        yield Answer("Attributs", f"{count} attributs d’avant", f"perdus : {', '.join(lost)}" if lost else "les mêmes",
                     "wrong" if lost else "conform", lost)  # fmt: skip

    def teardown(self, things: Sequence[Thing], context: Context) -> None:
        with _directory(context) as directory:
            for thing in things:
                _bring_back(directory, thing, context.test["object"] or "")

    def left(self, things: Sequence[Thing], context: Context) -> Iterator[str]:
        with _directory(context) as directory:
            for thing in things:
                entry = directory.read(thing.facts["dn"], _READ)
                wanted = set(json.loads(thing.facts["groups"]))
                if entry is None or text_of(entry.raw("objectGUID")[0]) != thing.id:
                    yield f"{thing.facts['dn']} n’est pas rétabli"
                elif missing := wanted - set(entry.texts("memberOf")):
                    yield f"{thing.facts['dn']} n’a pas retrouvé {', '.join(sorted(missing))}"


@contextmanager
def _directory(context: Context) -> Iterator[WithDeleted]:
    own, domain = context.options.get("own") or {}, context.options.get("domain") or {}
    account = {"username": own.get("username"), "password": own.get("password"), "authentication": "ntlm"}
    directory = WithDeleted(Domain.of({**domain, **account}))
    try:
        yield directory
    finally:
        directory.close()


def _account(directory: WithDeleted, name: str) -> Entry | None:
    query = f"(&(objectCategory=person)(objectClass=user)(sAMAccountName={dns.literal(name)}))"
    entries = directory.search(directory.base, query, _READ)
    return entries[0] if len(entries) == 1 else None


def _facts(entry: Entry) -> Mapping[str, str]:
    """Note what a deletion loses; no secret is among it."""
    kept = {name: [base64.b64encode(raw).decode() for raw in entry.raw(name)] for name in KEPT if entry.raw(name)}
    return {"dn": entry.dn, "groups": json.dumps(entry.texts("memberOf")), "kept": json.dumps(kept)}


def _is_powerful(directory: WithDeleted, group: str) -> bool:
    """True for a group that Windows protects: its members administer."""
    entry = directory.read(group, ["adminCount"])
    return entry is not None and entry.number("adminCount") > 0


def _bring_back(directory: WithDeleted, thing: Thing, name: str) -> None:
    """Reanimate the test account where it is deleted, then write what the deletion lost."""
    dn = thing.facts["dn"]
    deleted = directory.read_deleted(thing.id, ["sAMAccountName"])
    if deleted is None:
        todo = "Rétablissez-le d’une sauvegarde de l’annuaire (restauration faisant autorité)."
        raise Missing(f"l’objet {thing.id} n’est plus dans l’annuaire, pas même supprimé", todo=todo)
    if (known := deleted.text("sAMAccountName") or "").casefold() != name.casefold():
        raise Diverged(f"l’objet {thing.id} est {known}, et non le compte d’essai {name} : il reste tel quel")
    if deleted.text("isDeleted") == "TRUE":
        directory.reanimate(deleted, dn)
    back = directory.read(dn, _READ)
    if back is None or text_of(back.raw("objectGUID")[0]) != thing.id:
        what = "n’est pas revenu" if back is None else "est un autre objet, laissé tel quel"
        raise Missing(f"{dn} {what}", todo=f"Cherchez l’objet {thing.id} : il a été déplacé ou renommé.")
    kept: dict[str, list[str]] = json.loads(thing.facts["kept"])
    changes: dict[str, Any] = {
        name: (back.raw(name), [base64.b64decode(value) for value in values])
        for name, values in kept.items()
        if back.raw(name) != [base64.b64decode(value) for value in values]
    }
    if changes:
        directory.modify(dn, changes)
    for group in json.loads(thing.facts["groups"]):
        if group not in back.texts("memberOf"):
            if _is_powerful(directory, group):
                why = "Il donne maintenant des droits d’administration."
                raise Diverged(f"{name} n’est pas remis dans {group}", why=why, todo="Décidez-en à la main.")
            directory.modify(group, {"member": ((), (dn,))})
