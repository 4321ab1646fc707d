//! A mini-program's avatar (头像): a square crop of an uploaded picture, in force at once.
//!
//! What is read back ([`HeadImageInfo`](super::basic_info::HeadImageInfo)) is an address of WeChat's, never the picture
//! that was sent. A count that has risen tells that a change was made.
//! WeChat's page: developers.weixin.qq.com, `api_setheadimage`.

use serde_json::{Value, json};

use super::call::Call;
use super::endpoint::{CallClass, Endpoint, Method, Payer, Period, Quota, TokenKind};
use super::hole::{FileDigest, Hole};
use super::id::Appid;
use super::media;

/// The largest picture, in bytes (2 MB).
pub const MOST_BYTES: usize = 2 * 1024 * 1024;

/// The kinds of pictures, by their usual endings.
pub const FORMATS: [&str; 5] = ["bmp", "jpeg", "jpg", "gif", "png"];

/// `setHeadImage`: 5 a year as the page says, under a cap by the month that it does not name. Never sent twice: each
/// time counts.
pub static MODIFY: Endpoint = Endpoint {
    name: "account/modifyheadimage",
    path: "/cgi-bin/account/modifyheadimage",
    method: Method::Post,
    class: CallClass::AtMostOnce,
    token: TokenKind::Authorizer,
    sets: &[3, 30],
    quotas: &[Quota {
        limit: 5,
        period: Period::Year,
        scarce: true,
        payer: Payer::Account,
    }],
};

/// Sets the avatar of `account`. The media that fills the hole must have been uploaded through `media/upload` with the token of
/// this very account (40007 otherwise), less than 3 days ago (46001). Also refused with 40009 (too large) and 53202 (quota).
#[must_use]
pub fn modify_request(account: &Appid, file: &FileDigest, crop: Crop) -> Call {
    let [x1, y1, x2, y2] = crop.texts();
    let media = Hole::Media {
        file: file.clone(),
        by: &media::UPLOAD,
    };
    Call::new(
        &MODIFY,
        account.clone(),
        &json!({"head_img_media_id": media.in_body(), "x1": x1, "y1": y1, "x2": x2, "y2": y2}),
    )
}

/// Which file, and which part of it, a call of [`modify_request`] sets.
#[must_use]
pub fn modified(call: &Call) -> Option<(FileDigest, Crop)> {
    let body: Value = serde_json::from_str(call.body()).ok()?;
    let corner = |name: &str| body.get(name)?.as_str()?.parse::<f64>().ok();
    let crop = Crop::new(corner("x1")?, corner("y1")?, corner("x2")?, corner("y2")?).ok()?;
    let Some(Hole::Media { file, .. }) = call.holes().into_iter().next() else {
        return None;
    };
    Some((file, crop))
}

/// Which part of the picture is taken: two corners in parts of its width and height, each from 0 to 1, kept to four
/// places. What is taken is made square.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Crop {
    /// x1, y1, x2, y2 in parts of [`UNIT`].
    corners: [u16; 4],
}

/// One whole, in the parts that a corner is kept in.
const UNIT: u16 = 10_000;

/// Why four numbers are no part of a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCrop {
    /// A number is not from 0 to 1.
    #[error("each corner of the crop must be from 0 to 1")]
    Outside,
    /// Nothing is left of the picture; WeChat answers -1 to that.
    #[error("the crop is empty: its second corner must be to the right of the first, and below it")]
    Empty,
}

impl Crop {
    /// All of the picture.
    pub const WHOLE: Self = Self {
        corners: [0, 0, UNIT, UNIT],
    };

    /// The part from the upper left corner (`x1`, `y1`) to the lower right one (`x2`, `y2`).
    ///
    /// # Errors
    /// [`NoCrop`].
    pub fn new(x1: f64, y1: f64, x2: f64, y2: f64) -> Result<Self, NoCrop> {
        let [x1, y1, x2, y2] = [part(x1)?, part(y1)?, part(x2)?, part(y2)?];
        if x1 < x2 && y1 < y2 {
            Ok(Self {
                corners: [x1, y1, x2, y2],
            })
        } else {
            Err(NoCrop::Empty)
        }
    }

    /// The four numbers as they are sent: `0`, `0.25`, `1`.
    #[must_use]
    pub fn texts(self) -> [String; 4] {
        self.corners.map(|corner| {
            let text = format!("{}.{:04}", corner / UNIT, corner % UNIT);
            let text = text.trim_end_matches('0');
            text.strip_suffix('.').unwrap_or(text).to_owned()
        })
    }
}

/// A number from 0 to 1 in parts of [`UNIT`].
fn part(number: f64) -> Result<u16, NoCrop> {
    if !(0.0..=1.0).contains(&number) {
        return Err(NoCrop::Outside);
    }
    // A whole number of at most five digits: written out, it reads back.
    let parts = format!("{:.0}", number * f64::from(UNIT));
    parts.parse().map_err(|_| NoCrop::Outside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wechat::{Fillings, Secret};

    #[test]
    fn the_corners_are_sent_as_texts() {
        let account = Appid::parse("wx1111111111111111").unwrap();
        let file = FileDigest::of(b"picture");
        let sent = |crop| -> Value {
            let call = modify_request(&account, &file, crop);
            assert_eq!(modified(&call), Some((file.clone(), crop)));
            let holes = call.holes().into_iter();
            let with: Fillings = holes.map(|hole| (hole, Secret::new("m"))).collect();
            serde_json::from_str(&call.filled(&with).unwrap()).unwrap()
        };
        assert_eq!(
            sent(Crop::WHOLE),
            json!({"head_img_media_id": "m", "x1": "0", "y1": "0", "x2": "1", "y2": "1"})
        );
        let crop = Crop::new(0.25, 0.1, 0.999_94, 0.333_33).unwrap();
        assert_eq!(crop.texts(), ["0.25", "0.1", "0.9999", "0.3333"]);
        assert_eq!(Crop::new(0.0, 0.0, 1.0, 1.0), Ok(Crop::WHOLE));
    }

    #[test]
    fn what_is_no_part_of_a_picture_is_refused_here_and_not_with_a_system_error() {
        for outside in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
            assert_eq!(Crop::new(0.0, 0.0, outside, 1.0), Err(NoCrop::Outside));
        }
        for (x2, y2) in [(0.0, 0.0), (0.5, 1.0), (1.0, 0.5), (0.500_01, 1.0)] {
            assert_eq!(Crop::new(0.5, 0.5, x2, y2), Err(NoCrop::Empty));
        }
    }
}
