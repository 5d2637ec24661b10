"""Measures and fits search on conversations whose right articles are known."""
