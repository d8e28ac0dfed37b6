"""The embedded search engine, on tantivy."""
