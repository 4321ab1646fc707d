//! Many tenants from one: a manifest and a part of WeChat's state, written once, with `$N` and `$APPID` in them.

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Writes `count` tenants from `each.yaml`, and a state of WeChat in which each has what `each.sim.yaml` says. Answers
/// where that state is.
pub fn write(
    folder: &Path,
    state: &Path,
    manifests: &Path,
    scratch: &Path,
    count: usize,
) -> PathBuf {
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let each = read(&folder.join("each.yaml"));
    let of_each = read(&folder.join("each.sim.yaml"));
    let mut whole: Value = serde_saphyr::from_str(&read(state)).unwrap();
    for n in 0..count {
        let fill = |text: &str| fill_in(text, n);
        std::fs::write(manifests.join(format!("tenant-{n:03}.yaml")), fill(&each)).unwrap();
        let part: Value = serde_saphyr::from_str(&fill(&of_each)).unwrap();
        for (name, more) in part.as_object().unwrap() {
            let list = whole
                .as_object_mut()
                .unwrap()
                .entry(name)
                .or_insert_with(|| Value::Array(Vec::new()));
            let more = more.as_array().unwrap().clone();
            list.as_array_mut().unwrap().extend(more);
        }
    }
    let path = scratch.join("fleet.sim.yaml");
    std::fs::write(&path, whole.to_string()).unwrap();
    path
}

/// A text for tenant `n`.
pub fn fill_in(text: &str, n: usize) -> String {
    text.replace("$N", &format!("{n:03}"))
        .replace("$APPID", &appid(n))
}

/// The account of tenant `n`.
pub fn appid(n: usize) -> String {
    format!("wx{:016x}", 0xf000_0000_usize + n)
}
