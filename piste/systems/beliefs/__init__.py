"""Beliefs about the systems, a file a system; what an environment knows of them."""
