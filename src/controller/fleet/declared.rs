//! What a folder of manifests says: of each tenant a few facts, since ten thousand of them stand here. What is the same
//! as at the last look is not read again, and what a change touches is.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use super::claimed::{claimed_twice, served_too_many};
use super::mistake::{Mistake, mistakes};
use super::reading::{Texts, join, keys, named_otherwise};
use crate::controller::chain;
use crate::controller::folder::{self, FolderError, Listing, Stamp, with_named};
use crate::manifest::{Library, LoadedTenant, Source, missed_host, served_directly};
use crate::plan::Digest;
use crate::resource::{at, declared};
use crate::wechat::Appid;

/// What one tenant's manifest says, in short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declares {
    /// The digest of what it declares, files included.
    pub digest: Digest,
    /// The name of its platform.
    pub platform: String,
    /// Its accounts: the name of the item, `None` for the official account, and the appid that the manifest gives.
    pub accounts: Vec<(Option<String>, Option<Appid>)>,
    /// The class it is merged from.
    pub class: Option<String>,
    /// The hosts that it sets directly, each with the principal that it serves.
    pub direct: Vec<(String, String)>,
}

/// One tenant as the folder has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It can be read.
    Good(Declares),
    /// Something is wrong with it.
    Wrong(Mistake),
}

/// What the folder says.
#[derive(Debug, Clone, Default)]
pub struct Declared {
    root: PathBuf,
    files: BTreeMap<PathBuf, Arc<File>>,
    /// The files that tenants refer to, as they were before they were read.
    named: BTreeMap<Arc<Path>, Option<Stamp>>,
    keys: BTreeMap<PathBuf, Option<Stamp>>,
    library: Arc<Library>,
    tenants: BTreeMap<String, Arc<Said>>,
    unreadable: Vec<String>,
}

/// One file.
#[derive(Debug, Clone, Default)]
struct File {
    stamp: Stamp,
    digest: [u8; 32],
    /// Whether it has documents that are no tenant's.
    is_common: bool,
    /// Whether all its documents could be told apart: else a tenant may stand in it that nobody sees.
    is_whole: bool,
    tenants: Vec<(String, Arc<Said>)>,
    /// The files that its tenants refer to.
    named: Vec<Arc<Path>>,
    mistakes: Vec<Mistake>,
    /// Tenants with a host through a platform whose lists lack it: platform, tenant, host.
    unlisted: Vec<[String; 3]>,
}

impl Declared {
    /// What a folder says that has not been looked at.
    #[must_use]
    pub fn of(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            ..Self::default()
        }
    }

    /// Platforms, classes and approvals.
    #[must_use]
    pub fn library(&self) -> &Arc<Library> {
        &self.library
    }

    /// Every tenant that stands there.
    pub fn tenants(&self) -> impl Iterator<Item = (&str, &Said)> {
        let all = self.tenants.iter();
        all.map(|(name, said)| (name.as_str(), said.as_ref()))
    }

    /// What it says of one.
    #[must_use]
    pub fn said(&self, tenant: &str) -> Option<&Said> {
        self.tenants.get(tenant).map(Arc::as_ref)
    }

    /// Whether a tenant that does not stand there is gone: not while there is a file that cannot be read, since it may
    /// stand in that.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.unreadable.is_empty() && self.files.values().all(|file| file.is_whole)
    }

    /// The tenants that have a host through a platform which its lists lack, as the folder says, with that host.
    pub(super) fn unlisted<'a>(
        &'a self,
        platform: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> {
        let all = self.files.values().flat_map(|file| &file.unlisted);
        let of_it = all.filter(move |[of, ..]| of == platform);
        of_it.map(|[_, tenant, host]| (tenant.as_str(), host.as_str()))
    }

    /// Every mistake, those of files that cannot be read first.
    #[must_use]
    pub fn mistakes(&self) -> Vec<Mistake> {
        let unreadable = self.unreadable.iter().map(|why| Mistake::of_file(why));
        let common = mistakes(&self.library.problems, self.library.sources());
        let own = self.files.values().flat_map(|file| &file.mistakes).cloned();
        let mut all: Vec<Mistake> = unreadable.chain(common).chain(own).collect();
        let twice = self.tenants().filter_map(|(_, said)| match said {
            Said::Wrong(mistake) => Some(mistake.clone()),
            Said::Good(_) => None,
        });
        all.extend(twice);
        Mistake::folded(all)
    }

    /// Whether a look found something else than was found before. Credentials are looked at as well.
    #[must_use]
    pub fn differs(&self, listing: &Listing) -> bool {
        let stamps = self.files.iter().map(|(path, file)| (path, &file.stamp));
        !stamps.eq(listing.manifests.iter())
            || named_otherwise(&self.named).is_some()
            || self.keys != keys(&self.library)
            || self.unreadable != unreadable(listing)
    }

    /// What a look found otherwise than it was when this was read, if anything.
    #[must_use]
    pub fn moved(&self, listing: &Listing) -> Option<PathBuf> {
        let named = named_otherwise(&self.named);
        named.or_else(|| self.differs(listing).then(|| listing.root.clone()))
    }

    /// The files that tenants refer to, as they are now.
    #[must_use]
    pub fn named_now(&self) -> BTreeMap<Arc<Path>, Option<Stamp>> {
        let paths = self.named.keys();
        paths
            .map(|path| (Arc::clone(path), Stamp::of(path)))
            .collect()
    }

    /// Whether tenants refer to files that they did not refer to before.
    #[must_use]
    pub fn names_more_than(&self, before: &Self) -> bool {
        let mut named = self.named.keys();
        named.any(|path| !before.named.contains_key(path))
    }

    /// What the folder says now.
    ///
    /// # Errors
    /// [`FolderError::Nothing`] for a folder without manifests: a mount that is missing looks like one.
    pub fn next(&self, listing: &Listing) -> Result<Self, FolderError> {
        if listing.manifests.is_empty() {
            return Err(FolderError::Nothing {
                path: self.root.clone(),
            });
        }
        let mut next = Self {
            root: self.root.clone(),
            named: self.named_now(),
            unreadable: unreadable(listing),
            ..Self::default()
        };
        let mut texts = Texts::of(&self.root, listing);
        let mut touched: BTreeSet<PathBuf> = BTreeSet::new();
        for (path, stamp) in &listing.manifests {
            match self.files.get(path) {
                Some(file) if file.stamp == *stamp => {
                    next.files.insert(path.clone(), Arc::clone(file));
                }
                before => match texts.read(path) {
                    Ok(text) => {
                        let digest: [u8; 32] = Sha256::digest(&text.bytes).into();
                        let same = before.filter(|file| file.digest == digest);
                        let file = same.map(|file| File::clone(file));
                        let mut file = file.unwrap_or_else(|| File::new(&text, digest));
                        if same.is_none() {
                            touched.insert(path.clone());
                            texts.keep(path, text);
                        }
                        file.stamp = *stamp;
                        next.files.insert(path.clone(), Arc::new(file));
                    }
                    Err(error) => next.unreadable.push(chain(&error)),
                },
            }
        }
        next.read_common(self, &touched, &mut texts);
        next.keys = keys(&next.library);
        let touched = next.touched_by(self, touched);
        for path in touched {
            next.read_tenants(&path, &mut texts);
        }
        next.tenants = next.told_apart();
        let named = next.files.values().flat_map(|file| &file.named);
        let named: BTreeSet<Arc<Path>> = named.cloned().collect();
        next.named.retain(|path, _| named.contains(path));
        Ok(next)
    }

    /// Reads what tenants have in common, where that may have changed.
    fn read_common(&mut self, before: &Self, touched: &BTreeSet<PathBuf>, texts: &mut Texts) {
        let is_common = |of: &Self, path: &PathBuf| of.files.get(path).is_some_and(|f| f.is_common);
        let gone = before
            .files
            .keys()
            .filter(|path| !self.files.contains_key(*path));
        let mut moved = touched.iter().chain(gone);
        if !moved.any(|path| is_common(self, path) || is_common(before, path)) {
            self.library = Arc::clone(&before.library);
            return;
        }
        let mut sources = Vec::new();
        for (path, file) in &self.files {
            if file.is_common {
                match texts.read(path) {
                    Ok(text) => sources.push(text),
                    Err(error) => self.unreadable.push(chain(&error)),
                }
            }
        }
        self.library = Arc::new(Library::of(sources));
    }

    /// The files whose tenants must be read again.
    fn touched_by(&self, before: &Self, mut touched: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let (old, new) = (&before.library, &self.library);
        let named = self.named.iter();
        let moved = named.filter(|(path, stamp)| before.named.get(*path) != Some(*stamp));
        let moved: BTreeSet<&Arc<Path>> = moved.map(|(path, _)| path).collect();
        for (path, file) in &self.files {
            if file.named.iter().any(|named| moved.contains(named)) {
                touched.insert(path.clone());
            }
        }
        if Arc::ptr_eq(old, new) {
            return touched;
        }
        let classes: BTreeSet<&str> = old.classes().chain(new.classes()).collect();
        let moved = |name: &&str| old.class_text(name) != new.class_text(name);
        let classes: BTreeSet<&str> = classes.into_iter().filter(moved).collect();
        let platforms = old.platform_names().ne(new.platform_names());
        // A host that leaves a platform's list may be one that tenants have through it.
        let lists = |name: &&str| old.listed(name) != new.listed(name);
        let lists: BTreeSet<&str> = new.platform_names().filter(lists).collect();
        for (path, file) in &self.files {
            let is_touched = |said: &Said| match said {
                Said::Wrong(_) => true,
                Said::Good(one) => {
                    let of_class = one
                        .class
                        .as_deref()
                        .is_some_and(|class| classes.contains(class));
                    of_class || platforms || lists.contains(one.platform.as_str())
                }
            };
            if file.tenants.iter().any(|(_, said)| is_touched(said)) || !file.is_whole {
                touched.insert(path.clone());
            }
        }
        touched
    }

    fn read_tenants(&mut self, path: &Path, texts: &mut Texts) {
        let Some(file) = self.files.get_mut(path).map(Arc::make_mut) else {
            return;
        };
        let source = match texts.read(path) {
            Ok(source) => source,
            Err(error) => {
                file.is_whole = false;
                self.unreadable.push(chain(&error));
                return;
            }
        };
        let part = self.library.load(source);
        file.is_whole = part.is_whole;
        let (mut loaded, named) = with_named(part.loaded, &[&self.root]);
        file.named.clear();
        for (path, stamp) in named {
            let known = self.named.get_key_value(path.as_path());
            let path = known.map_or_else(|| Arc::from(path), |(known, _)| Arc::clone(known));
            self.named.entry(Arc::clone(&path)).or_insert(stamp);
            file.named.push(path);
        }
        loaded.leave_out_ambiguous();
        file.mistakes = mistakes(&loaded.problems, &loaded.sources);
        let all = loaded.tenants.iter().chain(&loaded.faulty);
        let unlisted = all.filter_map(|one| {
            let lists = self.library.platforms.get(&one.platform)?;
            let host = missed_host(&one.spec, lists.spec.domains.as_ref()?)?;
            Some([one.platform.clone(), one.name.clone(), host])
        });
        file.unlisted = unlisted.collect();
        file.tenants = part
            .named
            .into_iter()
            .map(|name| {
                let said = match loaded.tenant(&name) {
                    Some(tenant) => of_class(&self.library, Declares::of(tenant)),
                    None => Said::Wrong(Mistake::about(&name, &file.mistakes)),
                };
                (name, Arc::new(said))
            })
            .collect();
    }

    /// All tenants. Of two with one name, or that claim one account, nobody can tell which is meant.
    fn told_apart(&self) -> BTreeMap<String, Arc<Said>> {
        let mut found: BTreeMap<&str, (Arc<Said>, &Path)> = BTreeMap::new();
        for (path, file) in &self.files {
            for (name, said) in &file.tenants {
                let said = match found.get(name.as_str()) {
                    None => Arc::clone(said),
                    Some((_, first)) => {
                        Arc::new(Said::Wrong(Mistake::named_twice(name, first, path)))
                    }
                };
                found.insert(name, (said, path));
            }
        }
        for (appid, tenants) in claimed_twice(&found) {
            let said = Arc::new(Said::Wrong(Mistake::claimed_twice(&appid, &tenants)));
            for name in &tenants {
                if let Some((known, _)) = found.get_mut(name.as_str()) {
                    *known = Arc::clone(&said);
                }
            }
        }
        for (name, host) in served_too_many(&found) {
            if let Some((known, _)) = found.get_mut(name.as_str()) {
                *known = Arc::new(Said::Wrong(Mistake::served_too_many(&name, &host)));
            }
        }
        let said = found.into_iter();
        said.map(|(name, (said, _))| (name.to_owned(), said))
            .collect()
    }

    /// Reads tenants whole, each file once. One whose file cannot be read, or says nothing good of it now, is not among
    /// them.
    #[must_use]
    pub fn whole(&self, wanted: &BTreeSet<String>) -> BTreeMap<String, LoadedTenant> {
        let is_wanted =
            |name: &String| wanted.contains(name) && matches!(self.said(name), Some(Said::Good(_)));
        let mut whole = BTreeMap::new();
        for (path, file) in &self.files {
            let mut names = file.tenants.iter().map(|(name, _)| name);
            if !names.any(is_wanted) {
                continue;
            }
            let path = join(&self.root, path);
            let Ok(source) = folder::source(&path, &path) else {
                continue;
            };
            let (loaded, _) = with_named(self.library.load(source).loaded, &[&self.root]);
            let wanted = loaded
                .tenants
                .into_iter()
                .filter(|one| is_wanted(&one.name));
            whole.extend(wanted.map(|one| (one.name.clone(), one)));
        }
        whole
    }

    /// Reads one tenant whole.
    ///
    /// # Errors
    /// [`FolderError`].
    pub fn tenant(&self, name: &str) -> Result<Option<LoadedTenant>, FolderError> {
        let of_it = |file: &File| file.tenants.iter().any(|(one, _)| one == name);
        let mut files = self.files.iter();
        let Some((path, _)) = files.find(|(_, file)| of_it(file)) else {
            return Ok(None);
        };
        if !matches!(self.said(name), Some(Said::Good(_))) {
            return Ok(None);
        }
        let path = join(&self.root, path);
        let source = folder::source(&path, &path)?;
        let (loaded, _) = with_named(self.library.load(source).loaded, &[&self.root]);
        Ok(loaded.tenant(name).cloned())
    }
}

/// A class with a mistake says something else than it should to everybody who is of it.
fn of_class(library: &Library, one: Declares) -> Said {
    let class = one.class.as_deref();
    match class.and_then(|class| library.class_problem(class)) {
        Some(problem) => Said::Wrong(Mistake::of(problem, library.sources())),
        None => Said::Good(one),
    }
}

impl File {
    /// One that has not been read further.
    fn new(text: &Source, digest: [u8; 32]) -> Self {
        Self {
            digest,
            is_common: Library::concerns(text),
            ..Self::default()
        }
    }
}

impl Declares {
    pub(super) fn of(tenant: &LoadedTenant) -> Self {
        let spec = &tenant.spec;
        let accounts = at::accounts(spec).into_iter().map(|at| {
            let item = at.whose.item().map(str::to_owned);
            (item, at.declared(spec).cloned())
        });
        Self {
            digest: declared(spec, &tenant.files),
            platform: tenant.platform.clone(),
            accounts: accounts.collect(),
            class: spec.class_ref.as_ref().map(|class| class.name.clone()),
            direct: served_directly(spec),
        }
    }
}

fn unreadable(listing: &Listing) -> Vec<String> {
    listing
        .passed_over
        .iter()
        .map(|error| chain(error))
        .collect()
}
