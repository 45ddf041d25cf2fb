"""The tenant of Microsoft 365 as it was read, judged by public rules."""
