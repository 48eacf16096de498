"""What many rows cost, beside what they could cost at the least."""
