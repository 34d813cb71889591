use super::*;

fn lookup(name: &str) -> Option<Cow<'static, [u8]>> {
    let value = match name {
        "name" => "flux",
        "empty" => "",
        "path" => "/usr/local/lib/a.tar.gz",
        "words" => "one two one",
        "big" => "FLUX",
        "world" => "größe",
        _ => return None,
    };
    Some(Cow::Borrowed(value.as_bytes()))
}

fn filled(text: &str) -> Result<String, Error> {
    let out = substitute(text.as_bytes(), &lookup, Missing::Empty)?;
    Ok(String::from_utf8(out).unwrap())
}

fn all_become(pairs: &[(&str, &str)]) {
    for (text, wanted) in pairs {
        assert_eq!(filled(text).as_deref(), Ok(*wanted), "{text}");
    }
}

#[test]
fn plain_text_and_dollars_stay() {
    all_become(&[
        ("", ""),
        ("a $ b $name } $(x) \\$", "a $ b $name } $(x) \\$"),
        ("$$name $${name} $$$${name}", "$name ${name} $${name}"),
        ("a${name}b${missing}c", "afluxbc"),
    ]);
}

#[test]
fn defaults_are_for_empty_and_unset() {
    all_become(&[
        ("${missing:-a} ${empty:-a} ${name:-a}", "a a flux"),
        (
            "${missing:=a} ${missing=a} ${missing:+a} ${missing:?a}",
            "a a a a",
        ),
        ("${name:+a} ${name:?a}", "flux flux"),
        ("${missing:-a ${name} ${no:-$}}", "a flux $"),
        ("${missing:-}", ""),
    ]);
}

#[test]
fn substrings_count_bytes_from_either_end() {
    all_become(&[
        (
            "${name:1}|${name:-2}|${name:1:2}|${name:0:99}|${name:9}",
            "lux|flux|lu|flux|",
        ),
        ("${name:x}|${name:1:x}|${name:+2}", "flux|flux|flux"),
        ("${words: -3}|${name:9:-1}", "one two one|"),
    ]);
    let error = Error::NegativeLength("name".to_owned());
    assert_eq!(filled("${name:1:-1}"), Err(error));
    let half = substitute("${world:0:3}".as_bytes(), &lookup, Missing::Empty);
    assert_eq!(half.unwrap(), b"gr\xc3");
}

#[test]
fn case_and_length() {
    all_become(&[
        ("${name^} ${name^^} ${big,} ${big,,}", "Flux FLUX fLUX flux"),
        ("${world^^} ${#name} ${#world} ${#missing}", "GRÖßE 4 7 0"),
        ("${name,^}", "flux"),
    ]);
}

#[test]
fn replacements() {
    all_become(&[
        ("${words/one/1}|${words//one/1}", "1 two one|1 two 1"),
        ("${words/one/}|${words//o/}", " two one|ne tw ne"),
        ("${words/#one/1}|${words/#two/1}", "1 two one|one two one"),
        ("${words/%one/1}|${words/%two/1}", "one two 1|one two one"),
        (
            "${path//\\//-}|${name/${name}/${big}}",
            "-usr-local-lib-a.tar.gz|FLUX",
        ),
        ("${name//${empty}/.}|${name/${empty}/.}", ".f.l.u.x.|.flux"),
    ]);
}

#[test]
fn removals_by_pattern() {
    all_become(&[
        ("${path#*/}|${path##*/}", "usr/local/lib/a.tar.gz|a.tar.gz"),
        (
            "${path%.*}|${path%%.*}",
            "/usr/local/lib/a.tar|/usr/local/lib/a",
        ),
        (
            "${name#f?}|${name#[a-f]}|${name#[^a-f]}|${name#x}",
            "ux|lux|flux|flux",
        ),
        (
            "${name#[}|${name#\\f}|${name#*}|${name##*}",
            "flux|lux|lux|",
        ),
    ]);
}

#[test]
fn malformed_text_is_refused() {
    for (text, error) in [
        ("${", Error::VariableName),
        ("${}", Error::VariableName),
        ("${ name}", Error::VariableName),
        ("${name", Error::MissingClosingBrace),
        ("${name-a}", Error::MissingClosingBrace),
        ("${name:}", Error::Argument),
        ("${name:", Error::BadSubstitution),
        ("${name:é}", Error::BadSubstitution),
        ("${name:-a", Error::Argument),
        ("${name/a}", Error::BadSubstitution),
        ("${name/a/b", Error::BadSubstitution),
        ("${name,,,}", Error::BadSubstitution),
        ("${#}", Error::BadSubstitution),
    ] {
        assert_eq!(filled(text), Err(error), "{text}");
    }
    let deep = "${a:-".repeat(100_000);
    assert_eq!(filled(&deep), Err(Error::TooDeep));
}

#[test]
fn strict_refuses_what_has_neither_value_nor_default() {
    let strict = |text: &str| substitute(text.as_bytes(), &lookup, Missing::Refused);
    for text in ["${empty}", "${missing:-a}", "${missing=a}", "${name^^}"] {
        assert!(strict(text).is_ok(), "{text}");
    }
    for text in [
        "${missing}",
        "${#missing}",
        "${missing^^}",
        "${a:-${missing}}",
    ] {
        let error = Error::NotSet("missing".to_owned());
        assert_eq!(strict(text), Err(error), "{text}");
    }
}
