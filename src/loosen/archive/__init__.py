"""Many recordings: one recording is one unit of work on Dask, and tables come out."""
