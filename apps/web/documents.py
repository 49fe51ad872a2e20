"""Documents of a learner: the list, adding one, to a review too, saving one, withdrawing one."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar, cast
from uuid import UUID

from csp.constants import NONE
from csp.decorators import csp
from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.documents import actions, policy, selectors
from apps.documents.models import Document
from apps.formats import files
from apps.reviews import selectors as reviews
from apps.reviews.actions import attaching
from apps.web.forms import GovukForm
from apps.web.guards import Visit, reader
from apps.web.presenters import banner
from apps.web.senco.review import opened


class DocumentForm(GovukForm):
    """A file, what it is, and who may read it, of `audiences`: the usual one is chosen."""

    called: ClassVar[dict[Document.Audience, str]] = {
        Document.Audience.EVERYONE: "Everyone with access",
        Document.Audience.STAFF: "Staff only",
    }

    title = forms.CharField(
        label="What is this?",
        help_text="For example: speech and language report, March 2027.",
        max_length=120,
        error_messages={"required": "Say what this is."},
    )
    file = forms.FileField(
        label="File",
        help_text="A PDF, a picture (PNG or JPEG), a Word or OpenDocument text, or plain text, up "
        "to 10 MB.",
        error_messages={"required": "Choose a file.", "empty": "This file is empty."},
    )
    audience = forms.ChoiceField(
        label="Who may read it?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who may read it."},
    )
    audience_reason = forms.CharField(label="If staff only, why?", max_length=200, required=False)

    def __init__(self, *args: Any, audiences: list[Document.Audience], **kwargs: Any) -> None:
        super().__init__(*args, initial={"audience": audiences[0]}, **kwargs)
        choices = [(audience, self.called[audience]) for audience in audiences]
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]

    def clean_file(self) -> UploadedFile:
        """Refuse a file that is far too large before it is read."""
        file = cast(UploadedFile, self.cleaned_data["file"])
        if (file.size or 0) > files.MOST_BYTES:
            raise forms.ValidationError("This file is larger than 10 MB.")
        return file


class FamilyDocumentForm(DocumentForm):
    """The same for somebody of the family, who shares it with the others or with the setting."""

    called: ClassVar[dict[Document.Audience, str]] = {
        Document.Audience.EVERYONE: "Everyone who may read the record",
        Document.Audience.SENDER: "Only staff and me",
    }
    audience = forms.ChoiceField(
        label="Who may read it?",
        help_text="It goes with the record to the staff of the next setting. Others of the family "
        "may still get it if they ask by law for a copy of everything.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose who may read it."},
    )
    audience_reason = None  # type: ignore[assignment]


class WithdrawForm(GovukForm):
    """Why a document is withdrawn."""

    because = forms.CharField(
        label="Why is it withdrawn?",
        help_text="Nobody can read it here after that. The file is deleted after "
        "thirty days, unless it was handed over with the record. A note of it stays.",
        max_length=300,
        error_messages={"required": "Say why it is withdrawn."},
    )
    everywhere = forms.BooleanField(
        label="It has to go from what was handed over too",
        help_text="If it is about another child, or if the law says that it must go.",
        required=False,
    )

    def __init__(self, *args: Any, handed_over: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not handed_over:
            del self.fields["everywhere"]


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The documents that this person may read, and adding one for whoever adds to the record."""
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="documents")
    form = None
    if seen.contributes or "title" in request.POST:
        policy.check_can_add(actor, learner_id)
        form = _form(request, policy.audiences(actor, learner_id))
        if _added(request, form, partial(actions.add, by=actor, learner=seen.learner)):
            return redirect("documents", learner_id)
    rows = list(selectors.of_learner(actor, learner_id))
    gone = policy.withdrawn_seen_by(actor).filter(learner_id=learner_id)
    context = {
        "form": form,
        "documents": rows,
        "reviews": reviews.with_keys(actor, {row.review_id for row in rows if row.review_id}),
        "withdrawn": [] if seen.family else gone.order_by("-withdrawn_at"),
        "seen": seen,
        "learner": seen.learner,
        "banner": banner(seen.learner),
    }
    return render(request, "documents/list.html", context)


def add_to_review(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Add a document to an open review."""
    actor, review = opened(request, review_id)
    form = _form(request, policy.audiences(actor, review.learner_id))
    if _added(request, form, partial(attaching.add_document, by=actor, review_id=review.id)):
        return redirect(f"{reverse('review', args=[review.id])}#documents")
    context = {"form": form, "review": review, "banner": banner(review.learner)}
    return render(request, "documents/add_to_review.html", context)


def _form(request: HttpRequest, audiences: list[Document.Audience]) -> DocumentForm:
    """The form, with what was sent in it: another form of the page may have been."""
    sent = "title" in request.POST
    files_sent = request.FILES if sent else None
    kind = DocumentForm if Document.Audience.STAFF in audiences else FamilyDocumentForm
    return kind(request.POST if sent else None, files_sent, audiences=audiences)


def _added(request: HttpRequest, form: DocumentForm, add: Callable[..., Document]) -> bool:
    """Whether a document was sent and is added; what is wrong with it is on the form."""
    if not (form.is_bound and form.is_valid()):
        return False
    values: dict[str, Any] = dict(form.cleaned_data)
    file = cast(UploadedFile, values.pop("file"))
    try:
        add(file_name=file.name or "", data=file.read(), **values)
    except Invalid as error:
        form.add_domain_error(error)
        return False
    messages.success(request, "The document was added.")
    return True


@csp({"default-src": [NONE], "sandbox": True})  # type: ignore[arg-type]
def take(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """The file itself, to save and never to show in the page."""
    document = policy.get(cast(Visit, request).actor, document_id)
    actor, _ = reader(request, document.learner_id)
    data = actions.content(by=actor, document=document)
    audit.opened(by=actor, learner_id=document.learner_id, what="document")
    ending = files.FORMS[document.content_type].endings[0]
    return HttpResponse(
        data,
        content_type=document.content_type,
        headers={"Content-Disposition": f'attachment; filename="document{ending}"'},
    )


def withdraw(request: HttpRequest, document_id: UUID) -> HttpResponse:
    """Withdraw a document, with a reason."""
    document = policy.to_withdraw(cast(Visit, request).actor, document_id)
    policy.check_can_withdraw(cast(Visit, request).actor, document)
    actor, seen = reader(request, document.learner_id)
    audit.opened(by=actor, learner_id=document.learner_id, what="documents")
    handed_over = policy.can_withdraw_everywhere(actor, document)
    again = {"everywhere": document.withdrawn_at is not None}
    form = WithdrawForm(request.POST or None, initial=again, handed_over=handed_over)
    if request.method == "POST" and form.is_valid():
        try:
            actions.withdraw(by=actor, document_id=document_id, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The document is withdrawn.")
            return redirect("documents", document.learner_id)
    context = {"form": form, "document": document, "banner": banner(seen.learner)}
    return render(request, "documents/withdraw.html", context)
