"""Tests of the judge of the fault tests: a good history passes, and each way to break it is seen by the right check."""
