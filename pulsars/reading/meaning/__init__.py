"""What columns mean: which of the eight statistics each is, and on what evidence."""
