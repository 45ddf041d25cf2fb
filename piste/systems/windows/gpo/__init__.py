"""Content of a group policy object: one file per part, between bytes and declarations."""
