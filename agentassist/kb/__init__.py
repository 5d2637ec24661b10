"""Reads, splits and checks the knowledge base's files."""
