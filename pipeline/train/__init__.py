"""Training and measuring our own readers."""
