"""restic: repositories of copies of shares, read, checked and restored from elsewhere."""
