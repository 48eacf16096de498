"""What tasks stand on: how a step is kept, tried again, watched and told of; and Prefect inside."""
