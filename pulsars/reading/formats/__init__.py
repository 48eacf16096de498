"""How a file is written: encoding, dialect, decimals, comments; CSV, ARFF and Parquet."""
