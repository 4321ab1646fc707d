//! Message templates (模板消息) as WeChat keeps them: the library everybody chooses from, and what one account has.
//!
//! Plain data, the state file's shape. Not to be mixed up with the code templates of a platform.

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::keyed::Keyed;

/// A template of WeChat's library (模板库).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LibraryTemplate {
    /// `TM…` and `OPENTM…` belong to an industry, digits to a service category (类目模板).
    pub short_id: String,
    /// Its title.
    pub title: String,
    /// The code of its industry, 1 to 41.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<u32>,
    /// The id of its service category.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<u64>,
    /// Its lines, or those one can choose from.
    #[serde(default)]
    pub keywords: Vec<Keyword>,
    /// The whole content as it is, where it is more than one line a keyword.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The whole example; absent: one line a keyword.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<String>,
}

/// One line of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Keyword {
    /// The label; the first and last lines of old templates have none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// What data calls it: `thing1`.
    pub field: String,
    /// What it may say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub example: String,
}

/// The pair of industries (所属行业) of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Industry {
    /// 主行业
    pub primary: u32,
    /// 副行业
    pub secondary: u32,
    /// The month of the last change, `2026-11`; another one waits for the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed_in: Option<String>,
}

impl Industry {
    /// Whether a template of this industry may be had.
    pub(super) fn covers(&self, code: u32) -> bool {
        [self.primary, self.secondary].contains(&code)
    }
}

/// A service category (服务类目) of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Category {
    /// Its id.
    pub id: u64,
    /// `教育/素质教育`
    pub name: String,
}

/// A template an account has (我的模板).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PrivateTemplate {
    /// What messages are sent with; given out by the simulator when left out.
    #[serde(default)]
    pub template_id: String,
    /// The library's template it was chosen from. WeChat never tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_id: Option<String>,
    /// The keywords that were chosen, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    /// The title; from the library when left out.
    #[serde(default)]
    pub title: String,
    /// The content; from the library when left out.
    #[serde(default)]
    pub content: String,
    /// The example; from the library when left out.
    #[serde(default)]
    pub example: String,
    /// The industry it goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<u32>,
    /// The service category it goes with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<u64>,
}

/// The keywords asked for are not the template's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongKeywords;

impl LibraryTemplate {
    /// A 类目模板, chosen with keywords.
    pub(super) fn is_of_a_category(&self) -> bool {
        self.short_id.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The template an account gets that chooses this one. Keywords count for a 类目模板 only: each must be the
    /// template's own, and their order is the order of the lines.
    pub(super) fn chosen(&self, keywords: &[String]) -> Result<PrivateTemplate, WrongKeywords> {
        let lines: Vec<&Keyword> = if self.is_of_a_category() {
            self.lines(keywords)?
        } else {
            self.keywords.iter().collect()
        };
        let content = self.content.clone();
        let example = self.example.clone();
        Ok(PrivateTemplate {
            template_id: String::new(),
            short_id: Some(self.short_id.clone()),
            keywords: if self.is_of_a_category() {
                keywords.to_vec()
            } else {
                Vec::new()
            },
            title: self.title.clone(),
            content: content.unwrap_or_else(|| {
                joined(&lines, |line| format!("{{{{{}.DATA}}}}", line.field), ":")
            }),
            example: example.unwrap_or_else(|| joined(&lines, |line| line.example.clone(), "：")),
            industry: self.industry,
            category: self.category,
        })
    }

    fn lines(&self, keywords: &[String]) -> Result<Vec<&Keyword>, WrongKeywords> {
        let mut lines: Vec<&Keyword> = Vec::new();
        for name in keywords {
            let line = self.keywords.iter().find(|line| line.name == *name);
            match line {
                Some(line) if !lines.contains(&line) => lines.push(line),
                Some(_) | None => return Err(WrongKeywords),
            }
        }
        if lines.is_empty() {
            return Err(WrongKeywords);
        }
        Ok(lines)
    }
}

/// One line a keyword; those without a label stand alone.
fn joined(lines: &[&Keyword], value: impl Fn(&Keyword) -> String, colon: &str) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| match line.name.as_str() {
            "" => value(line),
            name => format!("{name}{colon}{}", value(line)),
        })
        .collect();
    lines.join("\n")
}

impl Keyed for LibraryTemplate {
    type Key = String;
    fn key(&self) -> String {
        self.short_id.clone()
    }
    fn name(&self) -> impl Display {
        &self.short_id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyword(name: &str, field: &str, example: &str) -> Keyword {
        Keyword {
            name: name.to_owned(),
            field: field.to_owned(),
            example: example.to_owned(),
        }
    }

    fn template(short_id: &str) -> LibraryTemplate {
        LibraryTemplate {
            short_id: short_id.to_owned(),
            title: "上课提醒".to_owned(),
            keywords: vec![
                keyword("", "first", "您好"),
                keyword("课程", "thing1", "钢琴"),
                keyword("时间", "time2", "14:00"),
            ],
            ..LibraryTemplate::default()
        }
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_old_template_has_all_its_lines() {
        let chosen = template("TM1").chosen(&names(&["时间"])).unwrap();
        assert_eq!(
            chosen.content,
            "{{first.DATA}}\n课程:{{thing1.DATA}}\n时间:{{time2.DATA}}"
        );
        assert_eq!(chosen.example, "您好\n课程：钢琴\n时间：14:00");
        assert!(chosen.keywords.is_empty());
    }

    #[test]
    fn a_category_template_has_the_lines_that_were_asked_for() {
        let chosen = template("1").chosen(&names(&["时间", "课程"])).unwrap();
        assert_eq!(chosen.content, "时间:{{time2.DATA}}\n课程:{{thing1.DATA}}");
        for wrong in [&[][..], &["地点"], &["时间", "时间"]] {
            let wrong = template("1").chosen(&names(wrong));
            assert_eq!(wrong, Err(WrongKeywords));
        }
    }
}
