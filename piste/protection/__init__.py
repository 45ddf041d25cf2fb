"""The protection as it is: copies that were read, their judgment against what is declared (F14)."""
