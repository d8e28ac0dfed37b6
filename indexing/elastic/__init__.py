"""The search engine of a production deployment, on Elasticsearch."""
