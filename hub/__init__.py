"""The workbook on a classroom's JupyterHub: an example of its settings, its links, a load test."""
