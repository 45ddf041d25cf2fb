"""Windows: the directory and its group policies, driven over LDAPS and SMB with nothing on the Windows side."""
