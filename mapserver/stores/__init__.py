"""Cities in PostGIS: copied there from a folder, edited there by several people, opened from there.

A city is a schema. It has a table for each layer and for each table of the city, which people edit
with QGIS or SQL, and beside them all files that the city was loaded from. What was not edited is
read from those files, what was edited from its table: by the readers of folders, so checks,
findings and answers are those of files.
"""
