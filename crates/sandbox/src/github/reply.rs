//! An answer before it is put on the wire.

use http::StatusCode;
use serde_json::Value;

/// What an answer carries.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// Nothing.
    Empty,
    /// JSON.
    Json(Value),
    /// Bytes of this media type.
    Bytes(String, Vec<u8>),
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) content: Content,
}

impl Reply {
    /// JSON with a status.
    pub(crate) fn json(status: StatusCode, body: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            content: Content::Json(body),
        }
    }

    /// 200 with JSON.
    pub(crate) fn ok(body: Value) -> Self {
        Self::json(StatusCode::OK, body)
    }

    /// 201 with JSON, and `Location` as the body's `url`.
    pub(crate) fn created(body: Value) -> Self {
        let location = body["url"].as_str().map(str::to_owned);
        let mut reply = Self::json(StatusCode::CREATED, body);
        reply.headers.extend(location.map(|url| ("location", url)));
        reply
    }

    /// 204.
    pub(crate) fn no_content() -> Self {
        Self {
            status: StatusCode::NO_CONTENT,
            headers: Vec::new(),
            content: Content::Empty,
        }
    }

    /// 200 with bytes.
    pub(crate) fn bytes(media_type: &str, bytes: Vec<u8>) -> Self {
        Self {
            status: StatusCode::OK,
            headers: Vec::new(),
            content: Content::Bytes(media_type.to_owned(), bytes),
        }
    }

    /// Plain text with a status.
    pub(crate) fn text(status: StatusCode, text: impl Into<String>) -> Self {
        let content = Content::Bytes(
            "text/plain; charset=utf-8".to_owned(),
            text.into().into_bytes(),
        );
        Self {
            status,
            headers: Vec::new(),
            content,
        }
    }

    /// The same answer with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}
