"""The first audit: what is known, what is wrong, what is old (CCTP 4.1.1)."""
