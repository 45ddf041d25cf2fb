"""Trials: proofs on a place, on a twin, on a copy that comes back."""
