//! Asks until there is an answer that proves something, and says what became of the call.
use std::time::Duration;
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// tonic reads no service config, and says CANCELLED where its own timeout ends a call: ask again here, up to
/// five times, with backoff and jitter. `sent` is the request id of a write.
pub async fn ask<T>(once: impl AsyncFn() -> Result<Response<T>, Status>, sent: &str) -> Result<T, String> {
    for attempt in 0.. {
        match once().await {
            Ok(answer) => {
                let revision = answer.metadata().get("clientela-revision");
                println!("at revision {}:", revision.and_then(|text| text.to_str().ok()).unwrap_or("?"));
                return Ok(answer.into_inner());
            }
            Err(status) if attempt < 4 && matches!(status.code(), Code::Unavailable | Code::Cancelled) => {
                tokio::time::sleep(Duration::from_millis(rand::random_range(0..100 << attempt))).await
            }
            Err(status) => return Err(explain(&status, sent)),
        }
    }
    unreachable!("the fifth attempt returns")
}

fn explain(status: &Status, sent: &str) -> String {
    use Code::*; // these prove that nothing was done; any other leaves a write in doubt
    let outcome = match status.code() {
        InvalidArgument | Unauthenticated | PermissionDenied | NotFound | AlreadyExists
        | FailedPrecondition | OutOfRange | Unimplemented | Aborted => "not done".into(),
        _ if sent.is_empty() => "no answer".into(),
        _ => format!("in doubt, ask again with {sent}"),
    };
    let info = status.get_details_error_info().map(|info| (info.reason, info.metadata));
    format!("{outcome}: {:?} {info:?}", status.code())
}
