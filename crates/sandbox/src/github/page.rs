//! Lists in pages, with the `Link` header.

use serde_json::Value;

use super::reply::Reply;
use super::rest::Call;

/// Answers one page of `items`, as `per_page` (30, at most 100) and `page` ask.
pub(crate) fn paginate(call: &Call<'_>, items: Vec<Value>) -> Reply {
    let number = |name: &str, default: usize| {
        call.query(name)
            .and_then(|text| text.parse::<usize>().ok())
            .filter(|n| *n > 0)
            .unwrap_or(default)
    };
    let per_page = number("per_page", 30).min(100);
    let page = number("page", 1);
    let last = items.len().div_ceil(per_page).max(1);
    let start = (page - 1).saturating_mul(per_page);
    let body: Vec<Value> = items.into_iter().skip(start).take(per_page).collect();
    let mut links = Vec::new();
    let mut link = |rel: &str, page: usize| links.push(link_to(call, rel, page));
    if page > 1 {
        link("prev", (page - 1).min(last));
    }
    if page < last {
        link("next", page + 1);
        link("last", last);
    }
    if page > 1 {
        link("first", 1);
    }
    let reply = Reply::ok(Value::Array(body));
    if links.is_empty() {
        reply
    } else {
        reply.header("link", links.join(", "))
    }
}

fn link_to(call: &Call<'_>, rel: &str, page: usize) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, value) in call.request.query.iter().filter(|(name, _)| name != "page") {
        query.append_pair(name, value);
    }
    query.append_pair("page", &page.to_string());
    let address = call.state.urls.api(&call.request.path);
    format!("<{address}?{}>; rel=\"{rel}\"", query.finish())
}
