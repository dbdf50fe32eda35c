"""loosen: a coach on your own computer for a tight and sore lower back."""

__version__ = "0.1.0"
