"""Tickets and the platform's own token."""

import datetime

from wechatpy.component import ComponentVerifyTicketMessage

from reception import next_of
from simulator import holds, is_
from story import PLATFORM, refused


def first_ticket(story):
    """the first ticket is pushed as soon as there is a URL for it, and the SDK takes it for genuine"""
    urls = {"noticesUrl": f"{story.reception.url}/notices", "messagesUrl": f"{story.reception.url}/messages/$APPID$"}
    with story.sim.counted(pushes={"push:ticket": (1, 1)}):
        story.sim.order("PATCH", f"/_sim/platforms/{PLATFORM}", urls)
        check_ticket(story, next_of(story.reception.notices))
    # From here on tickets come by order only, so that every count is of the step that made it.
    story.sim.order("PATCH", f"/_sim/platforms/{PLATFORM}", {"pushTickets": False})


def ticket_every_ten_minutes(story):
    """ten minutes later the next one comes, and the SDK keeps the newest"""
    before = story.component.component_verify_ticket
    story.sim.order("PATCH", f"/_sim/platforms/{PLATFORM}", {"pushTickets": True})
    story.sim.advance(600)
    check_ticket(story, next_of(story.reception.notices))
    story.sim.order("PATCH", f"/_sim/platforms/{PLATFORM}", {"pushTickets": False})
    holds("a new value", story.component.component_verify_ticket != before)
    with story.sim.counted(pushes={"push:ticket": (1, 1)}):
        ordered = story.sim.order("POST", f"/_sim/platforms/{PLATFORM}/ticket")
        check_ticket(story, next_of(story.reception.notices))
    is_("the ticket that is kept", story.component.component_verify_ticket, ordered["ticket"])
    is_("how the push was answered", ordered["push"], {"acknowledged": True, "status": 200, "answer": "success"})


def component_token(story):
    """a ticket and the secret make a component token, which is asked for once"""
    with story.sim.counted("component/api_component_token"):
        answer = story.component.fetch_access_token()
        is_("the fields of the answer", sorted(answer), ["component_access_token", "expires_in"])
        is_("its life", answer["expires_in"], 7200)
        is_("what the SDK keeps", story.component.access_token, answer["component_access_token"])
        is_("and keeps", story.component.access_token, answer["component_access_token"])


def component_token_refused(story):
    """a wrong secret, an unknown platform, an invented and an expired ticket are told apart"""
    with story.sim.counted(
        "component/api_component_token 40125",
        "component/api_component_token 40013",
        "component/api_component_token 61006",
    ):
        refused(40125, story.another_component(secret="not-the-secret").fetch_access_token)
        refused(40013, story.another_component(appid="wx00000000000000cc").fetch_access_token)
        stranger = story.another_component()
        stranger.session.set("component_verify_ticket", "ticket@@@invented")
        refused(61006, stranger.fetch_access_token)
    late = story.another_component()
    story.sim.advance(12 * 3600)
    with story.sim.counted("component/api_component_token 61005"):
        refused(61005, late.fetch_access_token)
    story.sim.order("POST", f"/_sim/platforms/{PLATFORM}/ticket")
    next_of(story.reception.notices)


def component_token_expired(story):
    """a component token that has expired is replaced by the SDK, which then calls again"""
    with story.sim.counted(
        "component/api_create_preauthcode 42001", "component/api_component_token", "component/api_create_preauthcode"
    ):
        answer = story.component.create_preauthcode()
    is_("the fields of the answer", sorted(answer), ["expires_in", "pre_auth_code"])
    is_("its life", answer["expires_in"], 600)


def check_ticket(story, message):
    is_("what the SDK takes it for", type(message), ComponentVerifyTicketMessage)
    is_("its platform", message.appid, PLATFORM)
    is_("what is kept", story.component.component_verify_ticket, message.verify_ticket)
    tickets = story.sim.state()["credentials"]["tickets"]
    holds("the simulator knows it", message.verify_ticket in [one["value"] for one in tickets])
    # Times of the control API may have more digits than older Pythons read.
    now = story.sim.order("GET", "/_sim/clock")["now"].rstrip("Z").partition(".")[0]
    age = datetime.datetime.fromisoformat(now + "+00:00").timestamp() - message.create_time.timestamp()
    holds("it was made just now, by the simulator's clock", -1 <= age < 60)


STEPS = [first_ticket, ticket_every_ten_minutes, component_token, component_token_refused, component_token_expired]
