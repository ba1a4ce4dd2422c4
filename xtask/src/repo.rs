//! The repository as tidy sees it: the text of every file that git tracks or would track.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// Paths relative to the root, with `/`, and the text of each. Files that are no UTF-8 are known by name only.
#[derive(Default)]
pub(crate) struct Repo {
    texts: BTreeMap<String, Option<String>>,
}

impl Repo {
    pub(crate) fn load(root: &Path) -> Result<Self, String> {
        let listed = Command::new("git")
            .arg("-C")
            .arg(root)
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .output()
            .map_err(|error| format!("cannot run git: {error}"))?;
        if !listed.status.success() {
            return Err(format!("git ls-files: {}", String::from_utf8_lossy(&listed.stderr)));
        }
        let names = String::from_utf8_lossy(&listed.stdout).into_owned();
        let mut repo = Self::default();
        for name in names.split('\0').filter(|name| !name.is_empty()) {
            // A file that was deleted and is still in the index is simply not there.
            let Ok(bytes) = std::fs::read(root.join(name)) else { continue };
            repo.texts.insert(name.to_owned(), String::from_utf8(bytes).ok());
        }
        Ok(repo)
    }

    #[cfg(test)]
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let texts = files.iter().map(|(path, text)| ((*path).to_owned(), Some((*text).to_owned())));
        Self { texts: texts.collect() }
    }

    pub(crate) fn len(&self) -> usize {
        self.texts.len()
    }

    /// Is there a file or folder of this path?
    pub(crate) fn has(&self, path: &str) -> bool {
        let folder = format!("{}/", path.trim_end_matches('/'));
        path.is_empty()
            || self.texts.contains_key(path)
            || self.texts.range(folder.clone()..).next().is_some_and(|(name, _)| name.starts_with(&folder))
    }

    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path)?.as_deref()
    }

    /// Every text file, by path.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts.iter().filter_map(|(path, text)| Some((path.as_str(), text.as_deref()?)))
    }

    /// Text files with this ending.
    pub(crate) fn ending(&self, ending: &str) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(move |(path, _)| path.ends_with(ending))
    }
}
