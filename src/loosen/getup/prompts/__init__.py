"""The ways to ask the person to get up: a notification, or a tone with the terminal or the page."""
