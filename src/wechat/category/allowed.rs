//! The tree of categories that an account may have, as one flat list with numbers for branches.

use serde::Deserialize;
#[cfg(test)]
use serde::Serialize;

use super::CategoryId;
use crate::wechat::template::plain_label;
use crate::wechat::tolerant;

/// The answer of [`ALLOWED`](super::ALLOWED).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Allowed {
    /// The tree.
    #[serde(deserialize_with = "tolerant::object")]
    pub categories_list: Nodes,
}

/// All nodes of the tree, in no promised order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Nodes {
    /// The list.
    #[serde(deserialize_with = "tolerant::list")]
    pub categories: Vec<Node>,
}

/// One node: the root, a first or a second level.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Node {
    /// Its number; 0 is the root.
    #[serde(deserialize_with = "tolerant::int")]
    pub id: i64,
    /// Its name; the root has none.
    #[serde(default, deserialize_with = "tolerant::given_text")]
    pub name: Option<String>,
    /// 1 or 2; the root has none.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub level: Option<i64>,
    /// What it is under; the root has none.
    #[serde(default, deserialize_with = "tolerant::given_int")]
    pub father: Option<i64>,
    /// What is under it. Some have no nodes of their own in the list.
    #[serde(default, deserialize_with = "tolerant::ints")]
    pub children: Vec<i64>,
    /// `sensitive_type`: whether it needs documents; see [`Node::needs_documents`].
    #[serde(default, deserialize_with = "tolerant::given_bool")]
    sensitive_type: Option<bool>,
    /// Which documents.
    #[serde(default, deserialize_with = "tolerant::given_object")]
    pub qualify: Option<Qualification>,
    /// Whether it is not offered any more; missing from most.
    #[serde(default, deserialize_with = "tolerant::maybe_bool")]
    pub is_hidden: Option<bool>,
}

/// Which documents a category needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Qualification {
    /// One of these is enough.
    #[serde(deserialize_with = "tolerant::list")]
    pub exter_list: Vec<Documents>,
    /// What WeChat says of it, for a person.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub remark: Option<String>,
}

/// Documents that are needed together.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Documents {
    /// Each of these is needed.
    #[serde(deserialize_with = "tolerant::list")]
    pub inner_list: Vec<Document>,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[cfg_attr(test, derive(Serialize))]
pub struct Document {
    /// Its name, which is the key of its [`Certificate`](super::Certificate): `《律师执业资格证》`.
    #[serde(deserialize_with = "tolerant::string")]
    pub name: String,
    /// An example; mostly empty.
    #[serde(default, deserialize_with = "tolerant::maybe_text")]
    pub url: Option<String>,
}

impl Allowed {
    /// A category's second level, if the account may have it.
    #[must_use]
    pub fn find(&self, id: CategoryId) -> Option<&Node> {
        self.seconds()
            .find(|(first, second)| first.id == id.first && second.id == id.second)
            .map(|(_, second)| second)
    }

    /// The category of two names, by what of them counts. `None` where there is none, or more than one.
    #[must_use]
    pub fn named(&self, first: &str, second: &str) -> Option<CategoryId> {
        let names = [Some(plain_label(first)), Some(plain_label(second))];
        let mut found = self.seconds().filter(|(first, second)| {
            [first, second].map(|node| node.name.as_deref().map(plain_label)) == names
        });
        let (first, second) = found.next()?;
        found.next().is_none().then_some(CategoryId {
            first: first.id,
            second: second.id,
        })
    }

    /// Every second level with its first.
    fn seconds(&self) -> impl Iterator<Item = (&Node, &Node)> {
        let nodes = &self.categories_list.categories;
        let firsts = nodes.iter().filter(|node| node.level == Some(1));
        firsts.flat_map(move |first| {
            let under = move |node: &&Node| node.level == Some(2) && node.father == Some(first.id);
            nodes.iter().filter(under).map(move |node| (first, node))
        })
    }
}

impl Node {
    /// Whether it needs documents; `None` where the answer does not say.
    #[must_use]
    pub fn needs_documents(&self) -> Option<bool> {
        self.sensitive_type
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn node(id: i64, name: &str, level: i64, father: i64) -> Value {
        json!({"id": id, "name": name, "level": level, "father": father, "children": [],
            "sensitive_type": 1, "qualify": {"exter_list": [{"inner_list": [{"name": "《证》", "url": ""}]}]}})
    }

    fn allowed(nodes: Value) -> Result<Allowed, serde_json::Error> {
        serde_json::from_value(json!({"errcode": 0, "categories_list": {"categories": nodes}}))
    }

    #[test]
    fn names_become_numbers_and_two_of_one_name_become_none() {
        let root =
            json!({"id": 0, "children": [8, 9], "qualify": {"exter_list": [], "remark": ""}});
        let tree = allowed(json!([
            root,
            node(39, "出国移民", 2, 8),
            node(8, "教育", 1, 0),
            node(9, "体育", 1, 0),
            node(40, "培训", 2, 9),
            node(41, "培训", 2, 9),
        ]))
        .unwrap();
        let id = CategoryId {
            first: 8,
            second: 39,
        };
        assert_eq!(tree.named("教育", " 出国移民"), Some(id));
        assert_eq!(tree.find(id).unwrap().needs_documents(), Some(true));
        for (first, second) in [("体育", "出国移民"), ("出国移民", "教育"), ("体育", "培训")]
        {
            assert_eq!(tree.named(first, second), None, "{first}/{second}");
        }
        let other = CategoryId { first: 9, ..id };
        assert!(tree.find(other).is_none());
    }

    #[test]
    fn a_tree_that_is_not_told_whole_is_unreadable() {
        for odd in [
            json!(null),
            json!([{"name": "教育"}]),
            json!([{"id": 1, "level": null}]),
            json!([{"id": 1, "sensitive_type": null}]),
            json!([{"id": 1, "children": [null]}]),
            json!([{"id": 1, "children": null}]),
            json!([{"id": 1, "qualify": {"exter_list": null}}]),
            json!([{"id": 1, "qualify": {"exter_list": [{}]}}]),
        ] {
            assert!(allowed(odd.clone()).is_err(), "{odd}");
        }
        assert!(serde_json::from_value::<Allowed>(json!({"errcode": 0})).is_err());
    }
}
