"""What QGIS reads of a server, as JSON: ``python3 tests/qgis_layers.py ADDRESS FILE``.

Run by the Python that QGIS is installed for, which is that of the system and not ours: nothing of
the project is imported. FILE has what is asked, and is written anew with what came of it.
"""

import json
import sys
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsMapRendererSequentialJob,
    QgsMapSettings,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIZE_PX = 120
GROUND = QColor("white")


def add_layer(address, name):
    """Add a layer as the dialogue "Add WFS / OGC API - Features Layer" does."""
    source = f"url='{address}' typename='{name}' version='OGC_API_FEATURES' pageSize='1000'"
    return QgsVectorLayer(source, name, "OAPIF")


def list_ids(layer, request):
    return sorted(feature["id"] for feature in layer.getFeatures(request))


def filter_layer(layer, text):
    """Filter a layer for good, as its query builder does, and list what is left."""
    assert layer.setSubsetString(text), text
    ids = list_ids(layer, QgsFeatureRequest())
    layer.setSubsetString("")
    return ids


def draw_layer(layer, path):
    """Draw a layer on white ground, and count the pixels that are no longer white."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setOutputSize(QSize(SIZE_PX, SIZE_PX))
    settings.setBackgroundColor(GROUND)
    extent = layer.extent()
    extent.scale(1.1)  # a line along the border is seen whole
    settings.setExtent(extent)
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    assert not job.errors(), [each.message for each in job.errors()]
    image = job.renderedImage()
    image.save(str(path))
    pixels = ((x, y) for x in range(image.width()) for y in range(image.height()))
    return sum(image.pixelColor(x, y) != GROUND for x, y in pixels)


def read_layer(address, question, folder):
    """Read one layer: its fields, its features, those of a box and of filters, and its picture."""
    layer = add_layer(address, question["layer"])
    if not layer.isValid():
        return {"error": layer.error().message()}
    request = QgsFeatureRequest()
    box = QgsFeatureRequest().setFilterRect(QgsRectangle(*question["box"]))
    return {
        "count": layer.featureCount(),
        "fields": {field.name(): field.typeName() for field in layer.fields()},
        "crs": layer.crs().authid(),
        "ids": list_ids(layer, request),
        "in_box": list_ids(layer, box),
        "selected": {
            text: list_ids(layer, QgsFeatureRequest().setFilterExpression(text))
            for text in question["selections"]
        },
        "filtered": {text: filter_layer(layer, text) for text in question["filters"]},
        "painted_px": draw_layer(layer, folder / f"{question['layer']}.png"),
    }


def main():
    address, file = sys.argv[1], Path(sys.argv[2])
    QgsApplication.setPrefixPath("/usr", True)
    application = QgsApplication([], False)
    application.initQgis()
    questions = json.loads(file.read_text(encoding="utf-8"))
    answers = {each["layer"]: read_layer(address, each, file.parent) for each in questions}
    file.write_text(json.dumps(answers), encoding="utf-8")
    application.exitQgis()


if __name__ == "__main__":
    main()
