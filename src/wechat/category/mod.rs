//! A mini-program's service categories (服务类目): which may be had, which it has, which it may submit code under.
//!
//! A category is two numbers, of the first and the second level. Only accounts that were registered through the API
//! may have theirs changed, or even asked for (41033 on all but `get_category`).
//! WeChat's pages: developers.weixin.qq.com, `category-management`: `api_getallcategories`, `api_getsettingcategories`,
//! `api_addcategory`, `api_deletecategory`, `api_modifycategory`; `api_getcategory` (名称).

mod allowed;
mod certificate;
mod endpoint;
mod own;

pub use allowed::{Allowed, Document, Documents, Node, Nodes, Qualification};
pub use certificate::{Certificate, Validity, concerned, sent_certificates};
pub use endpoint::{ADD, ALLOWED, DELETE, MODIFY, OWN, REVIEWABLE};
pub use own::{
    NewCategory, OwnCategories, OwnCategory, Reviewable, ReviewableCategory, add_request,
    allowed_request, delete_request, modify_request, own_request, reviewable_request,
};

/// A category: its first and its second level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CategoryId {
    /// The first level.
    pub first: i64,
    /// The second level.
    pub second: i64,
}
