"""The life of the assets: its changes, its history, its papers (CCTP 3.4.1)."""
