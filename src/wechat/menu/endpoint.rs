//! The calls about custom menus.

use crate::wechat::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};

/// `createCustomMenu`: replaces the whole default menu.
pub static CREATE: Endpoint = Endpoint {
    name: "menu/create",
    path: "/cgi-bin/menu/create",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[15],
    quotas: &[Quota {
        limit: 1_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Account,
    }],
};

/// `getMenu`: the menu made through the API; 46003 where there is none.
pub static GET: Endpoint = Endpoint {
    name: "menu/get",
    path: "/cgi-bin/menu/get",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[15],
    quotas: &[Quota {
        limit: 10_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Account,
    }],
};

/// `deleteMenu`: deletes the default and all conditional menus.
pub static DELETE: Endpoint = Endpoint {
    name: "menu/delete",
    path: "/cgi-bin/menu/delete",
    method: Method::Get,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[15],
    quotas: &[Quota {
        limit: 1_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Account,
    }],
};

/// `getCurrentSelfmenuInfo`: the menu in force, whichever way it was set.
pub static CURRENT_SELFMENU_INFO: Endpoint = Endpoint {
    name: "get_current_selfmenu_info",
    path: "/cgi-bin/get_current_selfmenu_info",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[1, 3, 15],
    quotas: &[],
};

/// `addConditionalMenu`: adds one menu for some of the followers. There is no update: it is added anew, the old one
/// deleted.
pub static ADDCONDITIONAL: Endpoint = Endpoint {
    name: "menu/addconditional",
    path: "/cgi-bin/menu/addconditional",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[15],
    quotas: &[Quota {
        limit: 2_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Account,
    }],
};

/// `deleteConditionalMenu`: deletes one by its id; 65301 where there is none.
pub static DELCONDITIONAL: Endpoint = Endpoint {
    name: "menu/delconditional",
    path: "/cgi-bin/menu/delconditional",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[15],
    quotas: &[Quota {
        limit: 2_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Account,
    }],
};

/// `tryMatchMenu`: the menu one follower sees.
pub static TRYMATCH: Endpoint = Endpoint {
    name: "menu/trymatch",
    path: "/cgi-bin/menu/trymatch",
    method: Method::Post,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[15],
    quotas: &[Quota {
        limit: 20_000,
        period: Period::Day,
        scarce: false,
        payer: Payer::Account,
    }],
};
