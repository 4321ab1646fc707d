//! A request that has not been sent: which endpoint, about which account, with what body.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use super::endpoint::{self, Endpoint};
use super::id::Appid;

/// One request, not yet sent and without its token.
///
/// Ordered and comparable so that equal reads are made once per pass.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    /// Where it goes.
    pub endpoint: &'static Endpoint,
    /// The account it is about. For a component endpoint the authorizer named in the body, or the platform itself.
    pub subject: Appid,
    /// The JSON body as text, `{}` at least. A component endpoint's `component_appid` is added by the client.
    body: String,
}

impl Call {
    /// A call with a JSON body.
    #[must_use]
    pub fn new(endpoint: &'static Endpoint, subject: Appid, body: &Value) -> Self {
        Self {
            endpoint,
            subject,
            body: body.to_string(),
        }
    }

    /// A call without arguments (its body is `{}`, since WeChat refuses an empty one with 44002).
    #[must_use]
    pub fn bare(endpoint: &'static Endpoint, subject: Appid) -> Self {
        Self {
            endpoint,
            subject,
            body: "{}".to_owned(),
        }
    }

    /// The body as raw UTF-8 JSON, no `\u` escapes.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}

#[derive(Serialize, Deserialize)]
struct Written {
    endpoint: String,
    subject: Appid,
    body: String,
}

impl Serialize for Call {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written {
            endpoint: self.endpoint.name.to_owned(),
            subject: self.subject.clone(),
            body: self.body.clone(),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Call {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        let endpoint = endpoint::by_name(&written.endpoint).ok_or_else(|| {
            serde::de::Error::custom(format!("unknown endpoint `{}`", written.endpoint))
        })?;
        Ok(Self {
            endpoint,
            subject: written.subject,
            body: written.body,
        })
    }
}
