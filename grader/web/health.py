"""Whether the service is well, for machines that ask."""

from flask import Blueprint

blueprint = Blueprint("health", __name__)
