//! Kubernetes' quantities (`100m`, `1.5Gi`, `2e3`), as far as their order goes.

/// The quantity in billionths, which is the finest that Kubernetes keeps; nothing where the text
/// is none. What is larger than fits is the largest.
pub(super) fn parse(text: &str) -> Option<i128> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let end = unsigned.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, suffix) = unsigned.split_at(end.unwrap_or(unsigned.len()));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
        return None;
    }
    let scale = scale(suffix)?;
    let value = billionths(whole, fraction, scale);
    Some(if negative { -value } else { value })
}

/// Whether both texts are quantities, and the same one.
pub fn same_quantity(left: &str, right: &str) -> bool {
    parse(left).is_some_and(|left| parse(right) == Some(left))
}

/// What a suffix multiplies by.
enum Scale {
    /// A power of two.
    Two(u32),
    /// A power of ten.
    Ten(i32),
}

fn scale(suffix: &str) -> Option<Scale> {
    Some(match suffix {
        "" => Scale::Ten(0),
        "n" => Scale::Ten(-9),
        "u" => Scale::Ten(-6),
        "m" => Scale::Ten(-3),
        "k" => Scale::Ten(3),
        "M" => Scale::Ten(6),
        "G" => Scale::Ten(9),
        "T" => Scale::Ten(12),
        "P" => Scale::Ten(15),
        "E" => Scale::Ten(18),
        "Ki" => Scale::Two(10),
        "Mi" => Scale::Two(20),
        "Gi" => Scale::Two(30),
        "Ti" => Scale::Two(40),
        "Pi" => Scale::Two(50),
        "Ei" => Scale::Two(60),
        exponent => Scale::Ten(exponent.strip_prefix(['e', 'E'])?.parse().ok()?),
    })
}

/// Rounds up, as Kubernetes does with what is finer.
fn billionths(whole: &str, fraction: &str, scale: Scale) -> i128 {
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return 0;
    }
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let (factor, exponent) = match scale {
        Scale::Two(power) => (1_i128 << power, 9 - places),
        Scale::Ten(power) => (1, 9_i64.saturating_add(power.into()).saturating_sub(places)),
    };
    let number = digits.parse::<i128>().unwrap_or(i128::MAX);
    let number = number.saturating_mul(factor);
    let power = u32::try_from(exponent.unsigned_abs()).unwrap_or(u32::MAX);
    let ten = 10_i128.checked_pow(power);
    if exponent >= 0 {
        ten.map_or(i128::MAX, |ten| number.saturating_mul(ten))
    } else {
        ten.map_or(1, |ten| number / ten + i128::from(number % ten > 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_have_an_order() {
        let ordered = [
            "-1", "0", "1n", "100m", "0.2", "1", "1.5", "2e0", "999", "1k", "1Ki", "1.5Ki", "1e6",
            "1Mi", "1G", "1Gi", "1E", "1Ei", "1e30",
        ];
        let values: Vec<i128> = ordered.iter().map(|text| parse(text).unwrap()).collect();
        assert!(values.is_sorted(), "{values:?}");
        assert_eq!(parse("1000m"), parse("1"));
        assert_eq!(parse(".5"), parse("500m"));
        assert_eq!(parse("1."), parse("1"));
        assert_eq!(parse("0.1n"), parse("1n"));
    }

    #[test]
    fn other_text_is_none() {
        for text in [
            "", "-", "abc", "1.2.3", "v1", "1kg", "10m0s", "1K", "1ki", "0x10", "1e", ".",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
