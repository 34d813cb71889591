//! The contents of the objects of a Git repository, read by one `git cat-file --batch`.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use kustomize::DiskFiles;

use super::revision::git;

/// The contents of files by the names of their objects, read once each.
pub(super) struct Blobs {
    root: PathBuf,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    reader: Option<Reader>,
    read: HashMap<String, Arc<[u8]>>,
}

impl Blobs {
    pub(super) fn new(root: &Path) -> Self {
        Blobs {
            root: root.to_path_buf(),
            state: Mutex::default(),
        }
    }

    pub(super) fn read(&self, object: &str) -> io::Result<Arc<[u8]>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(content) = state.read.get(object) {
            return Ok(Arc::clone(content));
        }
        let reader = match &mut state.reader {
            Some(reader) => reader,
            None => state.reader.insert(Reader::start(&self.root)?),
        };
        let content: Arc<[u8]> = match reader.read(object) {
            Ok(content) => content.into(),
            Err(error) => {
                // The rest of its answer would be taken for the next one's.
                state.reader = None;
                return Err(error);
            }
        };
        state.read.insert(object.to_owned(), Arc::clone(&content));
        Ok(content)
    }
}

/// `git cat-file --batch`, which answers one object after the other.
struct Reader {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Reader {
    fn start(root: &Path) -> io::Result<Self> {
        let mut child = git(root, &["cat-file", "--batch"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let streams = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = streams else {
            return Err(io::Error::other("git has no streams"));
        };
        Ok(Reader {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    fn read(&mut self, object: &str) -> io::Result<Vec<u8>> {
        writeln!(self.input, "{object}")?;
        self.input.flush()?;
        let mut header = String::new();
        self.output.read_line(&mut header)?;
        let size = header
            .trim_end()
            .rsplit_once(' ')
            .and_then(|(_, size)| size.parse::<u64>().ok());
        let Some(size) = size else {
            let message = format!("git has no object {object}: {}", header.trim_end());
            return Err(io::Error::other(message));
        };
        if size > DiskFiles::MAX_SIZE {
            let most = DiskFiles::MAX_SIZE >> 20;
            let message =
                format!("it is larger than {most} MiB, the most that is read of one file");
            return Err(io::Error::other(message));
        }
        let mut content = vec![0; usize::try_from(size).unwrap_or(usize::MAX)];
        self.output.read_exact(&mut content)?;
        self.output.read_exact(&mut [0])?;
        Ok(content)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // It only reads: there is nothing to lose.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
