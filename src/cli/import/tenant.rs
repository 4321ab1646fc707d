//! From an exported account to the tenant that is written: what its operator decided, and the lines for people.

use crate::manifest::LoadedPlatform;
use crate::manifest::mapping::Mapped;
use crate::manifest::write::NewTenant;
use crate::plan::{Lang, Text};
use crate::resource::export::Exported;
use crate::resource::spec::{AccountKind, Mode, NameRef};

/// What all tenants of one import have in common.
pub(super) struct Writer<'a> {
    pub(super) platform: &'a LoadedPlatform,
    pub(super) mode: Mode,
    pub(super) lang: Lang,
    pub(super) date: jiff::civil::Date,
}

/// How the line with the date begins: the only line that differs when nothing but the day does.
pub(super) const DATED: [&str; 2] = ["# imported ", "# 导入于 "];

impl Writer<'_> {
    /// The tenant of an account.
    pub(super) fn tenant(
        &self,
        name: String,
        exported: &Exported,
        mapped: Option<&Mapped>,
    ) -> NewTenant {
        let mut spec = exported.spec.clone();
        spec.platform_ref = Some(NameRef {
            name: self.platform.name.clone(),
        });
        spec.policy.mode = self.mode;
        spec.values = mapped
            .map(|mapped| mapped.values.clone())
            .unwrap_or_default();
        NewTenant {
            name,
            namespace: self.platform.namespace.clone(),
            labels: mapped
                .map(|mapped| mapped.labels.clone())
                .unwrap_or_default(),
            spec,
            comment: self.comment(exported),
        }
    }

    /// The lines above the class.
    pub(super) fn class(&self, tenants: usize) -> Vec<String> {
        vec![
            self.say(&Text::new(
                format!("{tenants} 个导入租户的共同部分"),
                format!("what {tenants} imported tenants share"),
            )),
            self.dated(),
        ]
    }

    fn say(&self, text: &Text) -> String {
        text.in_lang(self.lang).to_owned()
    }

    fn dated(&self) -> String {
        let date = self.date;
        self.say(&Text::new(
            format!("导入于 {date}"),
            format!("imported {date}"),
        ))
    }

    fn comment(&self, exported: &Exported) -> Vec<String> {
        let kind = self.say(&kind(exported.kind));
        let who = [
            exported.nick_name.as_str(),
            kind.as_str(),
            exported.account.as_str(),
            exported.principal.as_str(),
        ];
        let who: Vec<&str> = who.into_iter().filter(|text| !text.is_empty()).collect();
        let mut lines = vec![who.join(" · "), self.dated()];
        lines.extend(exported.left_out.iter().map(|left| {
            let (resource, why) = (left.resource, self.say(&left.why));
            self.say(&Text::new(
                format!("未导入(不受管理):{resource}:{why}"),
                format!("left out (unmanaged): {resource}: {why}"),
            ))
        }));
        lines
    }
}

/// The kind in words.
pub(super) fn kind(kind: AccountKind) -> Text {
    match kind {
        AccountKind::Service => Text::new("服务号", "service account"),
        AccountKind::Subscription => Text::new("订阅号", "subscription account"),
    }
}
