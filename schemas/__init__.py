"""What things are: features, dialects, contract, parameters, records, errors."""
