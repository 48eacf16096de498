"""What a flow is made of: one Prefect task a file, and what tasks share."""
