"""The local web page: the server, who may use it, the live socket, and the facts the page shows."""
