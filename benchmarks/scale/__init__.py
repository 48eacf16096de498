"""What a million rows and more cost."""
