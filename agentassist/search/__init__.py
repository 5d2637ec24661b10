"""Builds the index bundle and answers queries from it."""
