"""A terminal desk for customer support."""

__version__ = "0.1.0"
