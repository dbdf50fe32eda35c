"""From a signal to repetitions with measures and a verdict."""
