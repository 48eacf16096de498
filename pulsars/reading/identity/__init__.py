"""Which candidate a row is: what is carried, one source in several rows, known pulsars."""
