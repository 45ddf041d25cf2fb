"""What the simulator can be told to do differently: unknowns of the real system, limits, delays.

Every point that no source confirms is settled here and nowhere else, so that one change corrects it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal


@dataclass(slots=True)
class Behaviour:
    """Switches of one simulator; change them at any time.

    unknown_keys                what happens to a body key that the description does not know
    full_put                    a PUT resets absent keys instead of leaving them alone
    ssid_write_only_returned    SSID answers also hold the fields that their schema omits
    not_found                   form of 404 bodies
    links                       URLs of Link headers. `auto` is absolute, except for the vendor's Python SDK,
                                which follows absolute links to the vendor's own hosts only
    rate_limit, burst           requests a second of the organization (None: no limit), and the reserve
    claim_limit                 claims accepted in 300 s (None: no limit)
    claim_delay                 seconds during which a device refuses calls once claimed into a network
    fresh_status, fresh_error   how it refuses them
    batch_delay                 seconds before an asynchronous batch is done
    unique_network_names        whether a second network of one name is refused
    policy_in_use_refused       whether an access policy that a port uses can be deleted
    """

    unknown_keys: Literal["reject", "ignore", "store"] = "reject"
    full_put: bool = False
    ssid_write_only_returned: bool = False
    not_found: Literal["json", "html", "empty"] = "json"
    links: Literal["auto", "absolute", "relative"] = "auto"
    rate_limit: float | None = 10.0
    burst: float = 10.0
    claim_limit: int | None = 10
    claim_delay: float = 0.0
    fresh_status: int = 400
    fresh_error: str = "Device is not ready: it was claimed moments ago"
    batch_delay: float = 0.2
    unique_network_names: bool = False
    policy_in_use_refused: bool = True

    def set(self, **values: Any) -> None:
        """Change switches by name. Raises ValueError naming every unknown or ill-typed one."""
        known = {f.name: f for f in fields(self)}
        faults = [f"comportement inconnu : {name}" for name in values if name not in known]
        faults += [
            f"{name} : choisir parmi {', '.join(_CHOICES[name])}"
            for name, value in values.items()
            if name in _CHOICES and value not in _CHOICES[name]
        ]
        faults += [
            f"{name} : valeur de type {known[name].type} attendue"
            for name, value in values.items()
            if name in known and name not in _CHOICES and not _fits(str(known[name].type), value)
        ]
        if faults:
            raise ValueError(" ; ".join(faults))
        for name, value in values.items():
            setattr(self, name, value)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


_CHOICES = {
    "unknown_keys": ("reject", "ignore", "store"),
    "not_found": ("json", "html", "empty"),
    "links": ("auto", "absolute", "relative"),
}


def _fits(annotation: str, value: Any) -> bool:
    if value is None:
        return "None" in annotation
    if isinstance(value, bool):
        return annotation == "bool"
    if isinstance(value, int | float):
        return "float" in annotation or ("int" in annotation and float(value).is_integer())
    return annotation == "str" and isinstance(value, str)
