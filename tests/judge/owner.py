"""An account owner's browser on WeChat's authorization pages: forms, hidden fields, a redirect."""

import html.parser
import urllib.parse
import urllib.request


class Page(html.parser.HTMLParser):
    """A page, its form and what it says."""

    def __init__(self, url, text):
        super().__init__()
        self.url = url
        self.action = None
        self.hidden = []
        self.choices = []
        self.says = ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        if tag == "form":
            self.action = urllib.parse.urljoin(self.url, attrs["action"])
        if tag == "input" and attrs["type"] == "hidden":
            self.hidden.append((attrs["name"], attrs["value"]))
        if tag == "input" and attrs["type"] == "radio":
            self.choices.append(attrs["value"])

    def handle_data(self, data):
        self.says += data

    def submit(self, **fields):
        """Submits the form; where that leads to, redirects followed."""
        data = urllib.parse.urlencode(self.hidden + list(fields.items())).encode()
        return visit(self.action, data=data)


def visit(url, referer=None, data=None):
    """Opens a page, from a page that linked to it."""
    headers = {} if referer is None else {"Referer": referer}
    request = urllib.request.Request(url, data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return Page(answer.url, answer.read().decode())
