"""What the tables of an archive say: as a table, as CSV, as one page."""
