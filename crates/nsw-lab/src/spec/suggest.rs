//! *Did you mean ...?* for a name that does not resolve.

/// Names that are compared: a file with thousands of both must not cost their product.
pub(crate) const MAX_COMPARED: usize = 256;

/// The hint for a name that does not resolve: the nearest of `known` if one is near, else what there is, else nothing.
pub(crate) fn hint<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.collect();
    near(wanted, known.iter().copied()).or_else(|| match known.as_slice() {
        [] => None,
        [only] => Some(format!("there is only `{only}`")),
        [..] if known.len() <= 8 => Some(format!("there are `{}`", known.join("`, `"))),
        [..] => None,
    })
}

/// *did you mean ...?* with the nearest of `known`, if one is near enough to be a slip of the finger.
pub fn near<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(wanted, known.take(MAX_COMPARED)).map(|name| format!("did you mean `{name}`?"))
}

/// The nearest of `known`, if one is near enough to be a slip of the finger.
pub(crate) fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (wanted.chars().count() / 3).clamp(1, 3);
    known
        .map(|name| (distance(&wanted.to_lowercase(), &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= allowed && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many characters to insert, delete or replace to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(256).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().take(256).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
