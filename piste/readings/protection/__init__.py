"""The protection as it is: copies that were read, judged against the declaration (F14)."""
