//! Message templates written by hand: filled from the library, checked, and what the owner's changes bring along.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::account::Account;
use super::industry;
use super::message_template::{LibraryTemplate, PrivateTemplate};

impl Account {
    /// The next template id: the same in every run, for the same account and the same number of templates before.
    pub(super) fn next_template_id(&mut self) -> String {
        let number = self.templates_added;
        self.templates_added = number.wrapping_add(1);
        let digest = Sha256::digest(format!("{} {number}", self.app_id));
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// The id of the template that WeChat gives every account.
    pub(super) fn built_in_template_id(&self) -> String {
        let digest = Sha256::digest(format!("{} built in", self.app_id));
        URL_SAFE_NO_PAD.encode(digest)
    }

    /// Fills from the library what was left out, gives out ids, and tells what makes no sense.
    pub(super) fn settle_templates(
        &mut self,
        library: &BTreeMap<String, LibraryTemplate>,
    ) -> Result<(), String> {
        let id = self.app_id.clone();
        let industries = self
            .industry
            .iter()
            .flat_map(|industry| [industry.primary, industry.secondary])
            .chain(
                self.templates
                    .iter()
                    .filter_map(|template| template.industry),
            );
        check_industries(industries).map_err(|why| format!("account `{id}`: {why}"))?;
        let mut templates = std::mem::take(&mut self.templates);
        for template in &mut templates {
            fill(template, library).map_err(|why| format!("account `{id}`: {why}"))?;
            if template.template_id.is_empty() {
                template.template_id = self.next_template_id();
            }
        }
        let mut seen = BTreeSet::new();
        for template in &templates {
            if !seen.insert(&template.template_id) {
                let twice = &template.template_id;
                return Err(format!(
                    "account `{id}`: template `{twice}` is listed twice"
                ));
            }
        }
        self.templates = templates;
        Ok(())
    }

    /// What a change by the owner's hand brings along: the templates of an industry or a service category that is
    /// given up are gone, unless the change says which templates there are; and the month's change of industry is
    /// used up.
    pub(super) fn follow_owner(&mut self, before: &Self, change: &Value, month: &str) {
        let pair = |account: &Self| {
            let industry = account.industry.as_ref()?;
            Some((industry.primary, industry.secondary))
        };
        let says = |pointer| change.pointer(pointer).is_some();
        if pair(self) != pair(before)
            && !says("/industry/changedIn")
            && let Some(industry) = &mut self.industry
        {
            industry.changed_in = Some(month.to_owned());
        }
        if says("/templates") {
            return;
        }
        if says("/industry") {
            let industry = self.industry.clone();
            self.templates.retain(|template| {
                template.industry.is_none_or(|code| {
                    industry
                        .as_ref()
                        .is_some_and(|industry| industry.covers(code))
                })
            });
        }
        if says("/categories") {
            let kept: BTreeSet<u64> = self.categories.iter().map(|one| one.id).collect();
            self.templates
                .retain(|template| template.category.is_none_or(|id| kept.contains(&id)));
        }
    }
}

fn fill(
    template: &mut PrivateTemplate,
    library: &BTreeMap<String, LibraryTemplate>,
) -> Result<(), String> {
    if !template.title.is_empty() && !template.content.is_empty() {
        return Ok(());
    }
    let Some(short_id) = &template.short_id else {
        return Err("a template needs `shortId`, or `title` and `content`".to_owned());
    };
    let Some(found) = library.get(short_id) else {
        return Err(format!("there is no template `{short_id}` in the library"));
    };
    let chosen = found.chosen(&template.keywords).map_err(|_| {
        format!("template `{short_id}` has other keywords; one or more have to be chosen")
    })?;
    let template_id = std::mem::take(&mut template.template_id);
    *template = PrivateTemplate {
        template_id,
        ..chosen
    };
    Ok(())
}

/// What is wrong with a template of the library.
pub(super) fn library_problem(template: &LibraryTemplate) -> Option<String> {
    let id = &template.short_id;
    let goes_by = match (
        template.is_of_a_category(),
        template.industry,
        template.category,
    ) {
        (true, None, Some(_)) | (false, Some(_), None) => None,
        (true, _, _) => Some("goes by a `category`"),
        (false, _, _) => Some("goes by an `industry`"),
    };
    if let Some(goes_by) = goes_by {
        return Some(format!("message template `{id}` {goes_by}"));
    }
    check_industries(template.industry.into_iter())
        .err()
        .map(|why| format!("message template `{id}`: {why}"))
}

fn check_industries(mut codes: impl Iterator<Item = u32>) -> Result<(), String> {
    match codes.find(|code| industry::names(*code).is_none()) {
        Some(code) => Err(format!("there is no industry {code}")),
        None => Ok(()),
    }
}
