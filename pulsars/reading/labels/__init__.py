"""The label: which column it is, how it is spelled, and what can be none."""
