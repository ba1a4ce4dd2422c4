//! The language of an answer: what `--lang` says, else that of the locale, else English.

use nsw_lab::messages::{Catalogue, Language};

use crate::cli::Speech;

/// Asked in this order, as POSIX has it; the first that is set and not empty counts.
const LOCALE: [&str; 3] = ["LC_ALL", "LC_MESSAGES", "LANG"];

/// The language to answer in.
pub(crate) fn language(speech: &Speech) -> Language {
    let set =
        || LOCALE.into_iter().find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    speech.lang.or_else(|| Language::of_locale(&set()?)).unwrap_or_default()
}

/// What there is to say in it.
pub(crate) fn catalogue(speech: &Speech) -> Catalogue {
    Catalogue::new(language(speech))
}
