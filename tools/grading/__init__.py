"""Graded assignments from the lessons, for nbgrader: `python -m tools.grading make 04 --out DIR`.

`questions` draws the graded questions of a lesson from a secret, `assignment` writes the course
folder that nbgrader works in, `judge` is what nbgrader calls to run and to judge a submission.
See docs/grading.md.
"""
