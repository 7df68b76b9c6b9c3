"""Measures Maru and its peers side by side on one machine; `make bench`, bench/README.md."""
