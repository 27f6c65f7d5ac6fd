"""How fast is the workbook? The same work by other libraries, side by side.

``python -m bench`` measures everything, prints the tables, and writes ``bench/results``.
No student needs this folder; its libraries are the extra ``bench`` of ``pyproject.toml``.
"""
