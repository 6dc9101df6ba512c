"""The pages of courses, units and submissions."""

from flask import Blueprint

blueprint = Blueprint("pages", __name__)
