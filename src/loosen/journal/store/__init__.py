"""The journal's file: SQLite, its tables, what is written and read."""
