"""The `pulsar` command: options in, flows run, sentences out."""
