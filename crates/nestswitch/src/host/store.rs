//! The host's configuration file: written beside, synced and renamed, so that it is whole whatever happens.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::document::{DocumentError, HostDocument};

/// What can be wrong with a host's file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("cannot read {path}: {source}", path = path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write {path}: {source}", path = path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("{path}:{line}:{column}: {object}: {message}", path = path.display())]
    Syntax { path: PathBuf, line: usize, column: usize, object: String, message: String },
    #[error("{path}: {source}", path = path.display())]
    Document { path: PathBuf, source: DocumentError },
}

/// Reads and checks a host's file.
pub(crate) fn load(path: &Path) -> Result<HostDocument, StoreError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| StoreError::Read { path: path.to_owned(), source })?;
    let document = parse(path, &text)?;
    document.check().map_err(|source| StoreError::Document { path: path.to_owned(), source })?;
    Ok(document)
}

fn parse(path: &Path, text: &str) -> Result<HostDocument, StoreError> {
    let mut json = serde_json::Deserializer::from_str(text);
    let document = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        // A path of `.` is the whole, and `?` a place inside of something that was not understood.
        let place = error.path().to_string();
        let object = place.trim_end_matches(['.', '?']);
        let object = if object.is_empty() { "host" } else { object }.to_owned();
        syntax_error(path, object, error.inner())
    })?;
    json.end().map_err(|error| syntax_error(path, "after the host".to_owned(), &error))?;
    Ok(document)
}

fn syntax_error(path: &Path, object: String, error: &serde_json::Error) -> StoreError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    // The place stands in front already, as compilers write it.
    let message = text.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&text).to_owned();
    StoreError::Syntax { path: path.to_owned(), line, column: column.max(1), object, message }
}

/// Replaces a host's file. When this returns, the new content is on disk under the old name.
pub(crate) fn save(path: &Path, document: &HostDocument) -> Result<(), StoreError> {
    write_atomically(path, document).map_err(|source| StoreError::Write { path: path.to_owned(), source })
}

/// Writes the file of a new host, which must be right and must not be there yet.
pub(crate) fn create(path: &Path, document: &HostDocument) -> Result<(), StoreError> {
    document.check().map_err(|source| StoreError::Document { path: path.to_owned(), source })?;
    let failed = |source| StoreError::Write { path: path.to_owned(), source };
    // Only to hold the name; what is written replaces it as a whole.
    File::create_new(path).map_err(failed)?;
    save(path, document).inspect_err(|_| drop(std::fs::remove_file(path)))
}

fn write_atomically(path: &Path, document: &HostDocument) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    let mut file = File::create(&beside)?;
    file.write_all(&serde_json::to_vec_pretty(document)?)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
