"""What a browser asks for and complains of while it shows pages."""

from playwright.sync_api import ConsoleMessage, Page, Request


class Watch:
    """Watches one page from now on.

    Attributes:
        complaints: errors on the console, failures of scripts, refusals by the content security policy.
        requested: paths asked for, in order, with their query.
        foreign: addresses of other hosts asked for.
    """

    def __init__(self, page: Page, base_url: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requested: list[str] = []
        self.foreign: list[str] = []
        self._base_url = base_url
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._asked)

    def suggestions(self) -> list[str]:
        """Return the requests for suggestions so far."""
        return [path for path in self.requested if path.startswith("/api/v1/suggest")]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if request.url.startswith(self._base_url):
            self.requested.append(request.url.removeprefix(self._base_url))
        else:
            self.foreign.append(request.url)
