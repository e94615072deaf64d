"""The REST API, served under /api on the port of the screens."""
