"""The library: what a task does, without Prefect."""
