"""Sitting and getting up: the sitting clock, what it hears of the person, and how it speaks to him."""
