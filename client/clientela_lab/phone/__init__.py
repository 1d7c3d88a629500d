"""The phone in the lab: the real app in a browser that emulates a phone, and a lossy proxy.

Read next: ui_driver.py, lossy_line.py.
"""
