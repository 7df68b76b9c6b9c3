"""Who may do what, as data: every command, route and page, by everybody who could ask, and what each is answered.
Imports everything.
The flow comes from rooms.txt and pages.txt, goes through the whole application in process, to a list of wrong cells.
"""
