// Runs before the page is drawn, so that what a script will fold away never flashes open.
document.body.classList.add("js-enabled", "govuk-frontend-supported");
