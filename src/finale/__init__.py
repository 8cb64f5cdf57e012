"""Finale runs Argo Workflows manifests on one machine and guarantees their exit handlers."""

__all__ = ["__version__"]

__version__ = "0.1.0"
