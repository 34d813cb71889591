//! Values inside of texts that hold JSON or YAML, as some ConfigMaps do.

use super::path::{self, Made};
use crate::gojson;
use crate::yaml::{self, Data, Dialect, Node, Scalar, parse};

/// Sets a value inside of a text of JSON or YAML that `path` goes through. `false` if it does not go through one, or does not lead
/// to a field in there.
///
/// # Errors
///
/// When the text is YAML of which the layout would be lost.
pub(super) fn set(
    node: &mut Node,
    path: &[String],
    value: &Node,
    create: Option<Made>,
) -> Result<bool, String> {
    let through = (1..path.len()).find(|length| {
        path::get(node, &path[..*length])
            .is_ok_and(|found| found.is_some_and(|found| found.as_scalar().is_some()))
    });
    let Some(length) = through else {
        return Ok(false);
    };
    let mut outcome = Ok(false);
    let visited = path::visit(node, &path[..length], None, &mut |field| {
        outcome = set_in_text(field, &path[length..], value, create);
        Ok(())
    });
    if visited.is_err() { Ok(false) } else { outcome }
}

fn set_in_text(
    field: &mut Node,
    path: &[String],
    value: &Node,
    create: Option<Made>,
) -> Result<bool, String> {
    let Some(text) = field.as_scalar().map(str::to_owned) else {
        return Ok(false);
    };
    let Ok(mut documents) = parse(&text, Dialect::Resource) else {
        return Ok(false);
    };
    let Some(document) = documents
        .first_mut()
        .filter(|document| document.as_scalar().is_none())
    else {
        return Ok(false);
    };
    let mut assign = |inner: &mut Node| super::assign(inner, value).map_err(path::Stop::Set);
    match path::visit(document, path, create, &mut assign) {
        Ok(count) if count > 0 => {}
        _ => return Ok(false),
    }
    if !text.trim_start().starts_with(['{', '[']) {
        let written = yaml::rewritten(&text, document)
            .filter(|_| value.as_scalar().is_some() && super::fits(document).is_ok());
        let Some(written) = written else {
            let message = "values inside of YAML texts are replaced only where these are without comments, anchors and \
                           tags, and by single values";
            return Err(message.into());
        };
        field.data = Data::Scalar(written, Scalar::Text);
        return Ok(true);
    }
    // What does not fit there is not put there, and is no error either.
    if super::fits(document).is_err() {
        return Ok(true);
    }
    let json = document.to_json();
    let written = if text.contains('\n') && text.contains("  ") {
        gojson::pretty(&json)
    } else {
        gojson::compact(&json)
    };
    field.data = Data::Scalar(written, Scalar::Text);
    Ok(true)
}
