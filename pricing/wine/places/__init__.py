"""Countries, provinces, appellations, grapes and wineries by any of their names."""
