//! The examples in the documents, read by the program's own parser.

use std::path::PathBuf;

use reflux::cli::{self, Stop};
use reflux::identity::Identity;

use super::{DIFFERENCES, read, root};

/// The command lines of the shell blocks in a text, split into words.
fn examples(text: &str) -> Vec<Vec<String>> {
    let mut lines = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            inside = line.trim() == "```sh";
        } else if inside {
            lines.push(line);
        }
    }
    let text = lines.join("\n").replace("\\\n", " ");
    let commands = text.lines().map(words);
    commands
        .filter(|words| words.first().is_some_and(|w| w == "reflux" || w == "flux"))
        .collect()
}

/// The words of one simple command: quotes are honoured, what follows it is not looked at.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.trim_start_matches("$ ").chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), c) => word.get_or_insert_default().push(c),
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, '|' | '>' | ';' | '&') => break,
            (None, '#') if word.is_none() => break,
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (None, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

#[test]
fn examples_are_commands() {
    let written = [
        "README.md",
        "CONTRIBUTING.md",
        "docs/architecture.md",
        "docs/exit-codes.md",
        "docs/output/README.md",
        "docs/rbac.md",
        DIFFERENCES,
    ];
    let generated = fs_err::read_dir(root().join("docs/commands")).unwrap();
    let generated = generated.map(|entry| entry.unwrap().path());
    let mut found = 0;
    for document in written.into_iter().map(PathBuf::from).chain(generated) {
        for words in examples(&read(&document)) {
            let line = words.join(" ");
            let identity = Identity::of(words.first().map(AsRef::as_ref));
            let arguments = words.into_iter().map(Into::into).collect();
            if let Err(Stop::Refusal(error)) = cli::parse(identity, arguments) {
                panic!("{}: {line}: {}", document.display(), error.chain());
            }
            found += 1;
        }
    }
    assert!(found >= 50, "{found}");
}

#[test]
fn words_are_split_as_a_shell_does() {
    assert_eq!(
        words("reflux get ks -l 'a in (b)' --x=\"\" | jq . # all"),
        ["reflux", "get", "ks", "-l", "a in (b)", "--x="]
    );
}
