//! Archives, the same bytes for the same files.

use anyhow::{Context as _, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

/// A gzipped tar of files, each a path and a text.
///
/// # Errors
/// If a path is too long for the format.
pub fn tar_gz<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Vec<u8>> {
    let gzip = GzEncoder::new(Vec::new(), Compression::default());
    let mut archive = tar::Builder::new(gzip);
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len().try_into()?);
        header.set_mode(0o644);
        header.set_mtime(0);
        archive
            .append_data(&mut header, path, text.as_bytes())
            .with_context(|| format!("adding {path} to an archive"))?;
    }
    Ok(archive.into_inner()?.finish()?)
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn an_archive_holds_its_files_and_nothing_of_the_day() {
        let files = [("a.txt", "one"), ("deep/b.txt", "two")];
        let bytes = tar_gz(files).unwrap();
        assert_eq!(tar_gz(files).unwrap(), bytes);
        let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(bytes.as_slice()));
        let found: Vec<(String, String)> = archive
            .entries()
            .unwrap()
            .map(|entry| {
                let mut entry = entry.unwrap();
                let mut text = String::new();
                entry.read_to_string(&mut text).unwrap();
                (entry.path().unwrap().display().to_string(), text)
            })
            .collect();
        assert_eq!(
            found,
            files.map(|(path, text)| (path.to_owned(), text.to_owned()))
        );
    }
}
