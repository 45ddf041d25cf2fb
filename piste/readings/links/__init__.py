"""Links of the town: what each was over a month, against what its operator owes."""
