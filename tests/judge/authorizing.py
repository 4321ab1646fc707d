"""From the authorization page to an account's tokens, its data, its options and its messages."""

import urllib.parse

from wechatpy import create_reply
from wechatpy.component import (
    ComponentAuthorizedMessage,
    ComponentUnauthorizedMessage,
    ComponentUpdateauthorizedMessage,
)
from wechatpy.messages import TextMessage
from wechatpy.utils import json as sdk_json

import owner
from reception import next_of
from simulator import holds, is_
from story import DANCE, MINI, PLATFORM, UNVERIFIED, YOGA, refused

SETS = [1, 3, 7, 15, 24]


def scan_page(story):
    """an owner authorizes on the page the SDK leads to; the SDK exchanges the code of the push"""
    back = f"{story.reception.url}/back?tenant=dance&next=/"
    story.sim.order("PATCH", f"/_sim/platforms/{PLATFORM}", {"permissionSets": SETS})
    with story.sim.counted(
        "component/api_create_preauthcode", "component/api_query_auth", pushes={"push:authorized": (1, 1)}
    ):
        link = story.component.get_pre_auth_url(back)
        holds("without a click the page stops", "授权入口页所在域名: 空" in owner.visit(link).says)
        choose = owner.visit(link, referer=f"{story.reception.url}/start")
        is_("accounts to choose from", choose.choices, [DANCE, YOGA, MINI, UNVERIFIED])
        choose.submit(account=DANCE).submit()
        message = next_of(story.reception.notices)
        visit = urllib.parse.urlsplit(next_of(story.reception.visitors))
    is_("what the SDK takes it for", type(message), ComponentAuthorizedMessage)
    is_("whose", (message.appid, message.authorizer_appid), (PLATFORM, DANCE))
    asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(link).query))
    is_("the pre-auth code comes back", message.pre_auth_code, asked["pre_auth_code"])
    holds("the code's end is a point in time", int(message.authorization_code_expired_time) > 1_000_000_000)
    callback = dict(urllib.parse.parse_qsl(visit.query))
    is_("where the owner comes back to", visit.path, "/back")
    is_(
        "what the owner brings along",
        callback,
        {"tenant": "dance", "next": "/", "auth_code": message.authorization_code, "expires_in": "600"},
    )
    check_exchanged(story, message.query_auth_result, DANCE)
    holds("a page is left once", "预授权码已被使用" in owner.visit(link, referer=story.reception.url).says)
    with story.sim.counted("component/api_query_auth 61010", "component/api_query_auth 61009"):
        refused(61010, story.component.query_auth, callback["auth_code"])
        refused(61009, story.component.query_auth, "queryauthcode@@@invented")


def page_inside_wechat(story):
    """the page inside WeChat does the same, and the code of the redirect is exchanged"""
    story.reception.exchanges = False
    with story.sim.counted(
        "component/api_create_preauthcode", "component/api_query_auth", pushes={"push:authorized": (1, 1)}
    ):
        link = story.component.get_pre_auth_url_m(f"{story.reception.url}/back")
        # This address cannot be set from outside: the SDK has it in the function.
        link = link.replace("https://mp.weixin.qq.com", story.sim.api)
        owner.visit(link, referer=story.reception.url).submit(account=YOGA).submit()
        holds("the notice", "<![CDATA[authorized]]>" in next_of(story.reception.notices))
        visit = next_of(story.reception.visitors)
        code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(visit).query))["auth_code"]
        check_exchanged(story, story.component.query_auth(code), YOGA)
    story.reception.exchanges = True


def check_exchanged(story, answer, appid):
    is_("the answer", list(answer), ["authorization_info"])
    info = answer["authorization_info"]
    is_(
        "its fields",
        sorted(info),
        ["authorizer_access_token", "authorizer_appid", "authorizer_refresh_token", "expires_in", "func_info"],
    )
    is_("whose", info["authorizer_appid"], appid)
    is_("its life", info["expires_in"], 7200)
    is_("permission sets", sets_of(info), SETS)
    is_("the refresh token", info["authorizer_refresh_token"], story.sim.authorization(appid)["refreshToken"])
    is_("as the SDK keeps it", story.stored(appid, "refresh"), info["authorizer_refresh_token"])
    is_("and the access token", story.stored(appid, "access"), info["authorizer_access_token"])


def sets_of(info):
    return [one["funcscope_category"]["id"] for one in info["func_info"]]


def account_info(story):
    """an account's data, with the fields an official account has and those only a mini-program has"""
    with story.sim.counted("component/api_get_authorizer_info read"):
        answer = story.component.get_authorizer_info(DANCE)
    is_("its two halves", sorted(answer), ["authorization_info", "authorizer_info"])
    is_("permission sets", sets_of(answer["authorization_info"]), SETS)
    is_("refresh token", answer["authorization_info"]["authorizer_refresh_token"], story.stored(DANCE, "refresh"))
    info = answer["authorizer_info"]
    is_(
        "fields of an official account",
        set(info),
        {"nick_name", "head_img", "service_type_info", "verify_type_info", "user_name", "alias", "qrcode_url"}
        | {"principal_name", "business_info", "idc", "account_status"},
    )
    is_("name", info["nick_name"], "日出舞蹈")
    is_("entity", info["principal_name"], "日出舞蹈有限公司")
    is_("kind", info["service_type_info"]["id"], 2)
    is_("verification", info["verify_type_info"]["id"], 0)
    is_("alias", info["alias"], "sunrise-dance")
    is_("head image", info["head_img"], "http://127.0.0.1/head.png")
    holds("original id", info["user_name"].startswith("gh_"))
    is_("business", sorted(info["business_info"]), ["open_card", "open_pay", "open_scan", "open_shake", "open_store"])
    holds("no mini-program", "MiniProgramInfo" not in info)
    story.kept["gh"] = info["user_name"]
    story.reception.exchanges = False
    with story.sim.counted(
        "component/api_get_authorizer_info 61003",
        "component/api_get_authorizer_info read",
        pushes={"push:authorized": (1, 1)},
    ):
        refused(61003, story.component.get_authorizer_info, MINI)
        story.sim.order("POST", "/_sim/authorize", {"platform": PLATFORM, "account": MINI})
        next_of(story.reception.notices)
        mini = story.component.get_authorizer_info(MINI)["authorizer_info"]
    story.reception.exchanges = True
    holds("a mini-program", "network" in mini["MiniProgramInfo"])


def account_list(story):
    """all accounts, in pages; here the refresh token goes by another name"""
    with story.sim.counted(*["component/api_get_authorizer_list read"] * 2, "component/api_get_authorizer_list 40097"):
        answer = story.component.get_authorizer_list()
        page = story.component.get_authorizer_list(offset=1, count=1)
        refused(40097, story.component.get_authorizer_list, 0, 501)
    is_("how many", answer["total_count"], 3)
    is_("who", [one["authorizer_appid"] for one in answer["list"]], [DANCE, YOGA, MINI])
    is_("refresh token", answer["list"][0]["refresh_token"], story.stored(DANCE, "refresh"))
    is_("a time", type(answer["list"][0]["auth_time"]), int)
    is_("a page", (page["total_count"], page["list"]), (3, answer["list"][1:2]))


def refresh(story):
    """a refresh token gives an access token, and itself again"""
    before = story.stored(DANCE, "refresh")
    with story.sim.counted("component/api_authorizer_token", "component/api_authorizer_token 61023"):
        answer = story.component.refresh_authorizer_token(DANCE, before)
        refused(61023, story.component.refresh_authorizer_token, DANCE, "refreshtoken@@@invented")
    is_(
        "its fields",
        sorted(answer),
        ["authorizer_access_token", "authorizer_refresh_token", "expires_in"],
    )
    is_("the refresh token", answer["authorizer_refresh_token"], before)
    holds("a new access token", answer["authorizer_access_token"] != story.stored(DANCE, "access"))
    is_("its life", answer["expires_in"], 7200)


def rotation(story):
    """where WeChat changes the refresh token at every use, this SDK loses it and has to look it up"""
    client = story.client(DANCE)
    story.sim.switch(rotateRefreshTokenOnUse=True)
    before = story.stored(DANCE, "refresh")
    with story.sim.counted("component/api_authorizer_token", "component/api_authorizer_token 61023"):
        fresh = client.fetch_access_token()["authorizer_refresh_token"]
        # WeChat's advice is to store what comes back. The SDK goes on with the old one.
        is_("what the SDK keeps", client.refresh_token, before)
        refused(61023, client.fetch_access_token)
    story.sim.switch(rotateRefreshTokenOnUse=False)
    with story.sim.counted("component/api_get_authorizer_list read", "component/api_authorizer_token"):
        known = story.component.get_authorizer_list()["list"][0]["refresh_token"]
        is_("what WeChat knows", known, fresh)
        story.component.session.set(client.refresh_token_key, known)
        client.fetch_access_token()


def options(story):
    """options are read and set on their old path, with the component token"""
    with story.sim.counted(
        "component/api_get_authorizer_option read",
        "component/api_set_authorizer_option",
        "component/api_get_authorizer_option read",
    ):
        before = story.component.get_authorizer_option(DANCE, "location_report")
        is_("set", story.component.set_authorizer_option(DANCE, "location_report", "1"), {"errcode": 0, "errmsg": "ok"})
        after = story.component.get_authorizer_option(DANCE, "location_report")
    wanted = {"authorizer_appid": DANCE, "option_name": "location_report", "option_value": "0"}
    is_("before", before, wanted)
    is_("after", after, wanted | {"option_value": "1"})
    is_("at WeChat", story.sim.account(DANCE)["options"]["location_report"], "1")
    with story.sim.counted("component/api_set_authorizer_option 61013", "component/api_get_authorizer_option 61012"):
        refused(61013, story.component.set_authorizer_option, DANCE, "location_report", "7")
        refused(61012, story.component.get_authorizer_option, DANCE, "shake")


def escapes(story):
    r"""what the component half of this SDK sends has \u escapes, which WeChat refuses"""
    is_("what it writes", sdk_json.dumps({"option_value": "开"}), '{"option_value": "\\u5f00"}')
    with story.sim.counted("component/api_set_authorizer_option 40033"):
        refused(40033, story.component.set_authorizer_option, DANCE, "location_report", "开")


def update(story):
    """other permission sets are pushed as an update; the same ones are not pushed at all"""
    order = {"platform": PLATFORM, "account": DANCE, "permissionSets": [1, 15]}
    with story.sim.counted("component/api_query_auth", pushes={"push:updateauthorized": (1, 1)}):
        is_("event", story.sim.order("POST", "/_sim/authorize", order)["event"], "updateauthorized")
        message = next_of(story.reception.notices)
    is_("what the SDK takes it for", type(message), ComponentUpdateauthorizedMessage)
    is_("permission sets", sets_of(message.query_auth_result["authorization_info"]), [1, 15])
    old = story.stored(DANCE, "refresh")
    with story.sim.counted("component/api_authorizer_token 61023", "component/api_query_auth"):
        again = story.sim.order("POST", "/_sim/authorize", order)
        is_("event", again["event"], None)
        refused(61023, story.component.refresh_authorizer_token, DANCE, old)
        story.component.query_auth(again["authorizationCode"])
    with story.sim.counted("component/api_query_auth", pushes={"push:updateauthorized": (1, 1)}):
        story.sim.order("POST", "/_sim/authorize", order | {"permissionSets": SETS})
        next_of(story.reception.notices)


def messages(story):
    """a user's message is read; nothing, `success` and the SDK's reply are answers, but not that reply in clear"""
    order = {
        "platform": PLATFORM,
        "account": DANCE,
        "content": "几点上课？<b>&]]>",
        "fromUser": "oSimAndroid0000000000000001",
    }

    def sealed(message):
        return story.component.crypto.encrypt_message(create_reply("七点", message).render(), "judge-nonce")

    def in_clear(message):
        return create_reply("七点", message).render()

    replies = [sealed, lambda _: "", in_clear, lambda _: "fail", lambda _: "success"]
    with story.sim.counted(pushes={"push:message": (5, 3)}):
        for reply in replies:
            story.reception.replies.put(reply)
        for _ in range(3):
            holds("acknowledged", story.sim.order("POST", "/_sim/messages", order)["push"]["acknowledged"])
        received = [next_of(story.reception.messages) for _ in replies]
    paths, queries, told = zip(*received)
    is_("the URL", set(paths), {f"/messages/{DANCE}"})
    is_("the sender in the query", {query["openid"] for query in queries}, {order["fromUser"]})
    is_("what the SDK takes it for", {type(message) for message in told}, {TextMessage})
    is_("content", {message.content for message in told}, {order["content"]})
    is_("from", {message.source for message in told}, {order["fromUser"]})
    is_("to", {message.target for message in told}, {story.kept["gh"]})
    is_("ids, the same at each try", len({message.id for message in told}), 3)
    holds("ids beyond a double", all(message.id > 2**53 for message in told))


def revoked(story):
    """an owner cancels: the push says so, and both tokens are dead at once"""
    client = story.client(YOGA)
    with story.sim.counted(
        "menu/get 46003",
        "menu/get 40001",
        "component/api_authorizer_token 61003",
        "component/api_get_authorizer_info 61003",
        "component/api_get_authorizer_list read",
        pushes={"push:unauthorized": (1, 1)},
    ):
        is_("before", client.menu.get(), None)
        story.sim.order("POST", "/_sim/revoke", {"platform": PLATFORM, "account": YOGA})
        message = next_of(story.reception.notices)
        # 40001 makes the SDK ask for a new token, and that it is refused.
        refused(61003, client.menu.get)
        refused(61003, story.component.get_authorizer_info, YOGA)
        listed = story.component.get_authorizer_list()["list"]
    is_("what the SDK takes it for", type(message), ComponentUnauthorizedMessage)
    is_("who", message.authorizer_appid, YOGA)
    is_("who is left", [one["authorizer_appid"] for one in listed], [DANCE, MINI])


STEPS = [
    scan_page,
    page_inside_wechat,
    account_info,
    account_list,
    refresh,
    rotation,
    options,
    escapes,
    update,
    messages,
    revoked,
]
