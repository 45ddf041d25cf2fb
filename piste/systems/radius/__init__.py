"""RADIUS client: packets, a relay that keeps the secret in memory, the tests of a site."""
