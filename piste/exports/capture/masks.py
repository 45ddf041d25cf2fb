"""The masks of answers: secrets dropped, persons and addresses under other names.

The same name has the same mask in the whole capture, and in the next capture of the same town: masks are drawn from
the town's key, which stays with it. Addresses keep their prefixes, so subnets and routes still fit.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from itertools import pairwise

from piste.exports.bag.passwords import Reader
from piste.exports.bag.scan import SHORTEST, drawn

SECRET = "secret:"
"""What a secret becomes: this, and its path in the vault where its value is known there."""
MASKED = re.compile(rf"\b(?i:Nom|Personne|Texte)[ -][0-9a-f]{{6}}\b|{SECRET}|x{{8}}|exemple\.invalid")
"""What shows that a text comes from a mask."""
LONGEST = 4096
"""Most characters of a text whose size alone is kept."""
_EMAIL = re.compile(r"[\w.+'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_MAC = re.compile(
    r"(?<![0-9A-Fa-f:.-])[0-9A-Fa-f]{2}([:-])(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}(?![0-9A-Fa-f:-])"
    r"|(?<![\w.])[0-9A-Fa-f]{4}(?:\.[0-9A-Fa-f]{4}){2}(?!\w|\.\w)"
    r"|(?<![0-9A-Fa-f])(?<![0-9A-Fa-f]{4}-)(?=\d*[A-Fa-f])(?=[A-Fa-f]*\d)(?:[0-9a-f]{12}|[0-9A-F]{12})(?![\w-])"
)
"""A hardware address: in pairs, as Cisco writes it, or bare with a letter and a digit; the end of a UUID is none."""
_BARE_MAC = re.compile(r"[0-9a-f]{12}|[0-9A-F]{12}")
_IPV4 = re.compile(r"(?<!\d)(?<!\d\.)(\d{1,3}(?:\.\d{1,3}){3})(?:/(\d{1,2}))?(?!\d|\.\d)")
_IPV6 = re.compile(r"(?<![\w:])(?=[0-9A-Fa-f:]*:[0-9A-Fa-f]*:)[0-9A-Fa-f:]{3,39}(?:/\d{1,3})?(?![\w:])")
_SID = re.compile(r"\bS-1-5-21-(\d{1,10})-(\d{1,10})-(\d{1,10})")
_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----.*?(?:-----END [^-]*-----|\Z)|AGE-SECRET-KEY-1\w*", re.DOTALL
)
_WORD = re.compile(r"[A-Za-z0-9+=/]{20,}")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
_DRAWN_ID = re.compile(r"\d+|[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_SETTING = re.compile(r"\d{1,9}|https?://[\w.-]+(?::\d+)?(?:/[\w.-]{0,30}){0,5}")
_COUNT = re.compile(r"-?\d{1,10}|0x[0-9A-Fa-f]{1,8}")
_PRESENCE = re.compile(r"zabbix\[host,\w{1,20},available\]")
"""The key of an item that Zabbix fills by itself."""
_TURNS = 0.42
_KEPT_OCTETS = frozenset({0, 127, 255, *range(224, 240)})
"""First octets of addresses of no machine: masks, loopback, groups."""


class Masks:
    """The masks of a capture.

    `key` is the town's own. With `keep_names`, persons and addresses stay: for the town's use alone. `known` gives the
    path of each secret by its value; a value without a path is dropped alike. `names` are those that the declaration
    gives to objects: another name may be that of a person.
    """

    def __init__(
        self,
        key: bytes,
        keep_names: bool = False,
        known: Mapping[str, str] | None = None,
        names: Collection[str] = (),
    ) -> None:
        self._key, self.keep_names, self._names = key, keep_names, frozenset(names)
        forms = {form: path for value, path in (known or {}).items() for form in _forms(value)}
        self._known = dict(sorted(forms.items(), key=lambda pair: -len(pair[0])))
        self._any = re.compile("|".join(map(re.escape, self._known))) if self._known else None
        self._whole = {value: path for value, path in (known or {}).items() if value}
        self._bit = lru_cache(maxsize=100_000)(self._drawn_bit)

    def secret(self, value: str) -> str:
        """Mask the value of a field that is a secret; an empty value is none."""
        if not value:
            return value
        return SECRET + self._whole.get(value, "")

    def setting(self, value: str) -> str:
        """Mask a setting that is no number and no address of a service without an account."""
        return self.text(value) if _SETTING.fullmatch(value) else self.secret(value)

    def person(self, value: str) -> str:
        if self.keep_names or not value:
            return self.without_secrets(value)
        if _EMAIL.fullmatch(value):
            return self._email(value)
        return f"Personne {self._digest('person', value.casefold())}"

    def name(self, value: str) -> str:
        if self.keep_names or not value or value in self._names:
            return self.without_secrets(value)
        if any(form.fullmatch(value) for form in (_MAC, _IPV4, _BARE_MAC)):
            return self.identity(value)
        return f"Nom {self._digest('name', value)}"

    def counted(self, value: str) -> str:
        """Mask a value that is a number, where it is none."""
        return value if _COUNT.fullmatch(value) else self.name(value)

    def key(self, value: str) -> str:
        """Mask what the key of an item of Zabbix is given: a command with its password, a name."""
        called, bracket, given = value.partition("[")
        if not bracket or _PRESENCE.fullmatch(value):
            return self.identity(value)
        return f"{self.identity(called)}[{self.name(given.removesuffix(']'))}]"

    def sought(self, value: str) -> str:
        """Mask what a question looks for: each quoted text, or the whole; an id stays."""
        if _QUOTED.search(value):
            return self.text(_QUOTED.sub(lambda match: match[0][0] + self.sought(match[0][1:-1]) + match[0][0], value))
        return value if _DRAWN_ID.fullmatch(value) else self.name(value)

    def free(self, value: str) -> str:
        """Mask a text that people wrote: it may name anybody."""
        if self.keep_names or not value:
            return self.without_secrets(value)
        return f"Texte {self._digest('text', value)} de {len(value)} signes"

    def text(self, value: str) -> str:
        """Mask what is hidden in a text of a known meaning."""
        return self._addresses(self.without_secrets(value))

    def _addresses(self, value: str) -> str:
        if self.keep_names:
            return value
        value = _SID.sub(lambda match: self._sid(match[1], match[2], match[3]), value)
        value = _EMAIL.sub(lambda match: self._email(match[0]), value)
        value = _MAC.sub(lambda match: self._mac(match[0]), value)
        value = _IPV6.sub(lambda match: self._ipv6(match[0]), value)
        return _IPV4.sub(lambda match: self._ipv4(match[0]), value)

    def without_secrets(self, value: str) -> str:
        """Drop known secrets, keys, words that look drawn at random.

        A line that has a password as people write it is dropped whole.
        """
        if self._any:
            value = self._any.sub(lambda match: SECRET + self._known[match[0]], value)
        value = _KEY.sub(SECRET, value)
        reader = Reader()
        value = "".join(_without(line, reader) for line in value.splitlines(keepends=True))
        return _WORD.sub(lambda match: SECRET if _random(match[0]) else match[0], value)

    def identity(self, value: str) -> str:
        """Mask the id of an object: the system drew it, so it looks like a secret and is none."""
        if self._any:
            value = self._any.sub(lambda match: SECRET + self._known[match[0]], value)
        bare = not self.keep_names and _BARE_MAC.fullmatch(value)
        return self._mac(value) if bare else self._addresses(value)

    def sized(self, value: str) -> str:
        """Keep of a text its size alone."""
        return "x" * min(len(value), LONGEST)

    def _digest(self, sort: str, value: str, size: int = 6) -> str:
        content = f"{sort}:{value}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, content, hashlib.sha256).hexdigest()[:size]

    def drawn(self, sort: str, value: bytes, size: int) -> bytes:
        """Draw bytes from the key, always the same for a value."""
        seed = hmac.new(self._key, sort.encode() + b":" + value, hashlib.sha256).digest()
        return hashlib.shake_256(seed).digest(size)

    def known(self, value: str) -> bool:
        """Tell whether a name stays as it is."""
        return self.keep_names or value in self._names

    def _sid(self, *parts: str) -> str:
        """Give the SID of another domain; its accounts keep their numbers."""
        drawn = self._digest("sid", "-".join(parts), 24)
        return "S-1-5-21-" + "-".join(str(int(drawn[at : at + 8], 16)) for at in (0, 8, 16))

    def _email(self, value: str) -> str:
        return f"personne-{self._digest('person', value.casefold(), 10)}@exemple.invalid"

    def _mac(self, value: str) -> str:
        hidden = iter("02" + self._digest("mac", re.sub(r"[:.-]", "", value).casefold(), 10))
        return re.sub(r"\w", lambda _: next(hidden), value)

    def _ipv6(self, value: str) -> str:
        address, slash, length = value.partition("/")
        try:
            known = IPv6Address(address)
        except AddressValueError:
            return value
        if known.is_loopback or known.is_unspecified or known.is_multicast:
            return value
        return f"{IPv6Address('fd00::') + int(self._digest('ipv6', str(known), 16), 16)}{slash}{length}"

    def _ipv4(self, value: str) -> str:
        """Give an address of the same first octet; two addresses share as many bits as they did."""
        written, slash, length = value.partition("/")
        try:
            known = int(IPv4Address(written))
        except AddressValueError:
            return value
        if known >> 24 in _KEPT_OCTETS:
            return value
        kept = 12 if known >> 20 == 0xAC1 else 16 if known >> 16 == 0xC0A8 else 8
        hidden = known >> (32 - kept)
        for bit in range(kept, 32):
            before = known >> (32 - bit)
            hidden = hidden << 1 | (known >> (31 - bit) & 1 ^ self._bit(bit, before))
        host = 32 - int(length) if slash and int(length) <= 32 else 0
        if host and not known & (1 << host) - 1:
            hidden = hidden >> host << host
        return f"{IPv4Address(hidden)}{slash}{length}"

    def _drawn_bit(self, bit: int, before: int) -> int:
        return int(self._digest("ipv4", f"{bit}:{before}", 1), 16) & 1


def _without(line: str, reader: Reader) -> str:
    text = line.rstrip("\r\n")
    return SECRET + line[len(text) :] if reader.read(text) else line


def _random(word: str) -> bool:
    """Tell whether a word looks drawn: by its bits, or by its changes of sort of sign."""
    sorts = ["digit" if char.isdigit() else "capital" if char.isupper() else "small" for char in word]
    turns = sum(1 for sort, other in pairwise(sorts) if sort != other)
    return drawn(word) or ((word.isalpha() or len({*sorts}) == 3) and turns >= _TURNS * len(word))


def _forms(value: str) -> set[str]:
    """List the writings of a secret that is long enough to be looked for within a text."""
    if len(value) < SHORTEST:
        return set()
    plain = value.encode()
    return {value, base64.b64encode(plain).decode().rstrip("="), plain.hex(), plain.hex().upper()}
