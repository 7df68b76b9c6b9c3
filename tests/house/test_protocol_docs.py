from django.core.management import call_command


def test_the_tables_of_the_protocol_page_are_fresh() -> None:
    call_command("protocol_docs", check=True)
