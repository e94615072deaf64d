"""What validation found, as numbers, as JSON and as a page to read."""
