"""Administration: accounts, and the audit log of who did what."""
