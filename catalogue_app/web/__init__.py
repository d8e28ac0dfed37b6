"""The HTTP face: portal pages and the query API."""
