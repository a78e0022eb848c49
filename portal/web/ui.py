"""Components: `{{ ui.badge(x) }}` calls the macro `badge` of `templates/ui/badge.html`, without an import."""

from typing import Any

from jinja2 import Environment


class UI:
    """One component, one file, same name. Modules are kept: a row's badge must cost a call, not a load."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._kept: dict[str, Any] = {}

    def __getattr__(self, name: str) -> Any:
        if name not in self._kept or self._environment.auto_reload:
            self._kept[name] = getattr(self._environment.get_template(f"ui/{name}.html").module, name)
        return self._kept[name]
