//! The endpoints of categories.

use crate::wechat::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};

/// `getAllCategories`: every category that the account may have.
pub static ALLOWED: Endpoint = Endpoint {
    name: "wxopen/getallcategories",
    path: "/cgi-bin/wxopen/getallcategories",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// `getSettingCategories`: those that it has, with what may still be added.
pub static OWN: Endpoint = Endpoint {
    name: "wxopen/getcategory",
    path: "/cgi-bin/wxopen/getcategory",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// `addCategory`: those that need documents are reviewed. The number of additions that are left is read, this one is
/// of a sample; that it counts by the month is what 53300 says.
pub static ADD: Endpoint = Endpoint {
    name: "wxopen/addcategory",
    path: "/cgi-bin/wxopen/addcategory",
    method: Method::Post,
    class: CallClass::NaturalKey,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[Quota {
        limit: 5,
        period: Period::Month,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// `deleteCategory`: refused while the category is under review (53308).
pub static DELETE: Endpoint = Endpoint {
    name: "wxopen/deletecategory",
    path: "/cgi-bin/wxopen/deletecategory",
    method: Method::Post,
    class: CallClass::Put,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// `modifyCategory`: other documents for a category that was rejected (53306, 53307 otherwise). Each time is a review
/// of WeChat's, so no document is handed in twice.
pub static MODIFY: Endpoint = Endpoint {
    name: "wxopen/modifycategory",
    path: "/cgi-bin/wxopen/modifycategory",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[30],
    quotas: &[],
};

/// `getCategory`: the names that code may be submitted for review under.
pub static REVIEWABLE: Endpoint = Endpoint {
    name: "get_category",
    path: "/wxa/get_category",
    method: Method::Get,
    class: CallClass::Read,
    token: TokenKind::Authorizer,
    sets: &[18],
    quotas: &[],
};
