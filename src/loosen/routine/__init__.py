"""What to do: the routine's model, reading and checking routine files, and the words."""
