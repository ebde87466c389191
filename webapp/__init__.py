"""The web app: a wizard that configures datasets, the jobs that make them, and two JSON APIs. No Spark in here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from webapp.services import Services
    from webapp.settings import Settings


def create_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """The app over its services, by default those that the environment describes."""
    # Imported here, because supervisors, one process a job, import this package too and need no web framework.
    from flask import Flask
    from htmx_flask import Htmx
    from jinja2 import StrictUndefined

    from generation import __version__
    from webapp import assets, errors, filters, security
    from webapp.api.routes import blueprint as api
    from webapp.jobs.pages import blueprint as jobs
    from webapp.results.pages import blueprint as results
    from webapp.services import services_of
    from webapp.settings import Settings
    from webapp.wizard.pages import blueprint as wizard

    services = services or services_of(settings or Settings.from_environment())
    app = Flask(__name__, static_folder=None)
    app.extensions["idgraph"] = services
    Htmx(app)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals |= {"asset": assets.asset, "app_version": __version__}
    filters.register(app)
    security.protect(app, services.settings)
    errors.register(app)
    assets.serve(app)
    for blueprint in (api, wizard, jobs, results):
        app.register_blueprint(blueprint)
    return app
