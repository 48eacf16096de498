"""What happens, in order. Only flows."""
