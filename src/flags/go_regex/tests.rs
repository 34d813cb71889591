use super::*;

/// Patterns that Go 1.26 takes, one a line.
const TAKEN: &str = r"
a{,2}
a{
a{2
a{00}
a{1000}
(a{10}){100}
(a{1000}){0}
x*?
[[a]
[a&&b]
[]a]
[^]a]
[a-]
[--a]
[[:alpha:][:^digit:]]
[[:a]
[\d\pL-]
\p{Greek}
\p{^greek}
\pN
\p{Letter}
\p{Any}
\p{Surrogate}
]
}
\Qa**\E
\Q
\x{10FFFF}
\x41
\012
\11
\_\-\<
(?i)a(?-s:b)
(?)
a*(?i)*
^*
a||b
(|a)
()
(?P<n>a)(?P<n>b)
(?P<1>a)
\A\b\B\z
é+
a*\Q\E*
";

/// Patterns that Go 1.26 refuses, one a line.
const REFUSED: &str = r"
(
)
a)
(a
*
(*)
a|*
a**
a*+
a???
a{2}{3}
a{1001}
a{2,1}
a{99999999999}
(a{100}){100}
((a{2}){2}){251}
[
[]
[^]
[b-a]
[[:foo:]]
[\8]
[a-\d]
\
\8
\1
\C
\Z
\q
\é
\x
\x4
\xg0
\x{}
\x{110000}
\p
\p{
\p{Foo}
\p{Alphabetic}
\p{Grek}
\p{sc=Greek}
(?x)a
(?i
(?i-)
(?-)
(?P<n
(?P<>a)
(?P<a b>c)
(?P=n)
(?=a)
(?#a)
";

#[test]
fn groups_have_names() {
    let names = go_regex("^main-(?P<sha>[a-f0-9]+)-(?<ts>[0-9]+)(x)(?:y)").unwrap();
    assert_eq!(names, ["sha", "ts"]);
}

#[test]
fn what_go_takes_is_taken() {
    for pattern in TAKEN.lines() {
        assert_eq!(go_regex(pattern).err(), None, "{pattern}");
    }
}

#[test]
fn what_go_refuses_is_refused() {
    for pattern in REFUSED.lines().skip(1) {
        assert!(go_regex(pattern).is_err(), "{pattern}");
    }
}
