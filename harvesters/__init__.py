"""Source formats: bytes in, entry metadata out; no database, no web framework."""
