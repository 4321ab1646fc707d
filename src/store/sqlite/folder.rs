//! The folder of a store: who owns it, who may enter it, and whether its file system can be trusted with locks.

use std::fs::{self, DirBuilder, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};

use super::super::error::StoreError;
use super::connect::Access;

/// The folder of the databases, below the one that was named: that one may be a mount with an owner of its own.
const DATABASES: &str = "db";
/// What an earlier engine left.
const SLED: &str = "sled";
/// Nobody but the owner.
const PRIVATE_FOLDER: u32 = 0o700;
const PRIVATE_FILE: u32 = 0o600;
/// What anybody but the owner may do.
const OTHERS: u32 = 0o077;
/// The rights of a mode, without what kind of file it is.
const RIGHTS: u32 = 0o7777;

/// File systems whose locks reach other machines late or not at all, by the number `statfs` gives (Linux, `statfs(2)`).
const SHARED: [(u64, &str); 12] = [
    (0x6969, "NFS"),
    (0xff53_4d42, "CIFS"),
    (0xfe53_4d42, "SMB"),
    (0x517b, "SMB"),
    (0x0102_1997, "9p"),
    (0x6573_5546, "FUSE"),
    (0x00c3_6400, "CephFS"),
    (0x5346_414f, "AFS"),
    (0x7375_7245, "Coda"),
    (0x0bd0_0bd0, "Lustre"),
    (0x4750_4653, "GPFS"),
    (0x564c, "NCP"),
];

/// The folder of one store, which exists.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    databases: PathBuf,
    /// Whose the files are to be, where that is not who we are: only root can have that.
    owner: Option<(u32, u32)>,
    read_only: bool,
}

impl Folder {
    /// Makes the folder, for this user only, where it is not there, and looks whether it can hold a store.
    pub(super) fn make(path: &Path) -> Result<Self, StoreError> {
        let made = DirBuilder::new()
            .recursive(true)
            .mode(PRIVATE_FOLDER)
            .create(path);
        // A file system that cannot be written may hold a store that can be read.
        let made = made.or_else(|error| if path.is_dir() { Ok(()) } else { Err(error) });
        made.map_err(io_error(path))?;
        let path = path.canonicalize().map_err(io_error(path))?;
        if let Some(name) = shared(&path).map_err(io_error(&path))? {
            return Err(refused(
                &path,
                format!(
                    "it is on {name}, whose locks cannot be relied upon; give a folder of a disk of this machine"
                ),
            ));
        }
        let databases = path.join(DATABASES);
        if path.join(SLED).exists() && !databases.exists() {
            return Err(refused(
                &path.join(SLED),
                "a development version of wxops wrote this store, with an engine that lost data; this one does not read \
                 it. Give another folder, or move this one away: owners then authorize anew"
                    .to_owned(),
            ));
        }
        let above = path.metadata().map_err(io_error(&path))?;
        Self::databases(databases, &above)
    }

    fn databases(databases: PathBuf, above: &Metadata) -> Result<Self, StoreError> {
        let user = rustix::process::geteuid().as_raw();
        let root_for = |owner: &Metadata| (user == 0).then_some((owner.uid(), owner.gid()));
        match databases.symlink_metadata() {
            Ok(found) => {
                if !found.is_dir() {
                    let why = "it must be a folder, and no link to one".to_owned();
                    return Err(refused(&databases, why));
                }
                if user != 0 && found.uid() != user {
                    let why = format!(
                        "it belongs to {}, and this process runs as {}; run it as that user",
                        named(found.uid()),
                        named(user)
                    );
                    return Err(refused(&databases, why));
                }
                let folder = Self {
                    owner: root_for(&found),
                    read_only: !may_write(&databases),
                    databases,
                };
                folder.restrict(&folder.databases, PRIVATE_FOLDER)?;
                Ok(folder)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = DirBuilder::new().mode(PRIVATE_FOLDER).create(&databases);
                match made {
                    Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                    made => made.map_err(io_error(&databases))?,
                }
                let folder = Self {
                    owner: root_for(above),
                    read_only: false,
                    databases,
                };
                folder.keep(&folder.databases, PRIVATE_FOLDER)?;
                Ok(folder)
            }
            Err(source) => Err(io_error(&databases)(source)),
        }
    }

    /// A file of the databases' folder.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.databases.join(name)
    }

    /// The folder of the databases.
    pub(super) fn path(&self) -> &Path {
        &self.databases
    }

    /// Whether nothing can be written there.
    pub(super) fn is_read_only(&self) -> bool {
        self.read_only
    }

    /// How its files are opened to be read beside others.
    pub(super) fn to_read(&self) -> Access {
        if self.read_only {
            Access::Copy
        } else {
            Access::Read
        }
    }

    /// Takes from others what they may do with a file that is there already.
    pub(super) fn keep_private(&self, path: &Path) -> Result<(), StoreError> {
        match path.metadata() {
            Ok(there) if there.permissions().mode() & OTHERS != 0 => {
                self.restrict(path, PRIVATE_FILE)
            }
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error(path)(error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Gives a new file to whoever owns the folder, and to nobody else.
    pub(super) fn keep_file(&self, path: &Path) -> Result<(), StoreError> {
        self.keep(path, PRIVATE_FILE)
    }

    /// Keeps other processes from making the same files. Until it is dropped.
    pub(super) fn lock(&self) -> Result<fs::File, StoreError> {
        let locked = fs::File::open(&self.databases).and_then(|folder| {
            folder.lock()?;
            Ok(folder)
        });
        locked.map_err(io_error(&self.databases))
    }

    /// Makes a folder for databases beside this one, for whoever owns this one.
    pub(super) fn beside(&self, name: &str) -> Result<Self, StoreError> {
        self.writable()?;
        let beside = Self {
            databases: self.databases.with_file_name(name),
            ..self.clone()
        };
        let made = DirBuilder::new()
            .mode(PRIVATE_FOLDER)
            .create(&beside.databases);
        made.map_err(io_error(&beside.databases))?;
        beside.keep(&beside.databases, PRIVATE_FOLDER)?;
        Ok(beside)
    }

    /// Gives each of two folders of databases the other's name. At no moment is there none where one was, but where the
    /// system cannot do it at once.
    pub(super) fn change_places(&self, other: &Self) -> Result<(), StoreError> {
        if !exchanged(&self.databases, &other.databases).map_err(io_error(&self.databases))? {
            let between = other.databases.with_extension("away");
            let moves = [
                (&other.databases, &between),
                (&self.databases, &other.databases),
                (&between, &self.databases),
            ];
            for (from, to) in moves {
                fs::rename(from, to).map_err(io_error(from))?;
            }
        }
        let above = other.databases.parent().unwrap_or(Path::new("."));
        let synced = fs::File::open(above).and_then(|above| above.sync_all());
        synced.map_err(io_error(above))
    }

    /// Refuses a folder that can only be read.
    pub(super) fn writable(&self) -> Result<(), StoreError> {
        if self.read_only {
            return Err(refused(&self.databases, "it can only be read".to_owned()));
        }
        Ok(())
    }

    /// Makes names of new files durable.
    pub(super) fn sync(&self) -> Result<(), StoreError> {
        let synced = fs::File::open(&self.databases).and_then(|folder| folder.sync_all());
        synced.map_err(io_error(&self.databases))
    }

    fn keep(&self, path: &Path, rights: u32) -> Result<(), StoreError> {
        if let Some((user, group)) = self.owner {
            chown(path, Some(user), Some(group)).map_err(io_error(path))?;
        }
        self.restrict(path, rights)
    }

    /// Takes what others may do there, whatever the umask was.
    fn restrict(&self, path: &Path, rights: u32) -> Result<(), StoreError> {
        let there = path.metadata().map_err(io_error(path))?;
        if self.read_only || there.permissions().mode() & RIGHTS == rights {
            return Ok(());
        }
        let restricted = fs::set_permissions(path, fs::Permissions::from_mode(rights));
        restricted.map_err(io_error(path))
    }
}

/// Whether files can be made and changed in a folder: neither its rights nor its file system speak against it.
fn may_write(folder: &Path) -> bool {
    use rustix::fs::Access;
    rustix::fs::access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// Has two names change places, where the system can.
#[cfg(target_os = "linux")]
fn exchanged(one: &Path, other: &Path) -> io::Result<bool> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(true),
        Err(Errno::INVAL | Errno::NOSYS) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchanged(_one: &Path, _other: &Path) -> io::Result<bool> {
    Ok(false)
}

/// The name of a file system that must not hold a store.
#[cfg(target_os = "linux")]
fn shared(path: &Path) -> io::Result<Option<&'static str>> {
    let found = rustix::fs::statfs(path)?;
    // Its type differs from one kind of machine to the next; the number has 32 bits everywhere.
    let number = i128::from(found.f_type) & 0xffff_ffff;
    Ok(name_of(u64::try_from(number).unwrap_or_default()))
}

#[cfg(not(target_os = "linux"))]
fn shared(_path: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

fn name_of(number: u64) -> Option<&'static str> {
    let found = SHARED.iter().find(|(magic, _)| *magic == number);
    found.map(|(_, name)| *name)
}

/// A user as a person knows them: `user li (1000)`.
fn named(user: u32) -> String {
    let names = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = names.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == user.to_string()).then(|| name.to_owned())
    });
    match name {
        Some(name) => format!("user {name} ({user})"),
        None => format!("user {user}"),
    }
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> StoreError + use<'_> {
    move |source| StoreError::Io {
        path: path.to_owned(),
        source,
    }
}

fn refused(path: &Path, why: String) -> StoreError {
    StoreError::Refused {
        path: path.to_owned(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rights(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & RIGHTS
    }

    #[test]
    fn the_folder_is_ours_alone_whatever_it_was() {
        let above = tempfile::tempdir().unwrap();
        let store = above.path().join("deep/store");
        let folder = Folder::make(&store).unwrap();
        assert_eq!(rights(folder.path()), 0o700);
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let again = Folder::make(&store).unwrap();
        assert_eq!(rights(again.path()), 0o700);
        let file = again.file("x");
        fs::write(&file, "").unwrap();
        again.keep_file(&file).unwrap();
        assert_eq!(rights(&file), 0o600);
    }

    #[test]
    fn the_folder_named_may_be_open_to_others() {
        let mount = tempfile::tempdir().unwrap();
        fs::set_permissions(mount.path(), fs::Permissions::from_mode(0o1777)).unwrap();
        let folder = Folder::make(mount.path()).unwrap();
        assert_eq!(rights(mount.path()), 0o1777, "it is not ours to change");
        assert_eq!(rights(folder.path()), 0o700);
    }

    #[test]
    fn a_link_in_place_of_the_databases_is_refused() {
        let store = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink(store.path(), store.path().join(DATABASES)).unwrap();
        let refused = Folder::make(store.path());
        assert!(matches!(refused, Err(StoreError::Refused { .. })));
    }

    #[test]
    fn a_store_of_the_earlier_engine_is_refused_with_a_sentence() {
        let store = tempfile::tempdir().unwrap();
        fs::create_dir(store.path().join(SLED)).unwrap();
        let refused = Folder::make(store.path()).unwrap_err().to_string();
        assert!(refused.contains("development version"), "{refused}");
    }

    #[test]
    fn root_makes_files_for_the_owner_of_the_folder() {
        if rustix::process::geteuid().as_raw() != 0 {
            return;
        }
        let store = tempfile::tempdir().unwrap();
        chown(store.path(), Some(12_345), Some(678)).unwrap();
        let folder = Folder::make(store.path()).unwrap();
        let file = folder.file("x");
        fs::write(&file, "").unwrap();
        folder.keep_file(&file).unwrap();
        for path in [folder.path(), &file] {
            let found = path.metadata().unwrap();
            assert_eq!((found.uid(), found.gid()), (12_345, 678));
        }
    }

    #[test]
    fn file_systems_of_other_machines_are_known() {
        assert_eq!(name_of(0x6969), Some("NFS"));
        assert_eq!(name_of(0x6573_5546), Some("FUSE"));
        assert_eq!(name_of(0xef53), None, "ext4");
    }

    #[test]
    fn users_have_names() {
        assert_eq!(named(0), "user root (0)");
        assert_eq!(named(4_000_000_001), "user 4000000001");
    }
}
