"""The live socket: its messages, the session that a page leads over it, and where the session's looks come from."""
