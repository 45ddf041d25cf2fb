"""The site's own ADMX and ADML files as named policies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from piste.systems.windows.gpo import admx, registry_pol
from piste.systems.windows.gpo.policies import Names, Policies
from piste.systems.windows.gpo.policy_table import TABLE
from tests.unit.windows.support import NOBODY, side

KEY = "Software\\Policies\\Ville"
NAMESPACE = "http://schemas.microsoft.com/GroupPolicy/2006/07/PolicyDefinitions"
ADMX = f"""<?xml version="1.0" encoding="utf-8"?>
<policyDefinitions xmlns="{NAMESPACE}" revision="1.0" schemaVersion="1.0">
  <policyNamespaces>
    <target prefix="ville" namespace="Ville.Policies"/><using prefix="windows" namespace="Microsoft.Policies.Windows"/>
  </policyNamespaces>
  <categories>
    <category name="Haut" displayName="$(string.Haut)"/>
    <category name="Bas" displayName="$(string.Bas)"><parentCategory ref="Haut"/></category>
  </categories>
  <policies>
    <policy name="Simple" class="Machine" displayName="$(string.Simple)" key="{KEY}" valueName="Simple">
      <parentCategory ref="ville:Bas"/>
    </policy>
    <policy name="Deux" class="Both" displayName="$(string.Deux)" key="{KEY}" valueName="Deux">
      <parentCategory ref="Haut"/>
      <enabledValue><decimal value="2"/></enabledValue><disabledValue><string>non</string></disabledValue>
      <enabledList><item key="{KEY}\\Autre" valueName="A"><value><decimal value="1"/></value></item></enabledList>
    </policy>
    <policy name="Riche" class="Machine" displayName="$(string.Riche)" key="{KEY}\\Riche" valueName="Actif">
      <parentCategory ref="Bas"/>
      <enabledValue><decimal value="1"/></enabledValue><disabledValue><decimal value="0"/></disabledValue>
      <elements>
        <boolean id="Case" valueName="Case"><trueValue><decimal value="5"/></trueValue>
          <falseValue><delete/></falseValue></boolean>
        <decimal id="Minutes" valueName="Minutes" minValue="1" maxValue="60" required="true"/>
        <decimal id="EnTexte" valueName="EnTexte" storeAsText="true"/>
        <text id="Chemin" valueName="Chemin" expandable="true" maxLength="20"/>
        <multiText id="Lignes" valueName="Lignes"/>
        <enum id="Choix" valueName="Choix">
          <item displayName="$(string.Simple)"><value><decimal value="3"/></value></item>
          <item displayName="$(string.Deux)"><value><string>quatre</string></value></item>
        </enum>
        <list id="Sites" key="{KEY}\\Sites" valuePrefix="s"/>
        <list id="Noms" key="{KEY}\\Noms" explicitValue="true" additive="true"/>
      </elements>
    </policy>
    <policy name="Veille" class="Machine" displayName="$(string.Veille)"
            key="Software\\Policies\\Microsoft\\Power\\PowerSettings\\29F6C1DB-86DA-48C5-9FDB-F2B67B1F44DA">
      <parentCategory ref="windows:Inconnue"/>
      <elements><decimal id="Secondes" valueName="ACSettingIndex" maxValue="4294967295"/></elements>
    </policy>
  </policies>
</policyDefinitions>
"""
ADML = f"""<policyDefinitionResources xmlns="{NAMESPACE}"><resources><stringTable>
<string id="Haut">Ville</string><string id="Bas">Postes</string><string id="Simple">Réglage simple</string>
<string id="Deux">Deux valeurs</string><string id="Riche">Réglage riche</string><string id="Veille">Veille</string>
</stringTable></resources></policyDefinitionResources>"""
RICH: dict[str, Any] = {
    "Case": False,
    "Minutes": 10,
    "EnTexte": 7,
    "Chemin": "%TEMP%",
    "Lignes": ["un", "deux"],
    "Choix": "quatre",
    "Sites": ["mairie", "école"],
    "Noms": {"a": "1"},
}


def definitions(folder: Path) -> str:
    """Write the definitions as a site has them, and return their folder."""
    (folder / "fr-FR").mkdir(parents=True)
    (folder / "ville.admx").write_text(ADMX, "utf-8")
    (folder / "fr-FR" / "ville.adml").write_text(ADML, "utf-8")
    return str(folder)


def names() -> Names:
    return admx.read({"ville.admx": ADMX.encode()}, {"ville.adml": ADML.encode()}, TABLE)


def written(value: dict[str, Any]) -> list[registry_pol.Entry]:
    content, part = side(), Policies(names())
    part.put(content, None, value, NOBODY)
    entries = list(content.registry)
    assert part.check(value, "computer.policies", NOBODY) == []
    assert part.take(content, NOBODY) == value
    assert content.registry == []
    return entries


def test_a_policy_without_values_is_one_or_a_deletion() -> None:
    assert written({"ville:Simple": True}) == [registry_pol.make(KEY, "Simple", "dword", 1)]
    assert written({"ville:Simple": False}) == [registry_pol.deletion(KEY, "Simple")]


def test_enabled_and_disabled_values_and_lists_are_those_of_the_file() -> None:
    assert written({"ville:Deux": True}) == [
        registry_pol.make(KEY, "Deux", "dword", 2), registry_pol.make(f"{KEY}\\Autre", "A", "dword", 1),
    ]  # fmt: skip
    assert written({"ville:Deux": False}) == [registry_pol.make(KEY, "Deux", "sz", "non")]


def test_every_kind_of_element_is_written_in_its_type() -> None:
    assert written({"ville:Riche": RICH}) == [
        registry_pol.make(f"{KEY}\\Riche", "Actif", "dword", 1),
        registry_pol.deletion(f"{KEY}\\Riche", "Case"),
        registry_pol.make(f"{KEY}\\Riche", "Minutes", "dword", 10),
        registry_pol.make(f"{KEY}\\Riche", "EnTexte", "sz", "7"),
        registry_pol.make(f"{KEY}\\Riche", "Chemin", "expand_sz", "%TEMP%"),
        registry_pol.make(f"{KEY}\\Riche", "Lignes", "multi_sz", ["un", "deux"]),
        registry_pol.make(f"{KEY}\\Riche", "Choix", "sz", "quatre"),
        registry_pol.clearing(f"{KEY}\\Sites"),
        registry_pol.make(f"{KEY}\\Sites", "s1", "sz", "mairie"),
        registry_pol.make(f"{KEY}\\Sites", "s2", "sz", "école"),
        registry_pol.make(f"{KEY}\\Noms", "a", "sz", "1"),
    ]


def test_a_disabled_policy_takes_its_elements_away() -> None:
    entries = written({"ville:Riche": False})
    assert entries[0] == registry_pol.make(f"{KEY}\\Riche", "Actif", "dword", 0)
    assert registry_pol.deletion(f"{KEY}\\Riche", "Minutes") in entries
    assert registry_pol.clearing(f"{KEY}\\Sites") in entries


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("ville:Riche", "ville:Riche"), ("Riche", "ville:Riche"), ("riche", "ville:Riche"),
        ("Ville/Postes/Réglage riche", "ville:Riche"), ("Ville/Deux valeurs", "ville:Deux"),
        ("ville:Veille", "power.sleep_after_ac"), ("Veille", "power.sleep_after_ac"),
        ("power.sleep_after_ac", "power.sleep_after_ac"), ("Absente", "Absente"),
    ],
)  # fmt: skip
def test_several_spellings_lead_to_one_name(spelling: str, canonical: str) -> None:
    normalise = Policies(names()).field.normalise_key
    assert normalise is not None
    assert normalise(spelling) == canonical


def test_a_name_that_two_files_use_is_a_fault_that_lists_them() -> None:
    both = {"ville.admx": ADMX.encode(), "autre.admx": ADMX.replace(KEY, "Software\\Policies\\Autre").encode()}
    part = Policies(admx.read(both, {}, TABLE))
    (fault,) = part.check({"Simple": True}, "computer.policies", NOBODY)
    assert "plusieurs stratégies portent ce nom : autre:Simple, ville:Simple" in fault.message


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ({**RICH, "Inconnu": 1}, "élément inconnu Inconnu ; éléments : Case, Minutes"),
        ({"Case": True}, "il manque Minutes"),
        ({**RICH, "Minutes": 61}, "Minutes : un nombre entier de 1 à 60"),
        ({**RICH, "Choix": "5"}, "Choix : un de ces mots est attendu : 3, quatre"),
        (True, "il manque Minutes"),
        ("oui", "true ou false est attendu"),
    ],
)
def test_a_fault_is_found_before_anything_is_written(value: Any, message: str) -> None:
    (fault,) = Policies(names()).check({"ville:Riche": value}, "computer.policies", NOBODY)
    assert message in fault.message


def test_a_policy_half_written_stays_raw() -> None:
    content = side(registry_pol.make(f"{KEY}\\Riche", "Minutes", "dword", 10))
    assert Policies(names()).take(content, NOBODY) is None
    assert len(content.registry) == 1


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "ville.admx : le fichier est vide"),
        (b"<a><b></a>", "ville.admx : ligne 1"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "DOCTYPE"),
    ],
)
def test_a_file_that_is_no_template_is_refused_by_its_name(raw: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=r"^ville\.admx : ") as caught:
        admx.read({"ville.admx": raw}, {}, TABLE)
    assert message in str(caught.value)


def test_a_namespace_that_is_no_uri_is_read_all_the_same() -> None:
    odd = ADML.replace(NAMESPACE, "http://schemas.microsoft.com/GroupPolicy/Policysecurity intelligence")
    read = admx.read({"ville.admx": ADMX.encode()}, {"ville.adml": odd.encode()}, TABLE)
    assert read.canonical("Ville/Postes/Réglage riche") == "ville:Riche"
