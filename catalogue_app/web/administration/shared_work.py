"""What a change of the register asks of whoever works beside the pages."""

from catalogue_app.web.context import services


def ask_for_rebuild() -> None:
    """Queue a comparison of index and register, where workers serve a queue; else that of the schedule does it.

    Searches understand a new name before: what the rebuild adds is that longer texts are cut by it.
    """
    if services().settings.shares_work:
        services().dispatch.queue_comparison()
