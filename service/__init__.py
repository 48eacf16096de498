"""A Prefect server, private or kept, and the flows on a schedule on it."""
