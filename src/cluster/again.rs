//! Calls that may be made again: reads, and writes that come to the same made once or twice.
//!
//! The client library tries requests again that the server turns away (429, 503, 504), as long
//! apart as the server asks for. Here is what it leaves out: a server's own failure, and a
//! connection that breaks before the whole answer is there. A server that cannot be connected to
//! is not asked again: whoever waits should hear of it.

use std::error::Error as StdError;
use std::io::ErrorKind;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// What the server says where it cannot apply an object for its form.
const UNFIT: &str = "failed to create typed patch object";

/// How often a call is made again.
const TIMES: usize = 4;

/// The pauses between calls: 0.1, 0.3, 0.9 and 2.7 seconds, each up to twice as long.
fn pauses() -> ExponentialBuilder {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(100))
        .with_factor(3.0)
        .with_max_times(TIMES)
        .with_jitter()
}

/// Makes a call until it succeeds or fails for good.
pub(super) async fn repeat<T, F>(call: impl FnMut() -> F) -> kube::Result<T>
where
    F: Future<Output = kube::Result<T>>,
{
    repeat_after(pauses(), call).await
}

async fn repeat_after<T, F>(
    pauses: ExponentialBuilder,
    mut call: impl FnMut() -> F,
) -> kube::Result<T>
where
    F: Future<Output = kube::Result<T>>,
{
    let mut attempts = Attempts(pauses.build());
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => attempts.pause_after(error).await?,
        }
    }
}

/// The calls that are left; whoever cannot have [`repeat`] make them counts by this.
pub(super) struct Attempts(ExponentialBackoff);

impl Default for Attempts {
    fn default() -> Self {
        Attempts(pauses().build())
    }
}

impl Attempts {
    /// Pauses after a failure that passes.
    ///
    /// # Errors
    /// The failure, where it does not pass or there have been enough.
    pub(super) async fn pause_after(&mut self, error: kube::Error) -> kube::Result<()> {
        let pause = self.0.next().filter(|_| passes(&error)).ok_or(error)?;
        tokio::time::sleep(pause).await;
        Ok(())
    }
}

/// Whether the same call may succeed in a moment.
pub(super) fn passes(error: &kube::Error) -> bool {
    match error {
        // An object that does not fit its kind is told as the server's failure, and never will.
        kube::Error::Api(status) if status.message.starts_with(UNFIT) => false,
        kube::Error::Api(status) => matches!(status.code, 429 | 500 | 502 | 503 | 504),
        kube::Error::HyperError(_) => true,
        // An answer that breaks off is JSON that ends too soon.
        kube::Error::SerdeError(error) => error.is_eof(),
        kube::Error::Service(error) => is_broken(error.as_ref()),
        _ => false,
    }
}

/// Whether a connection that stood has broken. Names, addresses, certificates, credentials and
/// proxies that are wrong will be wrong again.
fn is_broken(error: &(dyn StdError + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(client) = error.downcast_ref::<hyper_util::client::legacy::Error>() {
            return !client.is_connect();
        }
        if error.is::<hyper::Error>() {
            return true;
        }
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            return matches!(
                io.kind(),
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof
            );
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;

    fn api(code: u16) -> kube::Error {
        let status = Status {
            code,
            ..Status::default()
        };
        kube::Error::Api(Box::new(status))
    }

    #[test]
    fn what_passes() {
        for (code, want) in [
            (429, true),
            (500, true),
            (504, true),
            (404, false),
            (403, false),
            (409, false),
            (422, false),
        ] {
            assert_eq!(passes(&api(code)), want, "{code}");
        }
        let unfit = Status {
            message: format!("{UNFIT} (ns/a; v1, Kind=A): .b: field not declared in schema"),
            code: 500,
            ..Status::default()
        };
        assert!(!passes(&kube::Error::Api(Box::new(unfit))));
        let cut = serde_json::from_str::<u8>("").unwrap_err();
        assert!(passes(&kube::Error::SerdeError(cut)));
        let wrong = serde_json::from_str::<u8>("x").unwrap_err();
        assert!(!passes(&kube::Error::SerdeError(wrong)));
    }

    #[tokio::test]
    async fn a_call_is_made_again_so_often() {
        let at_once = pauses().with_min_delay(Duration::from_nanos(1));
        let mut calls = 0;
        let outcome: kube::Result<()> = repeat_after(at_once, || {
            calls += 1;
            async { Err(api(500)) }
        })
        .await;
        assert!(outcome.is_err());
        assert_eq!(calls, TIMES + 1);
        let mut calls = 0;
        let outcome = repeat_after(at_once, || {
            calls += 1;
            let answer = if calls < 3 { Err(api(500)) } else { Ok(calls) };
            async { answer }
        })
        .await;
        assert_eq!(outcome.ok(), Some(3));
    }
}
