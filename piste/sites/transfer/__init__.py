"""The papers of the transfer: what each hands over, who signed, what lacks."""
