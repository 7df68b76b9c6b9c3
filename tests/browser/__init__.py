"""What a person does, in Chromium: two people, two contexts, each on a web process of its own behind nginx.
Imports the topology of the flows and the page's texts, nothing of the app; selectors are roles and labels.
The flow comes from keys and clicks and ends in what a screen reader would find on the screen of another.
"""
