//! The embedded store of one folder, whichever process has it open.
//!
//! A process is the folder's holder (it has the lock, sled is open, its socket is bound) or a guest of the holder.
//! A guest whose holder is gone becomes the holder, or the guest of the next one. Reads are repeated then; a write
//! that was under way is reported as lost, and [`Store`](super::Store) reads whether it was done.

use std::fs::{DirBuilder, File, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use futures::future::{BoxFuture, FutureExt, ready};
use sha2::{Digest, Sha256};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::backend::{Backend, BackendError, Document, Expected, Page, Revision, check_size};
use super::error::StoreError;
use super::key::Key;
use super::sled::Sled;
use super::socket::client::{Client, NoAnswer};
use super::socket::protocol::{Request, Response};
use super::socket::server::{Server, answer};

/// How long a process tries to become holder or guest, and how often: while a holder starts or dies it can be
/// neither. Often, because the others write on while this one looks.
const PATIENCE: Duration = Duration::from_secs(30);
const TRY_EVERY: Duration = Duration::from_millis(10);
/// How many holders in a row may go while one question is asked.
const MAX_HOLDERS: u32 = 100;
/// The longest path a Unix socket can be bound to, with a byte to spare.
const MAX_SOCKET_PATH: usize = 106;

/// The store of one folder.
pub struct Embedded {
    folder: Folder,
    role: RwLock<Arc<Role>>,
    changing: Mutex<()>,
}

/// What this process is to the folder.
enum Role {
    /// Dropped in this order: the socket goes while the lock is still held, so it is never a successor's.
    Holder {
        _server: Server,
        sled: Sled,
    },
    Guest(Client),
}

/// The store's folder, which exists.
#[derive(Debug, Clone)]
struct Folder(PathBuf);

impl Embedded {
    /// Opens a folder, as its holder or as a guest. Makes the folder, for this user only, if it is not there.
    ///
    /// # Errors
    /// [`StoreError::Io`] for a folder that cannot be used, [`StoreError::Unavailable`].
    pub async fn open(path: &Path) -> Result<Self, StoreError> {
        let folder = Folder::make(path)?;
        let role = folder.take_role().await?;
        Ok(Self {
            folder,
            role: RwLock::new(Arc::new(role)),
            changing: Mutex::default(),
        })
    }

    /// Whether this process has the folder open itself.
    #[must_use]
    pub fn is_holder(&self) -> bool {
        match &*self.role() {
            Role::Holder { .. } => true,
            Role::Guest(_) => false,
        }
    }

    fn role(&self) -> Arc<Role> {
        Arc::clone(&self.role.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Finds a new role after `lost` has failed, once for all who found it failed.
    async fn change_role(&self, lost: &Arc<Role>) -> Result<(), BackendError> {
        let _one_at_a_time = self.changing.lock().await;
        if !Arc::ptr_eq(&self.role(), lost) {
            return Ok(());
        }
        let role = self.folder.take_role().await;
        let role = role.map_err(|error| BackendError::Unavailable(chain(&error)))?;
        *self.role.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(role);
        Ok(())
    }

    /// Asks the database, in whatever role, and again in the next one if the holder goes: a write only if it was
    /// surely not done.
    async fn ask(&self, request: Request) -> Result<Response, BackendError> {
        for _ in 0..MAX_HOLDERS {
            let role = self.role();
            match &*role {
                Role::Holder { sled, .. } => return Ok(answer(request, sled).await),
                Role::Guest(client) => match client.ask(&request).await {
                    Ok(response) => return Ok(response),
                    Err(NoAnswer::OtherVersion) => return Err(other_version()),
                    Err(NoAnswer::Lost(why)) if request.writes() => {
                        return Err(BackendError::Lost(why));
                    }
                    Err(NoAnswer::NotAsked(_) | NoAnswer::Lost(_)) => {}
                },
            }
            self.change_role(&role).await?;
        }
        Err(BackendError::Unavailable(
            "its holder keeps changing".into(),
        ))
    }
}

impl Folder {
    fn make(path: &Path) -> Result<Self, StoreError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| io_error(path, source))?;
        let canonical = path.canonicalize();
        Ok(Self(canonical.map_err(|source| io_error(path, source))?))
    }

    /// Becomes the holder, or the guest of whoever is.
    async fn take_role(&self) -> Result<Role, StoreError> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(lock) = self.try_lock()? {
                return self.hold(lock).await;
            }
            let why = match self.visit().await {
                Ok(client) => return Ok(Role::Guest(client)),
                Err(NoAnswer::OtherVersion) => {
                    return Err(unavailable(other_version().to_string()));
                }
                Err(NoAnswer::NotAsked(why) | NoAnswer::Lost(why)) => why,
            };
            if Instant::now() >= until {
                return Err(unavailable(format!(
                    "a process holds it but does not answer: {why}"
                )));
            }
            tokio::time::sleep(TRY_EVERY).await;
        }
    }

    fn try_lock(&self) -> Result<Option<File>, StoreError> {
        let path = self.0.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(|source| io_error(&path, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(source)) => Err(io_error(&path, source)),
        }
    }

    /// Opens the database, then the socket: lock, unlink, bind.
    async fn hold(&self, lock: File) -> Result<Role, StoreError> {
        let database = self.0.join("sled");
        let opened = tokio::task::spawn_blocking(move || Sled::open(&database, lock)).await;
        let sled = match opened {
            Ok(Ok(sled)) => sled,
            Ok(Err(error)) => return Err(unavailable(error.to_string())),
            Err(died) => return Err(unavailable(died.to_string())),
        };
        let socket = self.socket()?;
        let server = Server::bind(&socket, Arc::new(sled.clone()))
            .map_err(|source| io_error(&socket, source))?;
        // Guests may have another runtime folder in their environment, so they are told.
        let pointer = self.pointer();
        std::fs::write(&pointer, socket.as_os_str().as_encoded_bytes())
            .map_err(|source| io_error(&pointer, source))?;
        Ok(Role::Holder {
            _server: server,
            sled,
        })
    }

    async fn visit(&self) -> Result<Client, NoAnswer> {
        let socket = std::fs::read_to_string(self.pointer())
            .map_err(|error| NoAnswer::NotAsked(error.to_string()))?;
        Client::connect(Path::new(&socket)).await
    }

    fn pointer(&self) -> PathBuf {
        self.0.join("socket")
    }

    /// Where the socket is bound: a short path in a folder that only this user may enter. The store's own folder
    /// may lie too deep for a socket's address.
    fn socket(&self) -> Result<PathBuf, StoreError> {
        let digest = Sha256::digest(self.0.as_os_str().as_encoded_bytes());
        let name: String = digest.iter().take(12).map(|b| format!("{b:02x}")).collect();
        let user = rustix::process::geteuid().as_raw();
        let runtime = std::env::var_os("XDG_RUNTIME_DIR")
            .map(|runtime| PathBuf::from(runtime).join("wxops"))
            .filter(|folder| folder.as_os_str().len() + name.len() + 6 < MAX_SOCKET_PATH)
            .filter(|folder| private(folder, user).is_ok());
        let folder = match runtime {
            Some(folder) => folder,
            None => {
                let folder = PathBuf::from(format!("/tmp/wxops-{user}"));
                private(&folder, user).map_err(|source| io_error(&folder, source))?;
                folder
            }
        };
        Ok(folder.join(format!("{name}.sock")))
    }
}

/// Makes a folder that only this user may enter, and refuses one that others may.
fn private(folder: &Path, user: u32) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let found = folder.symlink_metadata()?;
    if found.is_dir() && found.uid() == user && found.mode() & 0o077 == 0 {
        Ok(())
    } else {
        Err(io::Error::other(
            "it must be a folder that only its owner may enter (mode 0700)",
        ))
    }
}

fn io_error(path: &Path, source: io::Error) -> StoreError {
    StoreError::Io {
        path: path.to_owned(),
        source,
    }
}

fn unavailable(why: String) -> StoreError {
    StoreError::Unavailable { why }
}

fn other_version() -> BackendError {
    BackendError::Unavailable("the process that holds it is another version of wxops".into())
}

fn chain(error: &StoreError) -> String {
    match error {
        StoreError::Io { path, source } => format!("cannot use `{}`: {source}", path.display()),
        StoreError::Conflict { .. }
        | StoreError::TooLarge { .. }
        | StoreError::NewerSchema { .. }
        | StoreError::WrongKey { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Unavailable { .. }
        | StoreError::Uncertain { .. } => error.to_string(),
    }
}

impl Backend for Embedded {
    fn get<'a>(&'a self, key: &'a Key) -> BoxFuture<'a, Result<Option<Document>, BackendError>> {
        let key = key.to_string();
        let asked = self.ask(Request::Get { key });
        asked.map(|asked| asked?.into_document()).boxed()
    }

    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        expected: Expected,
    ) -> BoxFuture<'a, Result<Revision, BackendError>> {
        if let Err(error) = check_size(&value) {
            return ready(Err(error)).boxed();
        }
        let asked = self.ask(Request::put(key, value, &expected));
        asked.map(|asked| asked?.into_revision()).boxed()
    }

    fn delete<'a>(
        &'a self,
        key: &'a Key,
        revision: Revision,
    ) -> BoxFuture<'a, Result<(), BackendError>> {
        let asked = self.ask(Request::Delete {
            key: key.to_string(),
            revision: revision.as_str().to_owned(),
        });
        asked.map(|asked| asked?.into_deleted()).boxed()
    }

    fn list<'a>(
        &'a self,
        prefix: &'a str,
        after: Option<&'a Key>,
    ) -> BoxFuture<'a, Result<Page, BackendError>> {
        let asked = self.ask(Request::List {
            prefix: prefix.to_owned(),
            after: after.map(Key::to_string),
        });
        asked.map(|asked| asked?.into_page()).boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn opened(folder: &Path) -> Embedded {
        Embedded::open(folder).await.unwrap()
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn holder_and_guest_conform() {
        let folder = tempfile::tempdir().unwrap();
        let holder = opened(folder.path()).await;
        let guest = opened(folder.path()).await;
        assert!(holder.is_holder() && !guest.is_holder());
        super::super::conformance::run(Arc::new(holder), Arc::new(guest)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn two_guests_conform() {
        let folder = tempfile::tempdir().unwrap();
        let _holder = opened(folder.path()).await;
        let guests = (opened(folder.path()).await, opened(folder.path()).await);
        assert!(!guests.0.is_holder() && !guests.1.is_holder());
        super::super::conformance::run(Arc::new(guests.0), Arc::new(guests.1)).await;
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_guest_takes_over_when_its_holder_goes() {
        let folder = tempfile::tempdir().unwrap();
        let key = Key::tenant("sunrise");
        let holder = opened(folder.path()).await;
        let guests = [opened(folder.path()).await, opened(folder.path()).await];
        let put = guests[0].put(&key, b"1".to_vec(), Expected::Absent).await;
        let revision = put.unwrap();
        drop(holder);
        for guest in &guests {
            let document = guest.get(&key).await.unwrap().unwrap();
            assert_eq!(document.revision, revision);
        }
        let holders = guests.iter().filter(|guest| guest.is_holder());
        assert_eq!(holders.count(), 1, "one of the two holds it now");
        let written = guests[1]
            .put(&key, b"2".to_vec(), Expected::At(revision))
            .await;
        let document = guests[0].get(&key).await.unwrap().unwrap();
        assert_eq!(document.revision, written.unwrap());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn the_socket_is_ours_alone_and_its_path_is_short() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("d".repeat(200));
        let holder = opened(&deep).await;
        assert!(holder.is_holder());
        let socket = std::fs::read_to_string(deep.canonicalize().unwrap().join("socket")).unwrap();
        let socket = Path::new(&socket);
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(socket), 0o600);
        assert_eq!(mode(socket.parent().unwrap()), 0o700);
        assert_eq!(mode(&deep), 0o700);
        let guest = opened(&deep).await;
        assert!(!guest.is_holder());
        drop((holder, guest));
        assert!(!socket.exists(), "it is removed with its holder");
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_folder_that_others_may_enter_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let user = rustix::process::geteuid().as_raw();
        let above = tempfile::tempdir().unwrap();
        let folder = above.path().join("runtime");
        assert!(private(&folder, user).is_ok());
        std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o750)).unwrap();
        assert!(private(&folder, user).is_err());
        let link = above.path().join("link");
        std::os::unix::fs::symlink(above.path(), &link).unwrap();
        assert!(private(&link, user).is_err());
    }
}
