//! temp
use crate::manifest::Source;
pub(super) fn read(path: &std::path::Path) -> anyhow::Result<Vec<Source>> {
    let mut out = Vec::new();
    let mut names: Vec<_> = std::fs::read_dir(path)?
        .flatten()
        .map(|e| e.path())
        .filter(|p| p.extension().is_some_and(|e| e == "yaml"))
        .collect();
    names.sort();
    for p in names {
        out.push(Source::new(p.display().to_string(), std::fs::read(&p)?));
    }
    Ok(out)
}
