//! Which menu one follower sees, by WeChat's own word.

use serde_json::Value;

use super::state::{MenuState, normal};
use super::write::as_spec;
use crate::plan::Why;
use crate::resource::payload;
use crate::wechat::Answer;
use crate::wechat::menu::{TRYMATCH, TryMatch};

/// What a follower sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Matched {
    /// The buttons, as a manifest would write them.
    pub buttons: Vec<Value>,
    /// The live menus that show just these buttons: `default`, `platform=ios`.
    pub menus: Vec<String>,
}

/// Reads the answer of `menu/trymatch` beside that of `menu/get`.
///
/// # Errors
/// An answer that is none, or cannot be read.
pub fn matched(answer: &Answer, menus: &Answer) -> Result<Matched, Why> {
    let buttons = payload::<TryMatch>(&TRYMATCH, Some(answer))?.into_buttons();
    let buttons = buttons.ok_or_else(|| Why::unreadable(TRYMATCH.name, "it has no buttons"))?;
    let buttons = normal(buttons);
    let live = MenuState::from_menu_get(Some(menus))?;
    let mut names = Vec::new();
    if live.buttons == buttons {
        names.push("default".to_owned());
    }
    let conditional = live.conditional().iter();
    names.extend(
        conditional
            .filter(|menu| menu.buttons == buttons)
            .map(|menu| menu.rule.name()),
    );
    Ok(Matched {
        buttons: buttons.iter().map(as_spec).collect(),
        menus: names,
    })
}
