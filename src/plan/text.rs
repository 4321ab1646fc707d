//! Words for people, always in both languages: a text that lacks one cannot be built.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A sentence in Chinese and in English.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// The language a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    #[default]
    En,
}

impl Lang {
    /// What stands between a name and what is said of it.
    #[must_use]
    pub fn colon(self) -> &'static str {
        match self {
            Self::Zh => "：",
            Self::En => ": ",
        }
    }

    /// What stands between the parts of a list.
    #[must_use]
    pub fn comma(self) -> &'static str {
        match self {
            Self::Zh => "，",
            Self::En => ", ",
        }
    }

    /// What stands between the names of a list in a sentence.
    #[must_use]
    pub fn names_comma(self) -> &'static str {
        match self {
            Self::Zh => "、",
            Self::En => ", ",
        }
    }

    /// Something said by the way, behind what it is about.
    #[must_use]
    pub fn aside(self, said: impl fmt::Display) -> String {
        match self {
            Self::Zh => format!("（{said}）"),
            Self::En => format!(" ({said})"),
        }
    }
}

impl Text {
    /// A sentence in both languages.
    #[must_use]
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self {
            zh: zh.into(),
            en: en.into(),
        }
    }

    /// Names in a sentence, as each language strings them together.
    #[must_use]
    pub fn list<T: fmt::Display>(names: impl IntoIterator<Item = T>) -> Self {
        let names: Vec<String> = names.into_iter().map(|name| name.to_string()).collect();
        let joined = |lang: Lang| names.join(lang.names_comma());
        Self::new(joined(Lang::Zh), joined(Lang::En))
    }

    /// The first `most` names in a sentence, and how many there are in all.
    #[must_use]
    pub fn list_of<T: fmt::Display>(names: impl IntoIterator<Item = T>, most: usize) -> Self {
        let names: Vec<T> = names.into_iter().collect();
        let all = names.len();
        let Self { zh, en } = Self::list(names.into_iter().take(most));
        if all > most {
            Self::new(format!("{zh} 等 {all} 个"), format!("{en}, … ({all})"))
        } else {
            Self::new(zh, en)
        }
    }

    /// The sentence in one language.
    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> &str {
        match lang {
            Lang::Zh => &self.zh,
            Lang::En => &self.en,
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

/// A word of a command as a shell takes it for one: quoted where it has a blank or a character that a shell acts on.
#[must_use]
pub fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@=,".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_language_has_its_own_lists() {
        let names = ["a.example.com", "b.example.com", "c.example.com"];
        assert_eq!(
            Text::list(names),
            Text::new(
                "a.example.com、b.example.com、c.example.com",
                "a.example.com, b.example.com, c.example.com"
            )
        );
        assert_eq!(
            Text::list_of(names, 2),
            Text::new(
                "a.example.com、b.example.com 等 3 个",
                "a.example.com, b.example.com, … (3)"
            )
        );
        assert_eq!(Text::list_of(names, 3), Text::list(names));
    }

    #[test]
    fn what_a_shell_would_act_on_is_quoted() {
        assert_eq!(shell_word("tags/create+会员/wx1"), "tags/create+会员/wx1");
        assert_eq!(shell_word("a b; rm -rf"), "'a b; rm -rf'");
        assert_eq!(shell_word("it's $(x)"), r"'it'\''s $(x)'");
        assert_eq!(shell_word(""), "''");
    }
}
