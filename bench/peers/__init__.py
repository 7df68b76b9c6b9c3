"""The servers that we compare ourselves with; none of them stores or checks anything."""
