"""The records: one SQLite file, shared by several processes."""
