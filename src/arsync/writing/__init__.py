"""A planned message becomes a letter (text and HTML) and a note: one frozen view feeds all three.

Babel and Jinja2 are imported when the first letter is written, not before.
"""

from arsync.writing.note import note_text
from arsync.writing.plain_text import plain_line
from arsync.writing.render import Rendered, check_templates, render
from arsync.writing.templates import Templates, load_templates
from arsync.writing.view import LetterLine, LetterView, letter_view

__all__ = [
    "LetterLine",
    "LetterView",
    "Rendered",
    "Templates",
    "check_templates",
    "letter_view",
    "load_templates",
    "note_text",
    "plain_line",
    "render",
]
