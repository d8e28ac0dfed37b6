"""What every command stands on: the container, built when first asked for, and words for refusals."""

import gc
import threading
from functools import cached_property
from typing import Final, final

from catalogue_app.cli.answer import WorkWatch, say
from catalogue_app.cli.refusals import refusal
from catalogue_app.container import Container, build
from catalogue_app.domain.errors import CatalogueError, ConfigurationError, GivenBack
from catalogue_app.observability import configure_logging
from catalogue_app.services.harvest_steps import Progress
from catalogue_app.settings import Settings, load_settings


@final
class Application:
    """One run of the command line."""

    def __init__(self) -> None:
        self.stop: Final = threading.Event()
        """Set when this process is told to stop."""

    @cached_property
    def settings(self) -> Settings:
        """The settings of this process; the log is set up by them.

        Raises:
            ConfigurationError: a setting is broken.
        """
        settings = load_settings()
        configure_logging(settings.log)
        return settings

    @cached_property
    def house(self) -> Container:
        """The services, whatever state the data directory is in.

        Raises:
            ConfigurationError: a setting or table is broken, or the data directory cannot be used.
        """
        container = build(self.settings, show=WorkWatch(), watch=self._give_back)
        # What is there now stays until the end: looking through it for garbage took a tenth of a harvest.
        gc.freeze()
        return container

    @cached_property
    def container(self) -> Container:
        """The services on a data directory of this version: an empty or older one is brought up first.

        Raises:
            ConfigurationError: as for `house`.
        """
        if not self.house.is_current():
            self.house.bring_up(say)
        return self.house

    def _give_back(self, _: Progress) -> None:
        """End a harvest after its present step when this process is told to stop."""
        if self.stop.is_set():
            raise GivenBack

    @property
    def is_debugging(self) -> bool:
        """Whether the operator asked for the inner workings of failures; not where the settings are broken."""
        try:
            return self.settings.log.level == "debug"
        except ConfigurationError:
            return False

    def words(self, error: CatalogueError) -> tuple[str, str]:
        """Return (what is wrong, how to mend it) in English."""
        if isinstance(error, ConfigurationError):
            return refusal(error)
        return self.house.reference.messages.problem(error.code, "en", **error.parameters)
