"""Edits of a layer in PostGIS as others make them: ``python3 tests/editing_outside.py qgis|gdal``.

Run by the Python that QGIS and GDAL are installed for, which is that of the system and not ours:
nothing of the project is imported. What is edited comes as JSON on standard input.
"""

import json
import sys


def edit_with_qgis(task):
    """Edit as a planner does: open the layer, change it in the edit buffer, save once."""
    from qgis.core import (  # noqa: PLC0415 -- whoever edits with GDAL may lack it
        QgsApplication,
        QgsDataSourceUri,
        QgsFeature,
        QgsGeometry,
        QgsVectorLayer,
        QgsVectorLayerUtils,
    )

    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    place = QgsDataSourceUri()
    place.setConnection(task["host"], task["port"], task["dbname"], task["user"], task["password"])
    is_sheet = task.get("is_sheet", False)
    key = "_row" if is_sheet else "id"
    place.setDataSource(task["schema"], task["table"], None if is_sheet else "geom", "", key)
    layer = QgsVectorLayer(place.uri(False), task["table"], "postgres")
    assert layer.isValid(), layer.error().message()
    rows = {str(feature[key]): feature.id() for feature in layer.getFeatures()}
    assert layer.startEditing()
    names = layer.fields().indexFromName(task.get("column", "name"))
    for id_, name in task["names"].items():
        assert layer.changeAttributeValue(rows[id_], names, name)
    for id_, shape in task["shapes"].items():
        assert layer.changeGeometry(rows[id_], QgsGeometry.fromWkt(shape))
    for name, shape in task["new"].items():
        drawn = QgsGeometry.fromWkt(shape) if shape else QgsGeometry()
        row = QgsVectorLayerUtils.createFeature(layer, drawn, {names: name})
        assert isinstance(row, QgsFeature)
        assert layer.addFeature(row)
    for id_ in task["gone"]:
        assert layer.deleteFeature(rows[id_])
    assert layer.commitChanges(), layer.commitErrors()
    del layer
    application.exitQgis()


def edit_with_gdal(task):
    """Edit through the driver of GDAL, as ogr2ogr does, in one transaction.

    New rows are features; others are edited by SQL, since GDAL itself changes only rows whose key
    is a number.
    """
    from osgeo import ogr  # noqa: PLC0415 -- whoever edits with QGIS may lack it

    ogr.UseExceptions()
    words = [f"{key}='{task[key]}'" for key in ("host", "port", "dbname", "user", "password")]
    source = ogr.Open(f"PG:{' '.join(words)} active_schema={task['schema']}", 1)
    layer = source.GetLayerByName(task["table"])
    place = f"{task['schema']}.{task['table']}"
    source.StartTransaction()
    for id_, name in task["names"].items():
        source.ExecuteSQL(f"UPDATE {place} SET name = '{name}' WHERE id = '{id_}'")  # noqa: S608
    for id_, shape in task["shapes"].items():
        source.ExecuteSQL(
            f"UPDATE {place} SET geom = ST_GeomFromText('{shape}', 4326) WHERE id = '{id_}'"  # noqa: S608
        )
    for name, shape in task["new"].items():
        row = ogr.Feature(layer.GetLayerDefn())
        row["name"] = name
        row.SetGeometry(ogr.CreateGeometryFromWkt(shape))
        layer.CreateFeature(row)
    for id_ in task["gone"]:
        source.ExecuteSQL(f"DELETE FROM {place} WHERE id = '{id_}'")  # noqa: S608
    source.CommitTransaction()


if __name__ == "__main__":
    {"qgis": edit_with_qgis, "gdal": edit_with_gdal}[sys.argv[1]](json.load(sys.stdin))
