//! The table of the APIs about a platform's code templates.

use super::library;
use crate::simulator::endpoint::{Endpoint, Token, get, post};

/// Its APIs, whose pages call the token `access_token`.
pub(in crate::simulator) static ENDPOINTS: &[Endpoint] = &[
    get(
        "/wxa/gettemplatedraftlist",
        Token::Component,
        library::drafts,
    )
    .access_token_name()
    .reads(),
    post("/wxa/addtotemplate", Token::Component, library::add)
        .access_token_name()
        .absent(85064),
    get("/wxa/gettemplatelist", Token::Component, library::list)
        .access_token_name()
        .reads(),
    post("/wxa/deletetemplate", Token::Component, library::delete)
        .access_token_name()
        .absent(85064),
];
