"""Records: what each run leaves, the chain that seals them, the journal that they form."""
