//! What people commit, break and mend while it runs.

use super::fleet::{Class, Tenant};
use super::folder::Breakage;
use super::run::{MOST_LEFT, Run};

impl Run {
    pub fn edit(&mut self, edit: impl FnOnce(&mut Tenant)) {
        if let Some(n) = self.any(|tenant| tenant.is_declared) {
            edit(&mut self.tenants[n]);
            // A broken one is mended along.
            self.broken.retain(|broken| *broken != n);
            self.folder.write(&self.tenants[n]);
            let text = format!("{} edited", self.tenants[n].name());
            self.say("edit", text);
        }
    }

    pub fn edit_class(&mut self, at: usize) {
        self.classes[at].edition += 1;
        self.folder.write_class(&self.classes[at]);
        let Class { name, edition } = self.classes[at];
        self.say("class", format!("class {name} edited: {edition}"));
    }

    /// Says yes to what is held, if something is.
    pub fn approve(&mut self) -> bool {
        let told = self.running.ask("/v1/loop");
        let held = told.map(|told| told["held"].clone()).unwrap_or_default();
        let Some(revision) = held[0]["revision"].as_str() else {
            return false;
        };
        let done = self.verb(&["approve", revision]);
        let said = if done.code == 0 { "" } else { &done.stderr };
        self.say("approve", format!("{revision}: {} {said}", done.code));
        done.code == 0
    }

    pub fn break_one(&mut self) {
        let Some(n) = self.any(|tenant| tenant.is_declared) else {
            return;
        };
        let how = [
            Breakage::Half,
            Breakage::NotText,
            Breakage::Folder,
            Breakage::Link,
        ];
        let how = *self.chance.one(&how);
        self.folder.break_one(&self.tenants[n], how);
        self.broken.push(n);
        self.say("break", format!("tenant-{n:03}: {how:?}"));
    }

    pub fn mend(&mut self) {
        for n in std::mem::take(&mut self.broken) {
            if self.tenants[n].is_declared {
                self.folder.write(&self.tenants[n]);
                self.say("mend", format!("tenant-{n:03}"));
            }
        }
    }

    pub fn leave(&mut self) {
        let left = self.tenants.iter().filter(|tenant| !tenant.is_declared);
        if left.count() >= MOST_LEFT {
            return;
        }
        if let Some(n) = self.any(|tenant| tenant.is_declared) {
            self.folder.remove(&self.tenants[n]);
            self.tenants[n].is_declared = false;
            self.broken.retain(|broken| *broken != n);
            self.say("leave", format!("tenant-{n:03} is in no manifest any more"));
        }
    }

    pub fn come_back(&mut self) {
        if let Some(n) = self.any(|tenant| !tenant.is_declared) {
            self.tenants[n].is_declared = true;
            self.folder.write(&self.tenants[n]);
            self.say("return", format!("tenant-{n:03} is back"));
        }
    }

    pub fn rename(&mut self) {
        let broken = self.broken.clone();
        if let Some(n) = self.any(|tenant| tenant.is_declared && !broken.contains(&tenant.n)) {
            self.folder.rename(&mut self.tenants[n]);
            let text = format!("tenant-{n:03} stands in {}", self.tenants[n].file);
            self.say("rename", text);
        }
    }

    pub fn swap(&mut self) {
        self.mend();
        let edited: Vec<usize> = (0..3)
            .filter_map(|_| self.any(|tenant| tenant.is_declared))
            .collect();
        for n in &edited {
            self.tenants[*n].edition += 1;
        }
        let tenants = &self.tenants;
        self.folder.swap(|tree| {
            for n in &edited {
                let tenant = &tenants[*n];
                std::fs::write(tree.join(&tenant.file), tenant.manifest()).unwrap();
            }
        });
        self.say(
            "swap",
            format!("the folder is another one, with {edited:?} edited"),
        );
    }
}
