//! Refusals in the shape that GitHub gives them.

use http::StatusCode;
use serde_json::{Value, json};

use super::reply::Reply;

/// Where GitHub's messages send the reader.
const DOCS: &str = "https://docs.github.com/rest";

/// A refusal: status, message, and details for 422.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    message: String,
    errors: Vec<Value>,
    docs: Option<String>,
    headers: Vec<(&'static str, String)>,
}

impl ApiError {
    /// A refusal with a message alone.
    pub(crate) fn new(status: StatusCode, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            errors: Vec::new(),
            docs: None,
            headers: Vec::new(),
        }
    }

    /// 404: absent, or hidden from the caller.
    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found")
    }

    /// 403.
    pub(crate) fn forbidden(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, message)
    }

    /// 409.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, message)
    }

    /// 409 of every Git Data request on a repository without commits.
    pub(crate) fn empty_repository() -> Self {
        Self::conflict("Git Repository is empty.")
    }

    /// 422 with a message alone.
    pub(crate) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, message)
    }

    /// 422 about one field, with a text for people.
    pub(crate) fn invalid(resource: &str, field: &str, message: &str) -> Self {
        Self::unprocessable("Validation Failed").detail(json!({
            "resource": resource, "code": "custom", "field": field, "message": message,
        }))
    }

    /// 422 about one field, with a code such as `missing_field` or `already_exists`.
    pub(crate) fn coded(resource: &str, field: &str, code: &str) -> Self {
        Self::unprocessable("Validation Failed")
            .detail(json!({ "resource": resource, "code": code, "field": field }))
    }

    /// The same refusal with one more detail.
    pub(crate) fn detail(mut self, detail: Value) -> Self {
        self.errors.push(detail);
        self
    }

    /// The same refusal with another page of the manual.
    pub(crate) fn docs(mut self, page: &str) -> Self {
        self.docs = Some(page.to_owned());
        self
    }

    /// The same refusal with one more header.
    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The answer to send; `page` is the manual's page of the endpoint.
    pub(crate) fn into_reply(self, page: &str) -> Reply {
        let page = self.docs.as_deref().unwrap_or(page);
        let separator = if page.is_empty() { "" } else { "/" };
        let mut body = json!({
            "message": self.message,
            "documentation_url": format!("{DOCS}{separator}{page}"),
            "status": self.status.as_u16().to_string(),
        });
        if !self.errors.is_empty() {
            body["errors"] = Value::Array(self.errors);
        }
        let mut reply = Reply::json(self.status, body);
        reply.headers.extend(self.headers);
        reply
    }
}

/// What libgit2 refuses that no check foresaw is the server's own fault.
impl From<git2::Error> for ApiError {
    fn from(error: git2::Error) -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            format!("git: {}", error.message()),
        )
    }
}
