"""Message templates and industries."""

from reception import next_of
from simulator import holds, is_
from story import DANCE, PLATFORM, refused

OK = {"errcode": 0, "errmsg": "ok"}

# The template that every account has without asking.
OWN = "订阅模板消息"


def industry(story):
    """industries are set once a month, by codes that are text"""
    client = story.client(DANCE)
    training = {"first_class": "教育", "second_class": "培训"}
    internet = {"first_class": "IT科技", "second_class": "互联网|电子商务"}
    with story.sim.counted(
        "template/get_industry 40102",
        "template/api_set_industry 40102",
        "template/api_set_industry",
        "template/get_industry read",
        "template/api_set_industry 43100",
    ):
        refused(40102, client.template.get_industry)
        # The SDK passes on what it is given; WeChat's documents say text.
        refused(40102, client.template.set_industry, 16, 1)
        is_("set", client.template.set_industry("16", "1"), OK)
        is_("get", client.template.get_industry(), {"primary_industry": training, "secondary_industry": internet})
        refused(43100, client.template.set_industry, "16", "17")
    kept = story.sim.account(DANCE)["industry"]
    is_("at WeChat", (kept["primary"], kept["secondary"]), (16, 1))


def templates(story):
    """templates are added, twice if asked twice, listed and deleted"""
    client = story.client(DANCE)
    with story.sim.counted(
        *["template/api_add_template"] * 3,
        "template/get_all_private_template read",
        "template/del_private_template",
        "template/del_private_template 40037",
        "template/get_all_private_template read",
    ):
        added = [client.template.add(one) for one in ("OPENTM405456204", "TM00015", "TM00015")]
        listed = client.template.get_all_private_template()
        is_("delete", client.template.del_private_template(added[0]), OK)
        refused(40037, client.template.del_private_template, added[0])
        left = client.template.get_all_private_template()["template_list"]
    is_("only the list", list(listed), ["template_list"])
    own, *listed = listed["template_list"]
    is_("WeChat's own comes first", own["title"], OWN)
    is_("ids", [one["template_id"] for one in listed], added)
    is_("ids of their own", len(set(added)), 3)
    is_("what is left", [one["template_id"] for one in left[1:]], added[1:])
    lesson, prize = listed[:2]
    is_("fields", sorted(lesson), ["content", "deputy_industry", "example", "primary_industry", "template_id", "title"])
    is_(
        "industry",
        (lesson["title"], lesson["primary_industry"], lesson["deputy_industry"]),
        ("上课提醒", "教育", "培训"),
    )
    is_("WeChat's own sample", (prize["title"], prize["primary_industry"]), ("领取奖金提醒", "IT科技"))
    holds("its lines", prize["content"].startswith("{{result.DATA}}\n\n领奖金额:{{withdrawMoney.DATA}}"))
    at_wechat = [one["templateId"] for one in story.sim.account(DANCE)["templates"]]
    is_("at WeChat", at_wechat, added[1:])


def templates_refused(story):
    """no more than 25, none of another industry, and a category's only with its keywords, which this SDK cannot name"""
    client = story.client(DANCE)
    category = {"categories": [{"id": 1301, "name": "教育/素质教育"}]}
    with story.sim.counted(
        "template/api_add_template 45027", "template/api_add_template 45027", "template/api_add_template 40246"
    ):
        refused(45027, client.template.add, "OPENTM200746866")
        refused(45027, client.template.add, "43216")
        story.sim.order("PATCH", f"/_sim/accounts/{DANCE}", category)
        refused(40246, client.template.add, "43216")
    with story.sim.counted(*["template/api_add_template"] * 23, "template/api_add_template 45026"):
        for _ in range(23):
            client.template.add("OPENTM206930158")
        refused(45026, client.template.add, "OPENTM206930158")
    is_("at WeChat", len(story.sim.account(DANCE)["templates"]), 25)


def next_month(story):
    """a month later industries can be set again, and the templates of the one that is given up are gone"""
    client = story.client_without_second_tries(DANCE)
    story.sim.advance(31 * 24 * 3600)
    # After a month every token has expired; a ticket has to come first.
    story.sim.order("POST", f"/_sim/platforms/{PLATFORM}/ticket")
    next_of(story.reception.notices)
    with story.sim.counted(
        "component/api_authorizer_token 42001",
        "component/api_component_token",
        "component/api_authorizer_token",
        "template/api_set_industry",
        "template/get_all_private_template read",
    ):
        client.fetch_access_token()
        is_("set", client.template.set_industry("17", "1"), OK)
        left = client.template.get_all_private_template()["template_list"]
    is_("what is left", [one["title"] for one in left], [OWN, "领取奖金提醒", "领取奖金提醒"])


STEPS = [industry, templates, templates_refused, next_month]
