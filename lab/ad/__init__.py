"""The lab's directory: a real Samba domain controller, in namespaces of its own."""

from lab.ad.controller import Controller
from lab.ad.forest import LE_BOURGET, Forest
from lab.ad.host import Unavailable, obstacle

__all__ = ["LE_BOURGET", "Controller", "Forest", "Unavailable", "obstacle"]
