"""What differs between operating systems, in one file for each."""
