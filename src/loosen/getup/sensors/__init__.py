"""The sensors that tell whether the person is there and what is under way: Linux's; others are in `systems`."""
