//! The items of a list, cut out of its text while that arrives.

/// Cuts the text of a list into the items and the rest.
///
/// The text comes in pieces that end anywhere. Nothing of it is judged here, but for where an item
/// begins and ends: who reads an item or the rest as JSON sees what is wrong with it.
#[derive(Default)]
pub(super) struct Splitter {
    place: Place,
    /// The list without its items.
    rest: Vec<u8>,
    /// Where in the rest the latest string begins.
    string: usize,
    /// What has arrived of an item that is not complete.
    item: Vec<u8>,
    /// How many objects and arrays are open; within an item, how many objects of it.
    depth: usize,
    quoted: bool,
    escaped: bool,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Around the items.
    #[default]
    Outside,
    /// Between two items.
    Between,
    /// In an item.
    Item,
}

impl Splitter {
    /// Takes the next piece of text, and shows each item that it completes.
    pub(super) fn push<E>(
        &mut self,
        mut piece: &[u8],
        mut each: impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        while let [first, others @ ..] = piece {
            match self.place {
                Place::Outside => {
                    self.outside(*first);
                    piece = others;
                }
                Place::Between if *first == b'{' => self.place = Place::Item,
                Place::Between => {
                    // Whatever is not an object stays behind, and makes the rest no list.
                    if !first.is_ascii_whitespace() && *first != b',' {
                        self.rest.push(*first);
                    }
                    if *first == b']' {
                        self.place = Place::Outside;
                        self.depth = 1;
                    }
                    piece = others;
                }
                Place::Item => {
                    let Some(end) = self.end(piece) else {
                        self.item.extend_from_slice(piece);
                        return Ok(());
                    };
                    let (last, others) = piece.split_at(end);
                    self.place = Place::Between;
                    piece = others;
                    if self.item.is_empty() {
                        each(last)?;
                    } else {
                        self.item.extend_from_slice(last);
                        let outcome = each(&self.item);
                        self.item.clear();
                        outcome?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The list without its items, once all of it is there: `{"items":[],"metadata":{}}`.
    pub(super) fn rest(&self) -> &[u8] {
        &self.rest
    }

    /// Takes a byte of what is around the items.
    fn outside(&mut self, byte: u8) {
        if byte == b'"' && !self.quoted {
            self.string = self.rest.len();
        }
        let begins = byte == b'[' && !self.quoted && self.depth == 1 && self.at_items();
        self.rest.push(byte);
        match byte {
            _ if self.is_text(byte) => {}
            _ if begins => {
                self.place = Place::Between;
                self.depth = 0;
            }
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether what comes next is the value of the list's field `items`.
    fn at_items(&self) -> bool {
        let field = self.rest.get(self.string..).unwrap_or_default();
        let field = field.trim_ascii_end().strip_suffix(b":");
        field.is_some_and(|field| field.trim_ascii_end() == b"\"items\"")
    }

    /// Where the item ends that `piece` begins with or goes on with. Only the few bytes that tell
    /// are looked at.
    fn end(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            let rest = piece.get(at..)?;
            if self.escaped {
                rest.first()?;
                self.escaped = false;
                at += 1;
                continue;
            }
            // They stand too close to each other for a search that takes many bytes at a time.
            let found = if self.quoted {
                rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?
            } else {
                rest.iter()
                    .position(|byte| matches!(byte, b'"' | b'{' | b'}'))?
            };
            at += found + 1;
            match rest.get(found)? {
                b'"' => self.quoted = !self.quoted,
                b'\\' => self.escaped = true,
                b'{' => self.depth += 1,
                _ => {
                    self.depth = self.depth.saturating_sub(1);
                    if self.depth == 0 {
                        return Some(at);
                    }
                }
            }
        }
    }

    /// Whether a byte belongs to a string.
    fn is_text(&mut self, byte: u8) -> bool {
        if !self.quoted {
            self.quoted = byte == b'"';
            return self.quoted;
        }
        if self.escaped {
            self.escaped = false;
        } else {
            self.escaped = byte == b'\\';
            self.quoted = byte != b'"';
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// The items and the rest, where the text comes in pieces of `size` bytes.
    fn split(text: &str, size: usize) -> (Vec<String>, String) {
        let (mut splitter, mut items) = (Splitter::default(), Vec::new());
        for piece in text.as_bytes().chunks(size) {
            let keep = |item: &[u8]| {
                items.push(String::from_utf8(item.to_vec())?);
                Ok::<_, std::string::FromUtf8Error>(())
            };
            splitter.push(piece, keep).unwrap();
        }
        let rest = String::from_utf8(splitter.rest().to_vec()).unwrap();
        (items, rest)
    }

    #[test]
    fn wherever_the_pieces_end_the_items_are_the_same() {
        let items = [
            json!({}),
            json!({"items": [{"items": []}], "a": "}{\"\\\\", "b": "\\"}),
            json!({"metadata": {"name": "ö", "labels": {"]": "[", "}": "{"}}, "list": [1, [2.5e-3]]}),
        ];
        let list = json!({
            "apiVersion": "v1", "other": {"items": [7]}, "list": [[{"items": []}]],
            "metadata": {"continue": "\"items\":[", "items": [{}]}, "items": items,
            "text": "items\":[", "zeros": [0, 0],
        });
        for text in [list.to_string(), format!("{list:#}\n")] {
            for size in 1..text.len() + 1 {
                let (found, rest) = split(&text, size);
                let found: Vec<Value> = found
                    .iter()
                    .map(|item| serde_json::from_str(item).unwrap())
                    .collect();
                assert_eq!(found, items, "{size}");
                let mut want = list.clone();
                want["items"] = json!([]);
                let rest: Value = serde_json::from_str(&rest).unwrap();
                assert_eq!(rest, want, "{size}");
            }
        }
    }

    #[test]
    fn what_is_no_list_of_objects_stays_what_it_is() {
        for text in [
            r#"{"items":null}"#,
            r#"{"items":{"items":[1]}}"#,
            r#"{"a\"items":[1]}"#,
            r#"["items",[1]]"#,
            "",
            "no JSON",
        ] {
            assert_eq!(split(text, 3), (Vec::new(), text.to_owned()));
        }
        let (items, rest) = split(r#"{"items": [1, {"a": 1}, null]}"#, 5);
        assert_eq!(items, [r#"{"a": 1}"#]);
        assert_eq!(rest, r#"{"items": [1null]}"#);
    }

    #[test]
    fn what_breaks_off_is_no_list() {
        let text = r#"{"items":[{"a":"b"},{"c":1}],"metadata":{}}"#;
        for end in 0..text.len() {
            let (_, rest) = split(&text[..end], 4);
            let error = serde_json::from_str::<Value>(&rest).unwrap_err();
            assert!(error.is_eof(), "{rest}: {error}");
        }
    }
}
