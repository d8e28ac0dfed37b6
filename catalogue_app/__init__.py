"""The municipal information resource catalogue: domain, persistence, services and their faces."""
