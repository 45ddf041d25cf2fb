"""The systems: the kinds of their objects, and a package a vendor. A vendor knows no other."""
