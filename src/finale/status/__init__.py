"""State → what people see: Argo-shaped status, progress, outcomes. Pure."""

from finale.status.summary import Summary, render_summary
from finale.status.workflow import render_workflow

__all__ = ["Summary", "render_summary", "render_workflow"]
