"""The JSON API, version 1: views that read a service and hand its values to a schema."""
