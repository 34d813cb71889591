//! The timestamps that Go's YAML decoders recognise in plain scalars, by the rules of Go's `time.Parse`.

/// A moment as written, with its offset from UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Timestamp {
    year: u32,
    month: u32,
    day: u32,
    hour: u32,
    minute: u32,
    second: u32,
    nanosecond: u32,
    /// Minutes east of UTC; `None` for UTC itself.
    offset: Option<i32>,
}

/// Reads text from its front.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    fn digit(&mut self) -> Option<u32> {
        let (first, rest) = self.0.split_first()?;
        first.is_ascii_digit().then(|| {
            self.0 = rest;
            u32::from(first - b'0')
        })
    }

    /// One or two digits.
    fn number(&mut self) -> Option<u32> {
        let first = self.digit()?;
        Some(self.digit().map_or(first, |second| first * 10 + second))
    }

    fn two_digits(&mut self) -> Option<u32> {
        Some(self.digit()? * 10 + self.digit()?)
    }

    fn byte(&mut self, wanted: &[u8]) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        wanted.contains(first).then(|| {
            self.0 = rest;
            *first
        })
    }

    /// A fraction of a second, any number of digits, of which nine count.
    fn nanoseconds(&mut self) -> u32 {
        let [b'.' | b',', digit, ..] = self.0 else {
            return 0;
        };
        if !digit.is_ascii_digit() {
            return 0;
        }
        self.0 = &self.0[1..];
        let (mut value, mut scale) = (0, 100_000_000);
        while let Some(digit) = self.digit() {
            value += digit * scale;
            scale /= 10;
        }
        value
    }

    /// `Z` or `±hh:mm`.
    fn zone(&mut self) -> Option<Option<i32>> {
        if self.byte(b"Z").is_some() {
            return Some(None);
        }
        let sign = self.byte(b"+-")?;
        let hours = self.two_digits()?;
        self.byte(b":")?;
        let minutes = self.two_digits()?;
        // Go lets 24 hours and 60 minutes pass.
        let total = i32::try_from(hours * 60 + minutes).ok()?;
        (hours <= 24 && minutes <= 60).then_some(Some(if sign == b'-' { -total } else { total }))
    }
}

fn days_in(month: u32, year: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

impl Timestamp {
    /// The timestamp in `text`: a date, a date and a time after a blank, or RFC 3339 with short fields.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.len() < 5 || !bytes[..4].iter().all(u8::is_ascii_digit) {
            return None;
        }
        let mut at = Cursor(bytes);
        let year = at.two_digits()? * 100 + at.two_digits()?;
        at.byte(b"-")?;
        let month = at.number()?;
        at.byte(b"-")?;
        let day = at.number()?;
        let mut read = Self {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
            nanosecond: 0,
            offset: None,
        };
        if !at.0.is_empty() {
            let separator = at.byte(b"Tt ")?;
            read.hour = at.number()?;
            at.byte(b":")?;
            read.minute = at.number()?;
            at.byte(b":")?;
            read.second = at.number()?;
            read.nanosecond = at.nanoseconds();
            if separator != b' ' {
                read.offset = at.zone()?;
            }
        }
        (at.0.is_empty() && read.in_range()).then_some(read)
    }

    fn in_range(&self) -> bool {
        (1..=12).contains(&self.month)
            && (1..=days_in(self.month, self.year)).contains(&self.day)
            && self.hour < 24
            && self.minute < 60
            && self.second < 60
    }

    /// RFC 3339 with as many fractional digits as needed, as Go writes a time into JSON.
    pub(super) fn to_rfc3339(self) -> String {
        let Self {
            year,
            month,
            day,
            hour,
            minute,
            second,
            ..
        } = self;
        let fraction = if self.nanosecond == 0 {
            String::new()
        } else {
            format!(".{:09}", self.nanosecond)
                .trim_end_matches('0')
                .to_owned()
        };
        let zone = match self.offset {
            None | Some(0) => "Z".to_owned(),
            Some(minutes) => {
                let sign = if minutes < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60)
            }
        };
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rfc3339(text: &str) -> Option<String> {
        Timestamp::parse(text).map(Timestamp::to_rfc3339)
    }

    #[test]
    fn dates_and_times_are_read() {
        assert_eq!(rfc3339("2001-1-2").as_deref(), Some("2001-01-02T00:00:00Z"));
        assert_eq!(
            rfc3339("2001-01-02 3:4:5.60").as_deref(),
            Some("2001-01-02T03:04:05.6Z")
        );
        assert_eq!(
            rfc3339("2024-02-29T00:00:00-05:30").as_deref(),
            Some("2024-02-29T00:00:00-05:30")
        );
    }

    #[test]
    fn other_text_is_left_alone() {
        for text in [
            "2001-02-29",
            "2001-13-01",
            "2001-1-2T3:4:5",
            "2001-1-2 3:4:5Z",
            "20011-1-1",
            "2001-1-2x",
            "2001",
        ] {
            assert_eq!(rfc3339(text), None, "{text}");
        }
    }
}
