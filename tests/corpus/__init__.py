"""Real files of other makers, put before the readers of Piste."""
