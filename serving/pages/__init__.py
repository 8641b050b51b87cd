"""The pages for people: templates, style sheets, scripts and translations, served from the package."""
