"""The town: its declaration, validated, derived, kept from run to run."""
