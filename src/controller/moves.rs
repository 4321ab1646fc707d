//! Why a folder that can be read is not followed, and what to do.

use std::path::PathBuf;

use crate::plan::Text;

/// Why a folder that can be read is not followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moves {
    /// Git is writing into its work tree, or was killed while it was: this file says so.
    Git(PathBuf),
    /// No two looks agree: this changes all the time.
    File(PathBuf),
}

impl Moves {
    /// What is said of it, and what to do.
    #[must_use]
    pub fn said(&self) -> Text {
        match self {
            Self::Git(lock) => {
                let lock = lock.display();
                Text::new(
                    format!("git 一直在写入（{lock}）；如果并没有 git 在运行，请删除该文件"),
                    format!("git is writing into it ({lock}); where no git runs, remove that file"),
                )
            }
            Self::File(path) => {
                let path = path.display();
                Text::new(
                    format!("{path} 一直在变化；请把它移出清单目录"),
                    format!("{path} changes all the time; keep it outside of the folder"),
                )
            }
        }
    }
}
