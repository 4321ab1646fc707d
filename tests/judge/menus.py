"""Menus: the default one, conditional ones, the one in force."""

from simulator import holds, is_
from story import DANCE, MINI, refused

OK = {"errcode": 0, "errmsg": "ok"}

MENU = {
    "button": [
        {"type": "click", "name": "今日课程", "key": "TODAY"},
        {
            "name": "更多",
            "sub_button": [
                {"type": "view", "name": "官网", "url": "https://www.example.cn/a?b=c&d=/é"},
                {
                    "type": "miniprogram",
                    "name": "约课",
                    "url": "https://www.example.cn/",
                    "appid": MINI,
                    "pagepath": "pages/index?from=menu",
                },
            ],
        },
    ]
}
OTHER = {"button": [{"type": "click", "name": "安卓", "key": "ANDROID"}]}


def as_read(menu):
    """`menu/get` puts an empty list of sub-buttons on every button that has none."""
    return [button | {"sub_button": as_read({"button": button.get("sub_button", [])})} for button in menu["button"]]


def as_in_force(menu):
    """`get_current_selfmenu_info` wraps sub-buttons in an object."""
    return [
        button | {"sub_button": {"list": button["sub_button"]}} if "sub_button" in button else button
        for button in menu["button"]
    ]


def default_menu(story):
    """a menu is created, read back to the letter, replaced and deleted"""
    client = story.client(DANCE)
    replaced = {"button": MENU["button"][:1]}
    with story.sim.counted("menu/get 46003", "menu/create", "menu/get read", "menu/create", "menu/get read"):
        is_("no menu yet, as the SDK says it", client.menu.get(), None)
        is_("create", client.menu.create(MENU), OK)
        is_("get", client.menu.get(), {"menu": {"button": as_read(MENU)}})
        is_("update", client.menu.update(replaced), OK)
        is_("get again", client.menu.get(), {"menu": {"button": as_read(replaced)}})
    is_("at WeChat", story.sim.account(DANCE)["menu"]["default"]["button"], replaced["button"])
    with story.sim.counted("menu/delete", "menu/get 46003", "menu/delete read"):
        is_("delete", client.menu.delete(), OK)
        is_("gone", client.menu.get(), None)
        is_("delete what is not there", client.menu.delete(), OK)


def menu_in_force(story):
    """the menu in force is shown whoever made it, and the API's takes the place of the owner's"""
    client = story.client(DANCE)
    owners = [{"type": "text", "name": "你好", "value": "欢迎"}]
    with story.sim.counted(
        *["get_current_selfmenu_info read"] * 2, "menu/get 46003", "menu/create", "get_current_selfmenu_info read"
    ):
        is_("none", client.menu.get_menu_info(), {"is_menu_open": 0, "selfmenu_info": {"button": []}})
        story.sim.order("PATCH", f"/_sim/accounts/{DANCE}", {"menu": {"websiteMenu": {"button": owners}}})
        is_("the owner's", client.menu.get_menu_info(), {"is_menu_open": 1, "selfmenu_info": {"button": owners}})
        is_("which the API does not read", client.menu.get(), None)
        client.menu.create(MENU)
        is_("ours", client.menu.get_menu_info(), {"is_menu_open": 1, "selfmenu_info": {"button": as_in_force(MENU)}})


def conditional_menus(story):
    """conditional menus: added, shown newest first, matched, deleted one by one and all together"""
    client = story.client(DANCE)
    android = OTHER | {"matchrule": {"client_platform_type": "2"}}
    tagged = MENU | {"matchrule": {"tag_id": "100", "sex": "", "country": ""}}
    with story.sim.counted(
        *["menu/addconditional"] * 2,
        "menu/get read",
        *["menu/trymatch read"] * 2,
        *["menu/trymatch 65302", "menu/trymatch 65315"],
    ):
        first = client.menu.add_conditional(android)
        is_("its id, as text", (list(first), type(first["menuid"])), (["menuid"], str))
        second = client.menu.add_conditional(tagged)
        menu = client.menu.get()
        is_("for Android", client.menu.try_match("oSimAndroid0000000000000001"), {"button": OTHER["button"]})
        is_("for the tag", client.menu.try_match("oSimIphone00000000000000001"), {"button": MENU["button"]})
        refused(65302, client.menu.try_match, "oSimNobody")
        refused(65315, client.menu.try_match, "oSimGone0000000000000000001")
    is_("the default one", menu["menu"]["button"], as_read(MENU))
    holds("its id, as a number", isinstance(menu["menu"]["menuid"], int))
    is_(
        "the others, newest first",
        menu["conditionalmenu"],
        [
            {"button": as_read(MENU), "matchrule": {"group_id": "100"}, "menuid": int(second["menuid"])},
            {"button": as_read(OTHER), "matchrule": {"client_platform_type": "2"}, "menuid": int(first["menuid"])},
        ],
    )
    with story.sim.counted(
        "menu/delconditional", "menu/delconditional 65301", "menu/get read", "menu/delete", "menu/get 46003"
    ):
        is_("delete one", client.menu.del_conditional(first["menuid"]), OK)
        refused(65301, client.menu.del_conditional, first["menuid"])
        left = client.menu.get()["conditionalmenu"]
        is_("what is left", [one["menuid"] for one in left], [int(second["menuid"])])
        client.menu.delete()
        is_("all of them", client.menu.get(), None)
    is_("at WeChat", story.sim.account(DANCE)["menu"].get("conditional", []), [])


def menu_refused(story):
    """what is no menu is refused with the code of what is wrong, and changes nothing"""
    client = story.client(DANCE)
    click = MENU["button"][0]
    wrong = [
        (40016, {"button": []}),
        (40016, {"button": [click] * 4}),
        (40016, {"menu": MENU}),
        (40017, {"button": [click | {"type": "dance"}]}),
        (40018, {"button": [click | {"name": "六个汉字太长"}]}),
        (40019, {"button": [click | {"key": "k" * 129}]}),
        (40020, {"button": [{"type": "view", "name": "官网", "key": "https://www.example.cn/"}]}),
        (40023, {"button": [{"name": "更多", "sub_button": [click] * 6}]}),
        (40025, {"button": [{"name": "更多", "sub_button": [click | {"name": "长" * 21}]}]}),
        (85005, {"button": [MENU["button"][1]["sub_button"][1] | {"appid": "wx9999999999999999"}]}),
    ]
    with story.sim.counted(*[f"menu/create {code}" for code, _ in wrong]):
        for code, menu in wrong:
            refused(code, client.menu.create, menu)
    is_("at WeChat", story.sim.account(DANCE)["menu"].get("default"), None)
    # The example in the SDK's own documentation has rules that WeChat has withdrawn since.
    example = {
        "group_id": "2",
        "sex": "1",
        "country": "中国",
        "province": "广东",
        "city": "广州",
        "client_platform_type": "2",
    }
    with story.sim.counted("menu/addconditional 65303", "menu/addconditional 65320", "menu/addconditional 65304"):
        refused(65303, client.menu.add_conditional, OTHER | {"matchrule": {"client_platform_type": "2"}})
        refused(65320, client.menu.add_conditional, OTHER | {"matchrule": example})
        refused(65304, client.menu.add_conditional, OTHER | {"matchrule": {}})


STEPS = [default_menu, menu_in_force, conditional_menus, menu_refused]
