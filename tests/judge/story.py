"""What the steps share: the simulator, the SDK's objects, and how an SDK says that WeChat refused."""

from wechatpy import WeChatClientException
from wechatpy.client import WeChatClient, WeChatComponentClient
from wechatpy.client.api import WeChatWxa
from wechatpy.component import WeChatComponent

from reception import Reception
from simulator import is_

PLATFORM = "wx00000000000000aa"
SECRET = "platform-secret"
TOKEN = "platform-token"
KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
DANCE = "wx1111111111111111"
YOGA = "wx2222222222222222"
MINI = "wx3333333333333333"
UNVERIFIED = "wx4444444444444444"


def point_sdk_at(api):
    """All that is changed in the SDK: where WeChat is. It takes no address, so its classes are told."""
    WeChatComponent.API_BASE_URL = f"{api}/cgi-bin"
    WeChatComponent.PRE_AUTH_URL = f"{api}/cgi-bin/componentloginpage"
    WeChatClient.API_BASE_URL = f"{api}/cgi-bin/"
    WeChatWxa.API_BASE_URL = f"{api}/"


class Story:
    """One platform, from its first ticket on; the steps follow one another."""

    def __init__(self, simulator):
        self.sim = simulator
        self.component = WeChatComponent(PLATFORM, SECRET, TOKEN, KEY)
        self.reception = Reception(self.component, TOKEN)
        # What one step leaves for later ones.
        self.kept = {}

    def another_component(self, appid=PLATFORM, secret=SECRET):
        """The platform as somebody sees it who knows its tickets and has the rest wrong."""
        other = WeChatComponent(appid, secret, TOKEN, KEY)
        other.session.set("component_verify_ticket", self.component.component_verify_ticket)
        return other

    def client(self, appid):
        """The SDK acting for an account, with the tokens the component keeps."""
        return self.component.get_client_by_appid(appid)

    def stored(self, appid, kind):
        """A token of an account, as the SDK keeps it."""
        return self.component.session.get(f"{appid}_{kind}_token")

    def client_without_second_tries(self, appid):
        """The SDK renews what was refused and calls again; without that one sees the refusal itself."""
        client = WeChatComponentClient(appid, self.component, session=self.component.session)
        client.auto_retry = False
        return client


def refused(code, call, *arguments):
    """The SDK must say that WeChat refused with this code."""
    try:
        answer = call(*arguments)
    except WeChatClientException as error:
        is_("what the SDK was refused with", error.errcode, code)
        is_("the request id at the end of errmsg", len(error.errmsg.rpartition(" rid: ")[2].split("-")), 3)
        return error
    raise AssertionError(f"not refused with {code}: {answer!r}")
