//! What stays when the daemon goes: maps and links, named in a BPF file system.
//!
//! ```text
//! <directory>/<layout>/maps/<name>      the tables, counters and what was learned
//! <directory>/<layout>/links/<seat>     the program on the device of that seat
//! ```
//!
//! `<layout>` stands for everything that the program and we must agree on. What another layout left is removed when this
//! one comes; its devices then drop what they receive for as long as that takes.
//!
//! **Invariant:** what is under the directory is ours. Nothing else is touched.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use super::error::KernelError;
use super::layout;

const BPF_FS_MAGIC: i64 = 0xcafe_4a11;

#[derive(Debug)]
pub(super) struct Pins {
    directory: PathBuf,
    root: PathBuf,
}

/// What was under the directory.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Layouts that are not ours, removed.
    pub(super) replaced: usize,
}

impl Pins {
    /// Makes the directory ready. If it is not on a BPF file system, one is mounted there: in a mount namespace of one's
    /// own it goes with that namespace, and nothing outlives it.
    pub(super) fn open(directory: &Path) -> Result<(Self, Found), KernelError> {
        fs::create_dir_all(directory).map_err(failed(directory, "make the directory"))?;
        let file_system = rustix::fs::statfs(directory).map_err(io::Error::from);
        let file_system = file_system.map_err(failed(directory, "tell its file system"))?;
        if file_system.f_type as i64 != BPF_FS_MAGIC {
            mount(c"bpf", directory, c"bpf", MountFlags::empty(), None)
                .map_err(|error| failed(directory, "mount a BPF file system there")(error.into()))?;
        }
        let pins = Self { directory: directory.to_owned(), root: directory.join(layout_name()) };
        let found = Found { replaced: pins.remove_others()? };
        for part in [pins.root.clone(), pins.root.join("maps"), pins.root.join("links")] {
            fs::create_dir_all(&part).map_err(failed(&part, "make the directory"))?;
        }
        Ok((pins, found))
    }

    pub(super) fn map(&self, name: &str) -> PathBuf {
        self.root.join("maps").join(name)
    }

    pub(super) fn link(&self, seat: u32) -> PathBuf {
        self.root.join("links").join(seat.to_string())
    }

    /// The seats that have a link.
    pub(super) fn linked_seats(&self) -> Result<Vec<u32>, KernelError> {
        let links = self.root.join("links");
        let entries = fs::read_dir(&links).map_err(failed(&links, "list it"))?;
        Ok(entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect())
    }

    pub(super) fn remove_link(&self, seat: u32) -> Result<(), KernelError> {
        let path = self.link(seat);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(&path, "remove it")(error)),
            _ => Ok(()),
        }
    }

    /// Removes all of it, links first, and the file system if it was mounted at the directory itself.
    pub(super) fn remove(&self) -> Result<(), KernelError> {
        remove_layout(&self.root)?;
        if !self.others()?.is_empty() {
            return Ok(());
        }
        // Fails where the directory lies in a file system that others use, as it should.
        let _ = unmount(&self.directory, UnmountFlags::empty());
        let _ = fs::remove_dir(&self.directory);
        Ok(())
    }

    /// Layouts that are not ours.
    fn others(&self) -> Result<Vec<PathBuf>, KernelError> {
        let entries = fs::read_dir(&self.directory).map_err(failed(&self.directory, "list it"))?;
        let paths = entries.flatten().map(|entry| entry.path());
        Ok(paths.filter(|path| *path != self.root && path.join("links").is_dir()).collect())
    }

    fn remove_others(&self) -> Result<usize, KernelError> {
        let others = self.others()?;
        others.iter().try_for_each(|other| remove_layout(other))?;
        Ok(others.len())
    }
}

fn remove_layout(root: &Path) -> Result<(), KernelError> {
    for part in ["links", "maps"] {
        let part = root.join(part);
        let entries = fs::read_dir(&part).map_err(failed(&part, "list it"))?;
        for entry in entries.flatten() {
            fs::remove_file(entry.path()).map_err(failed(&entry.path(), "remove it"))?;
        }
        fs::remove_dir(&part).map_err(failed(&part, "remove it"))?;
    }
    fs::remove_dir(root).map_err(failed(root, "remove it"))
}

/// The version, and a sum over the whole of `bpf/layout.h`, so that a change that nobody gave a number is one too.
fn layout_name() -> String {
    let sum = layout::header().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("v{}-{sum:016x}", layout::VERSION)
}

fn failed(path: &Path, operation: &'static str) -> impl FnOnce(io::Error) -> KernelError {
    let path = path.display().to_string();
    move |source| KernelError::Pin { path, operation, source }
}
