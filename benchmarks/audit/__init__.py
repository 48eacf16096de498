"""What is claimed of the numbers, measured: a bound, a value, and whether it holds."""
