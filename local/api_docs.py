"""The API's documentation as a page, a function that only a local cloud has: Swagger UI over docs/openapi.json."""

import json
import os
from importlib.resources import files
from pathlib import Path
from typing import Any

from aws_lambda_powertools.event_handler.openapi.swagger_ui import generate_swagger_html

DOCUMENT = Path(__file__).resolve().parent / "openapi.json"


def handler(_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    """The page, with the scripts inside: a laptop may be offline."""
    document = json.loads(DOCUMENT.read_text()) | {"servers": [{"url": os.environ["STAGE_PATH"]}]}
    bundled = files("aws_lambda_powertools.event_handler.openapi.swagger_ui")
    page = generate_swagger_html(
        json.dumps(document),
        swagger_js=(bundled / "swagger-ui-bundle.min.js").read_text(),
        swagger_css=(bundled / "swagger-ui.min.css").read_text(),
        swagger_base_url="",
        oauth2_config=None,
    )
    return {"statusCode": 200, "headers": {"Content-Type": "text/html; charset=utf-8"}, "body": page}
