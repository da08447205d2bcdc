"""All words on screen: a catalog per language, ``en.json`` and ``es.json``, with the same keys.

Python refers to a sentence by a ``Text``: its key and the values of its placeholders. As such it travels to the page,
whose own script (``text.js``) words it in the visitor's language, and again in another one when the visitor changes it.
"""

from genmodels.ui.text.catalog import (
    CATALOGS,
    DEFAULT_LANGUAGE,
    Refusal,
    Text,
    latent_text,
    model_text,
    supported_language,
    to_json,
)
from genmodels.ui.text.markup import element

__all__ = ["CATALOGS", "DEFAULT_LANGUAGE", "Refusal", "Text", "element", "latent_text", "model_text",
           "supported_language", "to_json"]
