"""What happens, in order: flows, and the command that runs them."""
