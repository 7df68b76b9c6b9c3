"""What people take away: their own data, or the workspace, as a ZIP that is written in small pieces.

Imports the floors. The flow comes from the REST door, which makes a row, and from a worker that is woken for it;
it goes to a file that only its person can fetch, for a while.
"""
