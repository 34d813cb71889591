//! Commits as Git stores them, byte for byte.

use serde_json::{Value, json};

/// Author or committer, and when, in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The address; it may be empty.
    pub email: String,
    /// When.
    pub seconds: i64,
}

/// A commit to make.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCommit {
    /// The number of its tree.
    pub tree: String,
    /// The commit before it.
    pub parent: Option<String>,
    /// Author and committer.
    pub author: Person,
    /// Its message.
    pub message: String,
}

impl Person {
    /// The person as the API takes it.
    pub(super) fn to_json(&self) -> Value {
        let date = jiff::Timestamp::from_second(self.seconds).unwrap_or_default();
        json!({ "name": self.name, "email": self.email, "date": date.to_string() })
    }

    /// The line of a commit that names the person.
    fn line(&self) -> String {
        // Git leaves out what would end a name or an address early.
        let clean = |text: &str| text.replace(['<', '>', '\n'], "").trim().to_owned();
        let (name, email) = (clean(&self.name), clean(&self.email));
        format!("{name} <{email}> {} +0000", self.seconds)
    }
}

impl NewCommit {
    /// The commit as Git stores it, which is what a signature is made over.
    pub fn payload(&self) -> String {
        let mut text = format!("tree {}\n", self.tree);
        if let Some(parent) = &self.parent {
            text.push_str(&format!("parent {parent}\n"));
        }
        let person = self.author.line();
        format!(
            "{text}author {person}\ncommitter {person}\n\n{}",
            self.message
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_gits() {
        let commit = NewCommit {
            tree: "t".repeat(40),
            parent: Some("p".repeat(40)),
            author: Person {
                name: "Flux".to_owned(),
                email: String::new(),
                seconds: 1_700_000_000,
            },
            message: "Add x\n\n[ci skip]".to_owned(),
        };
        assert_eq!(
            commit.payload(),
            format!(
                "tree {}\nparent {}\nauthor Flux <> 1700000000 +0000\n\
                 committer Flux <> 1700000000 +0000\n\nAdd x\n\n[ci skip]",
                "t".repeat(40),
                "p".repeat(40)
            )
        );
        let root = NewCommit {
            parent: None,
            ..commit
        };
        assert!(!root.payload().contains("parent"));
        assert_eq!(root.author.to_json()["date"], "2023-11-14T22:13:20Z");
    }
}
