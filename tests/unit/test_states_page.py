"""The page of states is what the dictionaries say."""

from django.conf import settings

from apps.web.management.commands.write_states import page


def test_the_page_of_states_is_up_to_date() -> None:
    assert (settings.BASE_DIR / "docs" / "states.md").read_text(encoding="utf-8") == page()
