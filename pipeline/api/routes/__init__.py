"""Routes by what they are about. Each only calls what screens and shell call too."""
