"""RADIUS as a client speaks it: packets, the relay that keeps the secret in memory, the tests of a site."""
