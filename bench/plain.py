"""The control: a register page as plain Django would have it, so that the anchor is measured too.

The ORM compiles every query, rows are model instances, the template formats each value.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from apps.access.asking import asked
from apps.framework.models import Area
from apps.learners.models import Enrolment
from apps.register.models import RegisterEntry
from apps.reviews.models import Review
from apps.settings.models import Setting

TEMPLATE = """
{% extends "base.html" %}{% block title %}Register{% endblock %}{% block content %}
<h1>{{ setting.name }}</h1><table>{% for e in entries %}<tr>
<td><a href="{% url 'record' e.learner_id %}">{{ e.learner }}</a></td>
<td>{% for n in e.learner.here %}{{ n.year_group }} {{ n.class_name }}{% endfor %}</td>
{% for a in areas %}<td>{% for code, v in e.levels.items %}{% if code == a.code %}{{ v.level }}
{% endif %}{% endfor %}</td>{% endfor %}
<td>{% for r in e.learner.under_way %}{{ r.get_kind_display }} {{ r.due_on|date:"j F Y" }}
{% endfor %}</td><td>{{ e.starts_on|date:"j F Y" }}</td></tr>{% endfor %}</table>{% endblock %}
"""


def register(request: HttpRequest, setting_id: Any) -> HttpResponse:
    """Twenty-five rows, as a tutorial would do it."""
    asked()  # the page that is compared has no policy, and is not to be stopped for it
    rows = (
        RegisterEntry.objects.filter(setting_id=setting_id, ends_on=None)
        .select_related("learner")
        .prefetch_related(
            Prefetch("learner__enrolments", Enrolment.objects.filter(ends_on=None), "here"),
            Prefetch("learner__reviews", Review.objects.filter(state="open"), "under_way"),
        )
        .order_by("learner__name_key")[:25]
    )
    context = {
        "setting": Setting.objects.select_related("local_area").get(pk=setting_id),
        "entries": rows,
        "areas": Area.objects.filter(version__status="published"),
        "total": RegisterEntry.objects.filter(setting_id=setting_id, ends_on=None).count(),
    }
    return HttpResponse(engines["django"].from_string(TEMPLATE).render(context, request))


urlpatterns = [
    path("plain/<uuid:setting_id>/", register),
    path("", include("config.urls")),
]
