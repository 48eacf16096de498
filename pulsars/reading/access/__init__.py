"""Any range of a file's rows, quickly where that proves itself; of one file, or of several."""
