"""One page about a period, to print or to show."""
