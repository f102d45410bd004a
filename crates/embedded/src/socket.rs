//! Where the socket goes. Its path must fit into `sockaddr_un`, which is shorter than many home directories.

use crate::state::StateDir;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// Only names the socket file: the server listens on no address.
pub(crate) const PORT: u16 = 5432;

/// `sun_path` holds 104 bytes on macOS and 108 on Linux, with a final NUL.
const MAX_PATH_BYTES: usize = 103;

/// The socket file in a directory.
pub(crate) fn socket_file(dir: &Path, port: u16) -> PathBuf {
    dir.join(format!(".s.PGSQL.{port}"))
}

/// A private directory for the socket: in the state directory, or in a runtime directory if that is too deep.
pub(crate) fn socket_dir(state: &StateDir) -> io::Result<PathBuf> {
    let mut candidates = vec![state.run_dir()];
    let mut hasher = DefaultHasher::new();
    state.path().hash(&mut hasher);
    let name = format!("orgraph-{:016x}", hasher.finish());
    candidates.extend(std::env::var_os("XDG_RUNTIME_DIR").map(|dir| PathBuf::from(dir).join(&name)));
    candidates.push(std::env::temp_dir().join(&name));
    candidates.push(Path::new("/tmp").join(&name));
    let dir = candidates
        .into_iter()
        .find(|dir| socket_file(dir, PORT).as_os_str().len() <= MAX_PATH_BYTES)
        .ok_or_else(|| io::Error::other("every possible path is too long for a socket"))?;
    make_private(&dir)?;
    Ok(dir)
}

/// Makes the directory with mode 0700, or checks that the one there is ours alone.
fn make_private(dir: &Path) -> io::Result<()> {
    match std::fs::DirBuilder::new().mode(0o700).create(dir) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        other => return other,
    }
    // Not `metadata`: in a shared directory somebody else may have put a link there.
    let found = std::fs::symlink_metadata(dir)?;
    if found.is_dir() && found.uid() == nix::unistd::geteuid().as_raw() && found.mode() & 0o777 == 0o700 {
        return Ok(());
    }
    Err(io::Error::other(format!("{} is not a private directory of this account", dir.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_state_directory_gets_its_socket_elsewhere() {
        let shallow = tempfile::Builder::new().prefix("s").tempdir_in("/tmp").unwrap();
        let deep = shallow.path().join("d".repeat(120));
        std::fs::create_dir(&deep).unwrap();

        let near = socket_dir(&StateDir::at(shallow.path()).unwrap()).unwrap();
        let far = socket_dir(&StateDir::at(&deep).unwrap()).unwrap();
        let again = socket_dir(&StateDir::at(&deep).unwrap()).unwrap();

        assert_eq!(near, shallow.path().join("run"));
        assert!(!far.starts_with(&deep));
        assert!(socket_file(&far, PORT).as_os_str().len() <= MAX_PATH_BYTES);
        assert_eq!(far, again);
        std::fs::remove_dir(far).unwrap();
    }

    #[test]
    fn a_directory_that_others_can_enter_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let open = dir.path().join("open");
        std::fs::DirBuilder::new().mode(0o755).create(&open).unwrap();
        let link = dir.path().join("link");
        std::os::unix::fs::symlink(dir.path(), &link).unwrap();

        assert!(make_private(&open).is_err());
        assert!(make_private(&link).is_err());
        assert!(make_private(&dir.path().join("new")).is_ok());
    }
}
