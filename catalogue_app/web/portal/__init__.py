"""Pages for people: search, entries, organs, findings, feeds; Chinese at `/`, English below `/en/`."""
