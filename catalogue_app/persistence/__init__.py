"""Rows and repositories, one file an aggregate; the only package that speaks SQL."""
