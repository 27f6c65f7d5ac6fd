"""The three colours that mean the same in every formula, drawing, plot and table.

Blue flows forward, vermilion flows back, grey-violet is a threshold.  The hues are those of
Okabe and Ito (https://jfly.uni-koeln.de/color/), which colour-blind readers can tell apart.

>>> FORWARD
'#0072B2'
"""

FORWARD = "#0072B2"
BACKWARD = "#D55E00"
THRESHOLD = "#6A5A8C"

# Vermilion on white reaches 3.9 : 1, enough for lines but not for small text (4.5 : 1).
BACKWARD_TEXT = "#B84E00"
