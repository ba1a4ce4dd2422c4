//! Where a running lab keeps its sockets and its hosts' configurations.
//!
//! One folder a lab, below a folder of the user's own. It holds nothing that outlives the lab: what a killed lab left
//! is removed when a lab of the same name comes up.

use std::io;
use std::path::{Path, PathBuf};

use crate::host::client::Client;

/// The longest path that fits a Unix socket address.
const LONGEST_SOCKET_PATH: usize = 107;

/// The folder of one lab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LabFolder {
    lab: String,
    path: PathBuf,
}

/// Why a lab was not found.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FindError {
    #[error("no lab is running; `nsw lab up FILE` starts one")]
    None,
    #[error("lab `{0}` is not running")]
    NotRunning(String),
    #[error("several labs are running ({0}); say which with --lab")]
    Several(String),
}

impl LabFolder {
    /// The folder of the lab with this name, whether or not it exists.
    pub(crate) fn of(lab: &str) -> Self {
        Self { lab: lab.to_owned(), path: root().join(lab) }
    }

    /// The running lab with this name, or the only one that runs.
    pub(crate) fn find(name: Option<&str>) -> Result<Self, FindError> {
        let mut running = Self::running();
        match name {
            Some(name) => running
                .into_iter()
                .find(|folder| folder.lab == name)
                .ok_or_else(|| FindError::NotRunning(name.to_owned())),
            None if running.len() > 1 => {
                let names: Vec<&str> = running.iter().map(|folder| folder.lab.as_str()).collect();
                Err(FindError::Several(names.join(", ")))
            }
            None => running.pop().ok_or(FindError::None),
        }
    }

    /// The labs whose supervisors answer, by name.
    pub(crate) fn running() -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(root()) else { return Vec::new() };
        let mut found: Vec<Self> = entries
            .flatten()
            .filter_map(|entry| entry.file_name().into_string().ok())
            .map(|name| Self::of(&name))
            .filter(|folder| folder.client().is_alive())
            .collect();
        found.sort_by(|a, b| a.lab.cmp(&b.lab));
        found
    }

    /// Removes what killed demos left: their names are never used again, so no later one would.
    #[cfg(target_os = "linux")]
    pub(crate) fn remove_dead_demos() {
        let Ok(entries) = std::fs::read_dir(root()) else { return };
        for name in entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()) {
            let process = name.strip_prefix("demo-").and_then(|id| id.parse::<u32>().ok());
            let folder = Self::of(&name);
            let ended = process.is_some_and(|id| !Path::new("/proc").join(id.to_string()).exists());
            if ended && !folder.client().is_alive() {
                // Whoever may not remove it did not make it.
                let _ = folder.remove();
            }
        }
    }

    /// The lab's name.
    pub(crate) fn lab(&self) -> &str {
        &self.lab
    }

    /// The supervisor's socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.path.join("lab.sock")
    }

    /// The control socket of a host.
    pub(crate) fn host_socket(&self, host: &str) -> PathBuf {
        self.path.join(format!("{host}.sock"))
    }

    /// The configuration of a host.
    pub(crate) fn host_config(&self, host: &str) -> PathBuf {
        self.path.join(format!("{host}.json"))
    }

    /// What the supervisor and the hosts say.
    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    /// A client of the supervisor.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.socket())
    }

    /// A client of a host.
    pub(crate) fn host_client(&self, host: &str) -> Client {
        Client::new(self.host_socket(host))
    }

    /// Is the folder there?
    pub(crate) fn exists(&self) -> bool {
        self.path.exists()
    }

    /// Makes the folder, empty, for its owner alone.
    pub(crate) fn create(&self) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt as _;
        self.remove()?;
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.path)
    }

    /// Removes the folder and what is in it.
    pub(crate) fn remove(&self) -> io::Result<()> {
        match std::fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        }
    }

    /// Does the longest of these hosts' sockets fit a socket address?
    pub(crate) fn check_names<'a>(&self, hosts: impl Iterator<Item = &'a str>) -> Result<(), String> {
        for host in hosts {
            let path = self.host_socket(host);
            if path.as_os_str().len() > LONGEST_SOCKET_PATH {
                return Err(format!(
                    "the socket path {} is longer than {LONGEST_SOCKET_PATH} bytes; shorten the name of the lab or of \
                     host `{host}`",
                    path.display()
                ));
            }
        }
        Ok(())
    }
}

/// The folder of all labs of this user. It must be the same inside and outside a user namespace, so it depends on
/// the environment and on who owns it, never on the user id that a process believes to have.
fn root() -> PathBuf {
    let runtime = std::env::var_os("NSW_RUNTIME_DIR")
        .map(PathBuf::from)
        .or_else(|| std::env::var_os("XDG_RUNTIME_DIR").map(|folder| Path::new(&folder).join("nestswitch")));
    runtime.unwrap_or_else(|| {
        let uid = rustix::process::getuid().as_raw();
        if uid == 0 {
            PathBuf::from("/run/nestswitch")
        } else {
            std::env::temp_dir().join(format!("nestswitch-{uid}"))
        }
    })
}

/// The variable that tells a child process where the labs' folders are.
pub(crate) fn runtime_variable() -> (&'static str, PathBuf) {
    ("NSW_RUNTIME_DIR", root())
}
