"""The clock's face: scheduled sweeps, each one call into a service."""
