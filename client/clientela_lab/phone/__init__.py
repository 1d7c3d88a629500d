"""The phone in the lab: the real app in a browser that is told to be a phone, and a line that loses replies.

Read next: ui_driver.py, lossy_line.py.
"""
