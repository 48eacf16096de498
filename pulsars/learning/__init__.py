"""`slp` applied to a job: arrays in, plain numbers out."""
