"""The life of the assets: what was done to each, when, by which role (CCTP 3.4.1)."""
