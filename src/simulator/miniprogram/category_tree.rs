//! All categories (服务类目) a mini-program can have, and which papers each needs. A state may bring a list of its own.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::simulator::keyed::Keyed;

/// A category of the first, second or third level.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AppCategory {
    /// Its id.
    pub id: u64,
    /// `教育`
    pub name: String,
    /// The one above it; 0: it is of the first level. Those of the third are for reviews of code only.
    #[serde(default)]
    pub father: u64,
    /// Papers (资质): one of these lists, the whole of it. None: anybody may have it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<Vec<String>>,
    /// The `principalType`s that may have it; none: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub principal_types: Vec<i64>,
    /// Only for who has passed the ICP check.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub icp: bool,
    /// Cannot be deleted once it is set (社交红包).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub permanent: bool,
    /// Users write in it (社交): who hands code in for the first time says what they write (85094).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub social: bool,
    /// WeChat has given it up: no code is handed in for it (85077).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub withdrawn: bool,
}

impl Keyed for AppCategory {
    type Key = u64;
    fn key(&self) -> u64 {
        self.id
    }
    fn name(&self) -> impl Display {
        self.id
    }
}

impl AppCategory {
    pub(super) fn is_for(&self, principal_type: i64) -> bool {
        self.principal_types.is_empty() || self.principal_types.contains(&principal_type)
    }
}

/// By id.
pub(super) type Tree = BTreeMap<u64, AppCategory>;

/// Who is no person.
const ORGANISATIONS: &[i64] = &[1, 2, 3, 4];

/// Id, name, the one above, papers.
type Row = (u64, &'static str, u64, &'static [&'static [&'static str]]);

/// A few of each sort.
const ROWS: &[Row] = &[
    (1, "快递业与邮政", 0, &[]),
    (2, "快递、物流", 1, &[&["《快递业务经营许可证》"]]),
    (8, "教育", 0, &[]),
    (
        39,
        "出国移民",
        8,
        &[
            &["《自费出国留学中介服务机构资格认定书》"],
            &["《营业执照》", "《因私出入境中介机构经营许可证》"],
        ],
    ),
    (590, "素质教育", 8, &[]),
    (591, "学历教育", 8, &[&["《民办学校办学许可证》"]]),
    (5911, "高等", 591, &[]),
    (5912, "中等", 591, &[]),
    (150, "生活服务", 0, &[]),
    (662, "丽人", 150, &[]),
    (287, "工具", 0, &[]),
    (301, "备忘录", 287, &[]),
    (304, "信息查询", 287, &[]),
    (402, "商业服务", 0, &[]),
    (920, "律师", 402, &[&["《律师执业资格证》"]]),
    (700, "社交", 0, &[]),
    (701, "社交红包", 700, &[]),
    (702, "社区/论坛", 700, &[]),
];

/// Those of a state that has none of its own.
pub(super) static BUILT_IN: LazyLock<Tree> = LazyLock::new(|| {
    ROWS.iter()
        .map(|(id, name, father, documents)| {
            let of_organisations = matches!(id, 2 | 39 | 590 | 591 | 702);
            let texts = |list: &&[&str]| list.iter().map(|text| (*text).to_owned()).collect();
            let category = AppCategory {
                id: *id,
                name: (*name).to_owned(),
                father: *father,
                documents: documents.iter().map(texts).collect(),
                principal_types: if of_organisations {
                    ORGANISATIONS.to_vec()
                } else {
                    Vec::new()
                },
                icp: *id == 702,
                permanent: *id == 701,
                social: *id == 700,
                withdrawn: false,
            };
            (*id, category)
        })
        .collect()
});
