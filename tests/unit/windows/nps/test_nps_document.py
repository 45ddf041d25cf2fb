"""The exported document: unchanged content stays to the byte, content alone is compared."""

import pytest
from lxml import etree

from lab.winrm import nps_documents
from piste.systems.windows.nps.document import CLIENTS, NETWORK_POLICIES, SERVER_GROUPS, Document, tag


def canonical(content: bytes) -> bytes:
    return etree.tostring(etree.fromstring(content), method="c14n")


def test_a_document_written_again_is_canonically_the_same() -> None:
    content = nps_documents.inherited()
    again = Document(content).to_bytes()
    assert canonical(again) == canonical(content)
    assert again.startswith(b'<?xml version="1.0"?>\r\n<Root')
    assert b"\n" not in again.replace(b"\r\n", b"")
    assert b"></Opaque_Data>" in again
    assert b"<Opaque_Data/>" not in again


def test_every_item_of_an_export_has_the_tag_that_its_name_gives() -> None:
    assert tag("école Jaurès (borne n° 3)") == "_cole_Jaur_s__borne_n__3_"
    assert tag("802.1x - test") == "_02_1x___test"


def test_a_changed_property_moves_nothing_else() -> None:
    before = Document(nps_documents.inherited())
    after = before.copy()
    after.write(CLIENTS, "Pare-feu", {"Require_Signature": ("boolean", ["1"])})
    assert before.differences(after) == [
        "Root/Microsoft_Internet_Authentication_Service/Protocols/Microsoft Radius Protocol/Clients/Pare-feu"
    ]
    assert [name for name, _, _ in after.properties(CLIENTS, "Pare-feu")] == [
        name for name, _, _ in before.properties(CLIENTS, "Pare-feu")
    ]


def test_new_properties_stand_in_the_order_of_their_names_and_repeated_values_in_their_own() -> None:
    document = Document(nps_documents.fresh())
    changes = {"b": ("string", ["2", "1"]), "Z": ("int", ["0"]), "a": ("string", [""])}
    document.write(SERVER_GROUPS, "Opérateur", changes)
    document.write(SERVER_GROUPS, "opérateur", {"aa": ("string", ["x"]), "b": ("string", ["3", "4"])})
    assert document.names(SERVER_GROUPS) == ["Opérateur"]
    assert document.properties(SERVER_GROUPS, "OPÉRATEUR") == [
        ("Z", "int", "0"),
        ("a", "string", ""),
        ("aa", "string", "x"),
        ("b", "string", "3"),
        ("b", "string", "4"),
    ]
    assert Document(document.to_bytes()).same(document)


def test_a_removed_item_leaves_the_others() -> None:
    document = Document(nps_documents.inherited())
    names = document.names(NETWORK_POLICIES)
    document.remove(NETWORK_POLICIES, names[1])
    assert document.names(NETWORK_POLICIES) == [names[0], *names[2:]]


def test_only_the_order_of_values_counts() -> None:
    content = nps_documents.fresh().decode()
    document = Document(content.encode())
    marked = content.replace("<msNPSequence xmlns", '<msNPSequence _loc="locData" xmlns')
    assert marked != content
    assert Document(marked.encode()).same(document)
    values = ("msNPAuthenticationType2", "4")
    other = document.copy()
    properties = next(element for element in other.root.iter("Properties") if element.findtext(values[0]) is not None)
    twins = properties.findall(values[0])
    twins[0].text, twins[1].text = twins[1].text, twins[0].text
    assert not other.same(document)


def test_a_sealed_copy_holds_no_secret() -> None:
    sealed = Document(nps_documents.inherited()).sealed(lambda value: f"<{len(value)}>").to_bytes()
    for secret in (b"Mairie-1999", b"AncienSecret", b"bornes-ecoles"):
        assert secret in nps_documents.inherited()
        assert secret not in sealed


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<Root/>", "ce n’est pas une configuration de NPS"),
        (b"<Root", "ligne"),
        (nps_documents.fresh().replace(b">257<", b">300<"), "version 300"),
        (b'<!DOCTYPE Root [<!ENTITY x SYSTEM "file:///etc/passwd">]><Root/>', "DOCTYPE"),
    ],
)
def test_another_document_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        Document(content)


def test_only_content_of_no_other_document_is_strange() -> None:
    previous = Document(nps_documents.inherited())
    half = previous.copy()
    half.remove(CLIENTS, "Pare-feu")
    half.write(CLIENTS, "Commutateur mairie 1", {"NAS_Manufacturer": ("int", [])})
    assert half.strange_to(previous) == []
    half.write(CLIENTS, "Nouveau", {"IP_Address": ("string", ["10.0.0.1"])})
    assert [path.rpartition("/")[2] for path in half.strange_to(previous)] == ["Nouveau"]


def test_a_value_that_is_there_already_leaves_its_element_as_it_is() -> None:
    content = nps_documents.fresh().replace(b"<msNPSequence xmlns", b'<msNPSequence _loc="locData" xmlns')
    document = Document(content)
    (name, *_) = document.names(NETWORK_POLICIES)
    sequence = document.values(NETWORK_POLICIES, name, "msNPSequence")
    document.write(NETWORK_POLICIES, name, {"msNPSequence": ("int", sequence)})
    assert canonical(document.to_bytes()) == canonical(content)
