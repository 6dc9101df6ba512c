"""/metrics for Prometheus: the queue, the workers, what grading takes, and how fast pages answer.

Web and workers are separate processes, so what concerns grading is read from the database when Prometheus
asks: lengths, ages and totals as they are, and durations from each run that has finished since this
process started. Only the times of requests are this process's own.
"""

from __future__ import annotations

import hmac
import threading
from collections.abc import Iterable
from datetime import timedelta
from ipaddress import ip_address

import sqlalchemy as sa
from flask import Blueprint, Flask, Response, current_app, request
from prometheus_client import CollectorRegistry, Histogram, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_1_0_0
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session
from werkzeug.exceptions import NotFound, Unauthorized
from werkzeug.datastructures import WWWAuthenticate

from grader.db.base import now
from grader.db.database import Database
from grader.db.models import GradingRun, RunReason, RunReport, RunState
from grader.jobs.liveness import living_workers
from grader.web.service import service
