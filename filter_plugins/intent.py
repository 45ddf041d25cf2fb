"""From a derived site to what each system is to hold for it, and from what was read to a file of the declaration."""

from __future__ import annotations

from piste.converge.text import as_declaration
from piste.dispatch import plain
from piste.forcepoint.filtering import unread
from piste.forcepoint.intent import smc_intent
from piste.meraki.intent import meraki_intent
from piste.nutanix.intent import prism_intent
from piste.windows.intent import ad_intent, printing_intent
from piste.windows.nps.intent import nps_intent


class FilterModule:
    def filters(self) -> dict[str, object]:
        return {
            "ad_intent": lambda owner: ad_intent(plain(owner)),
            "as_declaration": lambda value: as_declaration(plain(value)),
            "meraki_intent": lambda site, previous=(): meraki_intent(plain(site), plain(previous)),
            "nps_intent": lambda owner, probe="": nps_intent(plain(owner), str(probe)),
            "printing_intent": lambda owner: printing_intent(plain(owner)),
            "prism_intent": lambda owner: prism_intent(plain(owner)),
            "smc_unread": lambda elements, policies: unread(plain(elements), plain(policies)),
            "smc_intent": lambda owner: smc_intent(plain(owner)),
        }
