"""The simulator from outside: its control API, and what it counted.

Nothing here is WeChat's wire; that is the SDK's alone.
"""

import contextlib
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

# A push takes moments; only a broken simulator lets anybody wait this long.
PATIENCE = 20

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


def keep_to_this_machine():
    """Ends the judge at the first look beyond loopback: some of the SDK's addresses are written into its code."""

    def watch(event, arguments):
        if event == "socket.getaddrinfo":
            host = arguments[0]
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            host = arguments[1][0]
        else:
            return
        host = host.decode() if isinstance(host, bytes) else host
        if host not in LOOPBACK:
            raise RuntimeError(f"the SDK was about to ask {host}, which is not the simulator")

    sys.addaudithook(watch)


class Simulator:
    """A running `wxops simulator`."""

    def __init__(self, api, control):
        self.api = api
        self._control = control

    def order(self, method, path, body=None):
        """An order to the control API, which must take it."""
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        request = urllib.request.Request(self._control + path, data=data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path} {body}: {error.read().decode()}") from error

    def state(self):
        return self.order("GET", "/_sim/state")

    def account(self, appid):
        """What the account is at WeChat now."""
        return next(one for one in self.state()["accounts"] if one["appId"] == appid)

    def authorization(self, appid):
        """The authorization of an account, or None."""
        found = [one for one in self.state().get("authorizations", []) if one["account"] == appid]
        return found[0] if found else None

    def switch(self, **switches):
        state = self.state()
        state.setdefault("switches", {}).update(switches)
        self.order("PUT", "/_sim/state", state)

    def advance(self, seconds):
        self.order("POST", "/_sim/clock", {"advance": seconds})

    @contextlib.contextmanager
    def counted(self, *calls, pushes=None):
        """What happens inside must be these calls and no other, each `PATH` (with effect), `PATH read` or
        `PATH ERRCODE`, and these pushes (`{kind: (sent, acknowledged)}`; tickets only where named)."""
        self.order("DELETE", "/_sim/calls")
        yield
        pushes = pushes or {}
        counts = self._settled(pushes)
        expected = {}
        for call in calls:
            path, _, how = call.partition(" ")
            count = expected.setdefault(path, {"received": 0, "refused": 0, "withEffect": 0})
            count["received"] += 1
            count["refused"] += how not in ("", "read")
            count["withEffect"] += how == ""
        counted = {short(path): count for path, count in counts["endpoints"].items()}
        is_("calls the simulator counted", counted, expected)
        codes = [call["errcode"] for call in counts["last"]]
        wanted = [int(how) if how not in ("", "read") else 0 for how in (c.partition(" ")[2] for c in calls)]
        is_("errcodes the simulator answered", codes, wanted)
        for kind, tally in counts["pushes"].items():
            if kind in pushes or kind != "push:ticket":
                is_(f"{kind}, sent and acknowledged", (tally["sent"], tally["acknowledged"]), pushes.get(kind, (0, 0)))
        is_("pushes the simulator did not send", pushes.keys() - counts["pushes"].keys(), set())

    def _settled(self, pushes):
        """What was counted, once the pushes are: that is when their answers are read, a moment after they were given."""
        deadline = time.monotonic() + PATIENCE
        while True:
            counts = self.order("GET", "/_sim/calls")
            sent = {kind: tally["sent"] for kind, tally in counts["pushes"].items()}
            if all(sent.get(kind, 0) >= wanted for kind, (wanted, _) in pushes.items()) or time.monotonic() > deadline:
                return counts
            time.sleep(0.02)


def short(path):
    return path.removeprefix("/cgi-bin/")


CHECKS = 0


def is_(what, actual, wanted):
    """One check."""
    global CHECKS
    CHECKS += 1
    if actual != wanted:
        raise AssertionError(f"{what}:\n     is {actual!r}\n should {wanted!r}")


def holds(what, condition):
    """One check of a condition."""
    is_(what, bool(condition), True)
