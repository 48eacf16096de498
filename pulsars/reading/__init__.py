"""From a file of any dialect to accepted rows, rows set aside, and a quality report."""
