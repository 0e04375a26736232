# ruff: noqa: E501 - a template that is too much stands on one line
"""Templates that would never end, grow without bounds, reach inside, or let a value act: each refused with
its file and line, by what it does and not by the clock."""

from __future__ import annotations

import re
import tempfile
import tracemalloc
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from letters import PLAIN, VIEW, templates, view

from arsync.errors import FixSettings
from arsync.writing import load_templates, render
from arsync.writing.confined import STEPS
from arsync.writing.growth import LONGEST, MOST, TooMuch, weigh

BIG = 10**9
TOO_MUCH = r"grows over|too big|too much work|a width|is the most|deeply|more than \d+ deep|never comes"
NESTED_LOOPS = "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}"
LISTS = "{% set l = range(9999)|list %}{% set m = range(9999)|list %}"
AGAIN = "{%% for a in range(499) %%}{%% for b in range(799) %%}%s{%% endfor %%}{%% endfor %%}"
BOMBS = {
    "operators": [
        "{{ 'a' * 10**9 }}", "{{ 1000000000 * 'a' }}", "{{ [0] * 10**9 }}", "{{ 9 ** 9 ** 9 ** 9 }}", "{{ 2 ** 100000 }}",
        "{{ '%1000000000d' % 1 }}", "{{ '%*d' % (1000000000, 1) }}", "{{ '%.1000000000f' % 1.5 }}",
        "{% set ns = namespace(a='aa') %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
        "{% set ns = namespace(a='aa') %}{% for i in range(60) %}{% set ns.a = ns.a ~ ns.a %}{% endfor %}",
        "{% set ns = namespace(a=[1]) %}{% for i in range(60) %}{% set ns.a = ns.a + ns.a %}{% endfor %}",
        "{% set ns = namespace(a=7) %}{% for i in range(60) %}{% set ns.a = ns.a * ns.a %}{% endfor %}",
        "{% set ns = namespace(a=[]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% endfor %}{{ ns.a|string }}",
        "{% set ns = namespace(a='x') %}{% for i in range(60) %}{% set ns.a = '%(a)s%(a)s' % {'a': ns.a} %}{% endfor %}",
    ],
    "filters": [
        "{{ 'a'|center(1000000000) }}", "{{ 'a'|indent(1000000000, true) }}", "{{ '%1000000000d'|format(1) }}",
        "{{ ('a\n' * 9999)|indent(9999) }}", "{{ ('a b ' * 9999)|wordwrap(1, wrapstring='x' * 9999) }}",
        "{{ 'a'|wordwrap(1000000000, wrapstring='x' * 999999) }}", "{{ 1.5|round(1000000000, 'ceil') }}",
        "{{ range(9999)|join('x' * 9999) }}", "{{ range(9999)|batch(1000000000, 'x')|list }}",
        "{{ range(9)|slice(1000000000)|list }}", "{{ ('a' * 9999)|replace('a', 'b' * 9999) }}",
        "{{ ('a' * 9999)|replace('', 'b' * 9999) }}", "{{ range(9999)|map('center', 9999)|list }}",
        "{{ range(9999)|map('string')|map('center', 9999)|join }}", "{{ ('%s' * 9999)|format('x' * 9999) }}",
    ],
    "methods": [
        "{{ 'a'.center(1000000000) }}", "{{ 'a'.ljust(1000000000) }}", "{{ 'a'.rjust(1000000000) }}",
        "{{ '1'.zfill(1000000000) }}", "{{ '{:1000000000}'.format(1) }}", "{{ '{:{}}'.format(1, 1000000000) }}",
        "{{ ('x' * 9999).join('y' * 9999) }}", "{{ ('x' * 9999).replace('x', 'y' * 9999) }}",
        "{{ ('{0}' * 9999).format('x' * 9999) }}", "{{ ('x' * 50000).join(range(4000)|map('string')) }}",
    ],
    "loops": [
        "{% for a in range(1000000000) %}{% endfor %}", NESTED_LOOPS,
        "{% for a in range(9999) %}{% for b in range(9999) if false %}{% endfor %}{% endfor %}",
        "{% set ns = namespace(n=0) %}{% for a in range(9999) %}{% for b in range(9999) %}{% set ns.n = 1 %}{% endfor %}{% endfor %}",
        "{% set x %}" + NESTED_LOOPS + "{% endset %}",
        "{% set x %}{% for a in range(9999) %}" + "lorem " * 500 + "{% for b in range(999) %}b{% endfor %}{% endfor %}{% endset %}",
        "{% filter upper %}{% for a in range(9999) %}" + "lorem " * 2000 + "{% endfor %}{% endfilter %}",
        "{% for a in range(9999) %}{{ customer }} and more {{ company }}{% endfor %}",
        "{% for a in invoices recursive %}{{ loop(invoices) }}{% endfor %}",
        "{% for a in 'a' * 199999 %}{% for b in 'b' * 199999 %}{% endfor %}{% endfor %}",
        "{% set b = 'b' * 199999 %}{% for a in 'a' * 5000 %}{% set c = b.swapcase() %}{% endfor %}",
    ],
    "looking": [  # at long lists, again and again: each look is short, all of them take minutes
        LISTS + AGAIN % "{% if 'x' in l %}{% endif %}", LISTS + AGAIN % "{% if l == m %}{% endif %}",
        LISTS + AGAIN % "{% if 1 < 2 != l < m %}{% endif %}", LISTS + AGAIN % "{% if 'x' is in l %}{% endif %}",
        LISTS + AGAIN % "{% if l is eq m %}{% endif %}", AGAIN % "{% if 'x' in range(9999) %}{% endif %}",
        LISTS + AGAIN % "{% if 'x' in range(9999)|select %}{% endif %}", AGAIN % "{{ range(9999)|sum }}",
        LISTS + AGAIN % "{% set x = l.count(1) %}", LISTS + AGAIN % "{% set x = l.index(9998) %}",
        LISTS + AGAIN % "{% set x = l[1:] %}", "{% set t = 'a' * 199999 %}" + AGAIN % "{% if t is lower %}{% endif %}",
        LISTS + "{% for a in range(99) %}{% set x = range(9999)|map('string')|select('in', l)|list %}{% endfor %}",
        "{% set d = dict(range(9998)|map('string')|batch(2)) %}" + AGAIN % "{% if 1 in d.values() %}{% endif %}",
    ],
    "recursion": [
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(60) }}",
        "{% include 't.txt' %}",
        "{% block b %}{{ self.b() }}{% endblock %}",
    ],
    "shapes": [
        "{{ " + "(" * 400 + "1" + ")" * 400 + " }}", "{{ " + "not " * 900 + "1 }}", "{{ " + "-" * 900 + "1 }}",
        "{{ 1" + " + 1" * 2000 + " }}", "{{ 'a'" + "|upper" * 2000 + " }}",
        "{{ " + "[" * 99 + "]" * 99 + " }}", "{{ " + "1 if 1 else " * 400 + "1 }}",
        "{% if 1 %}" * 99 + "{% endif %}" * 99, "{% for a in [1] %}" * 25 + "{% endfor %}" * 25,
    ],
}  # fmt: skip
INSIDE = [
    "{{ ''.__class__ }}", "{{ customer.__class__.__mro__ }}", "{{ invoices[0].__struct_fields__ }}",
    "{{ customer|attr('__class__') }}", "{{ range.__globals__ }}", "{{ cycler.__init__.__globals__ }}",
    "{{ namespace.__init__ }}", "{{ self._TemplateReference__context }}", "{{ loop }}", "{{ self }}",
    "{{ '{0.__class__}'.format(customer) }}", "{{ '%s'.format_map({}) }}", "{{ customer.format.__self__ }}",
    "{{ (1).to_bytes(1000000000, 'big') }}", "{{ (1).real }}", "{{ customer.translate({}) }}", "{{ customer.encode() }}",
    "{{ customer.expandtabs(1000000000) }}", "{{ invoices|map(attribute='__class__')|list }}",
    "{% for i in invoices %}{{ i }}{% endfor %}", "{{ invoices }}", "{{ range(3) }}", "{{ dict(a=1) }}",
    "{{ (invoices|map('upper')) }}", "{{ customer.upper }}", "{{ lipsum() }}", "{{ invoices|pprint }}",
    "{{ customer|step_ }}", "{{ customer|urlize }}", "{{ customer|safe }}", "{{ invoices|tojson }}",
    "{{ {'a': customer}|xmlattr }}", "{{ [1]|random }}", "{{ (-8) ** 0.5 }}",
]  # fmt: skip


def refused(folder: Path, text: str, **files: str) -> FixSettings:
    with pytest.raises(FixSettings) as caught:
        render(templates(folder, t_txt=text, **files), "t", view())
    return caught.value


@pytest.mark.parametrize(("kind", "bomb"), [(kind, bomb) for kind, found in BOMBS.items() for bomb in found])
def test_what_never_ends_or_grows_without_bounds(tmp_path: Path, kind: str, bomb: str) -> None:
    """With its line, and in little memory: nothing big was made before it was refused."""
    small = kind in ("operators", "filters", "methods")
    if small:
        tracemalloc.start()
    try:
        error = refused(tmp_path, f"Subject\nfine\n{bomb}\n")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert re.fullmatch(rf"{re.escape(str(tmp_path))}/t\.txt:[34]", error.where or ""), error.where
    assert re.search(TOO_MUCH + "|cannot be recursive", error.problem), error.problem
    assert peak < 60_000_000  # and 0 where it was not measured: that takes long


@pytest.mark.parametrize("text", INSIDE)
def test_nothing_inside_is_reached(tmp_path: Path, text: str) -> None:
    error = refused(tmp_path, f"Subject\n\n{text}\n")
    assert error.where == f"{tmp_path}/t.txt:3"


def test_files_that_take_each_other_in(tmp_path: Path) -> None:
    """Twice each, thirty deep: as many turns as two to the thirtieth."""
    files = {f"part{n}_txt": f"{{% include 'part{n + 1}.txt' %}}" * 2 for n in range(30)}
    error = refused(tmp_path, "S\n\n{% include 'part0.txt' %}", **files, part30_txt="x")
    assert re.search(r"too much work|never comes|grows over", error.problem)
    assert re.search(r"/\w+\.txt:\d+$", error.where or "")


def test_a_large_file(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("S\n" + "x" * 200_000)
    with pytest.raises(FixSettings, match=r"t\.txt: a template has at most 200 kB"):
        load_templates(tmp_path)


def test_an_included_text_cannot_switch_escaping_off(tmp_path: Path) -> None:
    part = "\n{% autoescape false %}{{ customer }}{% endautoescape %}"
    with pytest.raises(FixSettings, match=r"part\.html:2: .*autoescape cannot be switched"):
        render(
            templates(tmp_path, t_txt="S\nx", t_html="{% include 'part.html' %}", part_html=part), "t", view()
        )


LEGITIMATE = """{% macro row(i) %}{{ i.number.ljust(20) }}{{ i.open.rjust(14) }} {{ '%-12s' % i.due }}{% endmacro %}
{% set ns = namespace(n=0) %}
{% for i in invoices|sort(attribute='days_overdue')|reverse %}
{{ loop.index }}/{{ loop.length }} {{ row(i) }} {{ '{:>5}'.format(i.days_overdue) }}
{% set ns.n = ns.n + 1 %}
{% if not loop.last %}{{ loop.cycle('-', '=') * 40 }}{% endif +%}
{% endfor %}
{{ ns.n }} of {{ invoices|length }}: {{ invoices|map(attribute='number')|join(', ')|truncate(200)|wordwrap(70) }}
{{ invoices|selectattr('days_overdue', 'gt', 1)|list|length }} {{ customer|upper|center(60) }} {{ customer ~ '!' }}
{% for group in invoices|groupby('due') %}{{ group.grouper }}: {{ group.list|length }} {% endfor %}
{{ {'a': 'b'}['a'] }} {{ ['a', customer][1][:3] }} {{ customer.split()[0]|replace('N', 'n') }} {{ 1 if customer }}
{{ 'no' if false }} {{ 7 // 2 }} {{ 10 % 3 }} {{ 2 ** 10 }} {{ customer|default('x') }} {{ self.foot() }}
{% block foot %}{{ company|indent(2) }}{% endblock %}
"""


def test_what_letters_need_goes_through(tmp_path: Path) -> None:
    """A long and busy letter takes a part of its steps."""
    lines = tuple(msgspec.structs.replace(PLAIN, number=f"INV-{n}", days_overdue=n) for n in range(500))
    text = render(templates(tmp_path, t_txt="S\n" + LEGITIMATE), "t", view(lines=lines)).text
    assert "500 of 500" in text
    assert "1/500 INV-499" in text
    assert text.count("INV-") == 500 + text.split("500 of 500")[1].count("INV-")


def test_limits_do_not_hang_on_what_came_before(tmp_path: Path) -> None:
    """Each letter has all its steps: the hundredth is written as the first was."""
    turns = STEPS // 3 // 9999
    loops = f"{{% for a in range({turns}) %}}{{% for b in range(9999) %}}{{% endfor %}}{{% endfor %}}ok"
    source = templates(tmp_path, t_txt="S\n" + loops)
    assert {render(source, "t", view()).text for _ in range(5)} == {"ok\n"}


PLACES = {
    "<p title={{ customer }}>x</p>": "needs quotes",
    "<p {{ customer }}>x</p>": "inside a tag",
    "<{{ customer }}>": "inside a tag",
    "<p title='a'{{ customer }}>": "inside a tag",
    "<p\ntitle\n=\n{{ customer }}>x</p>": "needs quotes",
    "<p onclick=\"say('{{ customer }}')\">x</p>": "'onclick'",
    "<script>x = '{{ customer }}'</script>": "inside a tag",
    "<style>p { color: {{ customer }} }</style>": "inside a tag",
    '<p style="color: {{ reply_to }}">x</p>': "'style'",
    '<a href="{{ customer }}">x</a>': "cannot begin a link",
    '<a href="https://{{ customer }}/x">x</a>': "cannot begin a link",
    '<a href="https://acme.example{{ customer }}/x">x</a>': "cannot begin a link",
    '<a href="https://acme.example@{{ customer }}/x">x</a>': "cannot begin a link",
    '<a href="javascript:{{ customer }}">x</a>': "cannot begin a link",
    '<img src="{{ customer }}">': "cannot begin a link",
    '<meta http-equiv="refresh" content="0; url={{ customer }}">': "'content'",
    '<iframe srcdoc="{{ customer }}"></iframe>': "'srcdoc'",
    "<!--[if mso]><p title={{ customer }}><![endif]-->": "needs quotes",
    "{% set t %}<p title={{ customer }}>{% endset %}{{ t }}": "needs quotes",
    "{% macro m() %}<p title={{ customer }}>{% endmacro %}{{ m() }}": "needs quotes",
    "<plaintext>{{ customer }}": "inside a tag",
}
ALLOWED = [
    '<p title="{{ customer }}" lang=en>{{ customer }}</p>', "<title>{{ customer }}</title>",
    '<a href="https://acme.example/{{ customer }}">{{ customer }}</a>', "<!-- {{ customer }} --><p>x</p>",
    '<a href="mailto:{{ reply_to }}">{{ reply_to }}</a>', "<p title='{{ customer }}'>1 < 2 & {{ customer }}</p>",
    "<p style=\"color: {{ 'red' if oldest_days > 3 else '#222' }}\">x</p>", "a <b>{{ invoice_table }}</b>",
    "<!--[if mso]><p>{{ customer }}</p><![endif]-->", "<style>p { color: red }</style>{{ customer }}",
    "<script>if (1 < 2) {}</script><p>{{ customer }}</p>", '<br/><img src="https://acme.example/x.png"/>{{ total }}',
    '<a href="https://acme.example/?n={{ customer }}&amp;x=1">x</a>', "<p hidden>{{ customer }}</p>",
    "{% macro m() %}<p title=\"{{ customer }}\">{{ caller() }}</p>{% endmacro %}{% call m() %}{{ total }}{% endcall %}",
]  # fmt: skip


@pytest.mark.parametrize("page", PLACES)
def test_a_value_stands_only_where_it_is_harmless(tmp_path: Path, page: str) -> None:
    """The line of the template is named, also for a name that does no harm today."""
    source = templates(tmp_path, t_txt="S\nx", t_html="<p>\n\n" + page)
    with pytest.raises(FixSettings) as caught:
        render(source, "t", view())
    assert PLACES[page] in caught.value.problem
    assert re.match(rf"{re.escape(str(tmp_path))}/t\.html:\d", caught.value.where or "")


@pytest.mark.parametrize("page", ALLOWED)
def test_and_there_it_may_stand(tmp_path: Path, page: str) -> None:
    html = render(templates(tmp_path, t_txt="S\nx", t_html=page), "t", view(customer_name="\"><b>'=&")).html
    assert "\x0e" not in html
    assert "<b>'" not in html


def test_marks_cannot_be_written_by_hand(tmp_path: Path) -> None:
    """A template that writes the renderer's own marks does not free a value of them."""
    text = '{{ "\\x0f" ~ customer }} {{ "\\x0f" }}{{ customer }}'
    source = templates(tmp_path, t_txt="S\n" + text)
    page = render(source, "t", view(customer_name="https://evil.example/")).html
    assert "<a " not in page


def test_a_macro_may_write_the_opt_out_line(tmp_path: Path) -> None:
    """Once, in the text and in the page that is made of it."""
    text = "S\n{% macro foot() %}{{ opt_out_line }}{% endmacro %}{{ foot() }}\nbye"
    letter = render(templates(tmp_path, t_txt=text), "t", view(opt_out=True))
    assert letter.text.count("do not want to hear") == letter.html.count("do not want to hear") == 1


values = st.recursive(
    st.text(max_size=40) | st.integers() | st.none(), lambda inner: st.lists(inner, max_size=5), max_leaves=20
)


@settings(max_examples=100)
@given(values)
def test_the_size_of_a_value_bounds_its_text(value: object) -> None:
    """Whatever is not refused is at most so long when it is written (an escape takes ten characters)."""
    try:
        size = weigh(value)
    except TooMuch:
        return
    assert len(str(value)) <= 12 * size + 8
    assert size <= LONGEST + MOST


def test_a_view_is_no_way_in(tmp_path: Path) -> None:
    """Names that look like templates are data, in text, page and subject."""
    name = "{{ 7 * 6 }}{% for a in range(9) %}x{% endfor %}"
    letter = render(
        templates(tmp_path, t_txt="{{ customer }}\n{{ customer }}"), "t", view(customer_name=name)
    )
    assert letter.subject == name
    assert letter.text == f"{name}\n"
    assert VIEW.customer_name not in letter.text


ATOMS = ["customer", "invoices", "total", "oldest_days", "ns.a", "ns.b", "'ab'", "'%9999s'", "'{0:>9999}'", "1", "60", "9999",
         "10**9", "[1]", "{'k': ns.a}", "range(9999)", "invoices[0].number", "loop", "x", "none", "m", "1.5", "''"]  # fmt: skip
CALLS = sorted(
    {"join", "replace", "center", "indent", "wordwrap", "format", "batch", "slice", "round", "list", "map", "string", "sum",
     "upper", "truncate", "sort", "unique", "groupby", "reverse", "int", "float", "escape", "urlencode", "title", "items",
     "striptags", "dictsort", "max", "selectattr", "reject", "filesizeformat", "wordcount", "default", "length", "first"}
)  # fmt: skip
METHODS = [
    "join",
    "replace",
    "center",
    "zfill",
    "format",
    "split",
    "upper",
    "items",
    "count",
    "index",
    "translate",
    "__class__",
]
expressions = st.recursive(
    st.sampled_from(ATOMS),
    lambda inner: st.one_of(
        st.tuples(
            inner, st.sampled_from(["+", "-", "*", "**", "//", "%", "~", "and", "in", "=="]), inner
        ).map(" ".join),
        st.tuples(inner, st.sampled_from(CALLS), st.lists(inner, max_size=2)).map(
            lambda it: f"({it[0]})|{it[1]}({', '.join(it[2])})"
        ),
        st.tuples(inner, st.sampled_from(METHODS), st.lists(inner, max_size=2)).map(
            lambda it: f"({it[0]}).{it[1]}({', '.join(it[2])})"
        ),
        st.lists(inner, max_size=3).map(lambda it: f"[{', '.join(it)}]"),
        inner.map(lambda it: f"m({it})"),
        inner.map(lambda it: f"({it})[:3]"),
    ),
    max_leaves=6,
)
statements = st.recursive(
    st.one_of(
        expressions.map(lambda it: f"{{{{ {it} }}}}"),
        st.tuples(st.sampled_from("ab"), expressions).map(lambda it: f"{{% set ns.{it[0]} = {it[1]} %}}"),
        st.just(" text of the template "),
    ),
    lambda inner: st.one_of(
        st.tuples(expressions, inner).map(lambda it: f"{{% for x in {it[0]} %}}{it[1]}{{% endfor %}}"),
        st.tuples(expressions, inner).map(lambda it: f"{{% if {it[0]} %}}{it[1]}{{% endif %}}"),
        inner.map(lambda it: f"{{% set s %}}{it}{{% endset %}}{{{{ s }}}}"),
        inner.map(lambda it: f"{{% filter upper %}}{it}{{% endfilter %}}"),
        st.lists(inner, max_size=4).map("".join),
    ),
    max_leaves=8,
)


@settings(max_examples=150)
@given(statements, st.booleans())
def test_any_template_ends_as_a_letter_or_with_its_place(statement: str, page: bool) -> None:
    """Programs of all that Jinja can do: what comes of one is small, and what is wrong has its file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        body = "{% set ns = namespace(a='aa', b=2) %}{% macro m(x) %}<b>{{ x }}</b>{% endmacro %}" + statement
        files = {"t_html": body, "t_txt": "S\nx"} if page else {"t_txt": "S\nx " + body}
        source = templates(folder, **files)
        problem, letter = None, None
        try:
            letter = render(source, "t", view())
        except FixSettings as error:
            problem = error
        if problem is not None:
            assert str(folder) in (problem.where or ""), problem
            assert not re.search(r"0x[0-9a-f]{8}", problem.problem), problem
        if letter is not None:
            assert len(letter.text) + len(letter.html) < 6 * LONGEST
            assert "\x0e" not in letter.html + letter.text
