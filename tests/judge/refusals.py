"""How calls are not let in: tokens that expired, sets that are missing, accounts that have no right, quotas that are used up."""

from wechatpy.exceptions import APILimitedException

from reception import next_of
from simulator import is_
from story import DANCE, PLATFORM, UNVERIFIED, YOGA, refused


def expired(story):
    """two hours later both tokens have expired; the SDK renews the one with the other and calls again"""
    client = story.client(DANCE)
    story.sim.advance(7201)
    with story.sim.counted("menu/get 42001"):
        refused(42001, story.client_without_second_tries(DANCE).menu.get)
    with story.sim.counted(
        "menu/get 42001",
        "component/api_authorizer_token 42001",
        "component/api_component_token",
        "component/api_authorizer_token",
        "menu/get 46003",
    ):
        is_("no menu, after all that", client.menu.get(), None)


def not_latest(story):
    """a token that was replaced lives five minutes on, and is then not the latest"""
    client = story.client_without_second_tries(DANCE)
    old = client.access_token
    story.component.refresh_authorizer_token(DANCE, client.refresh_token)
    with story.sim.counted("menu/get 46003", "menu/get 40001", "menu/get 40014"):
        is_("still good", client.menu.get(), None)
        story.sim.advance(301)
        refused(40001, client.menu.get)
        client.session.set(client.access_token_key, "invented")
        refused(40014, client.menu.get)
    client.session.set(client.access_token_key, old)
    with story.sim.counted("menu/get 40001", "component/api_authorizer_token", "menu/get 46003"):
        is_("the SDK gets another", story.client(DANCE).menu.get(), None)


def wrong_kind_of_token(story):
    """an account's token does nothing for the platform, nor the platform's for an account"""
    client = story.client_without_second_tries(DANCE)
    account, platform = client.access_token, story.component.access_token
    other = story.another_component()
    other.session.set("component_access_token", account)
    client.session.set(client.access_token_key, platform)
    with story.sim.counted("component/api_create_preauthcode 61014", "menu/get 61015"):
        refused(61014, other.create_preauthcode)
        refused(61015, client.menu.get)
    client.session.set(client.access_token_key, account)


def missing_set(story):
    """what the owner did not grant is 61007, whatever the account is"""
    story.sim.order("POST", "/_sim/authorize", {"platform": PLATFORM, "account": YOGA, "permissionSets": [1, 24]})
    next_of(story.reception.notices)
    client = story.client(YOGA)
    button = {"button": [{"type": "click", "name": "课", "key": "K"}]}
    with story.sim.counted(
        "menu/create 61007",
        "menu/get 61007",
        "get_current_selfmenu_info read",
        "template/get_all_private_template 61007",
    ):
        refused(61007, client.menu.create, button)
        refused(61007, client.menu.get)
        is_("set 1 will do", client.menu.get_menu_info()["is_menu_open"], 0)
        refused(61007, client.template.get_all_private_template)


def not_entitled(story):
    """what the account itself has no right to is 48001, though it was granted"""
    story.sim.order(
        "POST", "/_sim/authorize", {"platform": PLATFORM, "account": UNVERIFIED, "permissionSets": [1, 7, 15]}
    )
    message = next_of(story.reception.notices)
    granted = message.query_auth_result["authorization_info"]["func_info"]
    is_("granted", [one["funcscope_category"]["id"] for one in granted], [1, 7, 15])
    client = story.client(UNVERIFIED)
    with story.sim.counted("menu/get 48001", "template/get_industry 48001"):
        refused(48001, client.menu.get)
        refused(48001, client.template.get_industry)


def quota(story):
    """calls beyond the day's limit are 45009, which the SDK knows by an exception of its own"""
    client = story.client(DANCE)
    story.sim.switch(dailyQuotas={"/cgi-bin/menu/delete": 2})
    with story.sim.counted(*["menu/delete read"] * 2, "menu/delete 45009"):
        client.menu.delete()
        client.menu.delete()
        error = refused(45009, client.menu.delete)
    is_("what the SDK makes of it", type(error), APILimitedException)


STEPS = [expired, not_latest, wrong_kind_of_token, missing_set, not_entitled, quota]
