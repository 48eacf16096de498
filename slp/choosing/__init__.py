"""What is chosen on rows that do not measure: a threshold, or the settings of a sweep."""
