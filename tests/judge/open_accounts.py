"""Open accounts (开放平台帐号), which the SDK keeps among its mini-program calls."""

from simulator import is_
from story import DANCE, refused

OK = {"errcode": 0, "errmsg": "ok"}


def open_account(story):
    """an open account is created once, found, left and joined again"""
    client = story.client(DANCE)
    with story.sim.counted("open/get 89002", "open/create", "open/create 89000", "open/get read"):
        refused(89002, client.wxa.get_open, DANCE)
        created = client.wxa.create_open(DANCE)
        refused(89000, client.wxa.create_open, DANCE)
        is_("found", client.wxa.get_open(DANCE), created)
    is_("at WeChat", story.sim.account(DANCE)["openAccount"], created)
    with story.sim.counted("open/unbind", "open/get 89002", "open/bind", "open/get read", "open/get 40013"):
        is_("left", client.wxa.unbind_open(DANCE, created), OK)
        refused(89002, client.wxa.get_open, DANCE)
        is_("joined", client.wxa.bind_open(DANCE, created), OK)
        is_("found", client.wxa.get_open(DANCE), created)
        refused(40013, client.wxa.get_open, "wx9999999999999999")


STEPS = [open_account]
