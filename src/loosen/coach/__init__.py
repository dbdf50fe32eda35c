"""What a good repetition is: counting, measures, verdicts, cues, and the guided session. Pure."""
