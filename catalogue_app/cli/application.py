"""What every command stands on: the container, built when first asked for, and words for refusals."""

from functools import cached_property
from typing import final

from catalogue_app.container import Container, build
from catalogue_app.domain.errors import CatalogueError, ConfigurationError
from catalogue_app.observability import configure_logging
from catalogue_app.settings import load_settings


@final
class Application:
    """One run of the command line."""

    @cached_property
    def container(self) -> Container:
        """The services, built from the settings of this process.

        Raises:
            ConfigurationError: a setting or table is broken.
        """
        settings = load_settings()
        configure_logging(settings.log)
        return build(settings)

    def words(self, error: CatalogueError) -> tuple[str, str]:
        """Return (what is wrong, how to mend it) in English; the bare code where the tables cannot be read."""
        if isinstance(error, ConfigurationError):
            return str(error), ""
        return self.container.reference.messages.problem(error.code, "en", **error.parameters)
