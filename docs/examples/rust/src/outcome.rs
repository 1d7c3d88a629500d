//! Asks until there is an answer that proves something, and says what became of the call.
use std::error::Error;
use std::time::{Duration, Instant};
use tonic::{Code, Response, Status};
use tonic_types::StatusExt;

/// tonic reads no service config, and says CANCELLED where its own timeout ends a call, UNKNOWN where the connection
/// broke: ask again here after all that proves nothing, with backoff and jitter, within ten seconds; five attempts at
/// most that left. `sent` is the request id of a write.
pub async fn ask<T>(once: impl AsyncFn() -> Result<Response<T>, Status>, sent: &str) -> Result<T, String> {
    let (began, mut pause_ms, mut left) = (Instant::now(), 100, 0);
    loop {
        let status = match once().await {
            Ok(answer) => {
                let revision = answer.metadata().get("clientela-revision");
                println!("at revision {}:", revision.and_then(|text| text.to_str().ok()).unwrap_or("?"));
                return Ok(answer.into_inner());
            }
            Err(status) => status,
        };
        left += u32::from(!never_left(&status));
        if is_refusal(status.code()) || left == 5 || began.elapsed() > Duration::from_secs(10) {
            return Err(explain(&status, sent));
        }
        tokio::time::sleep(Duration::from_millis(rand::random_range(0..pause_ms))).await;
        pause_ms = (pause_ms * 2).min(2000);
    }
}

/// Tells whether there was no connection: such an attempt costs the server nothing, and is not counted.
fn never_left(status: &Status) -> bool {
    let mut cause = status.source();
    while let Some(error) = cause {
        if error.is::<tonic::ConnectError>() {
            return true;
        }
        cause = error.source();
    }
    false
}

/// Tells whether a code proves that nothing was done; any other leaves a write in doubt.
fn is_refusal(code: Code) -> bool {
    use Code::*;
    matches!(code, InvalidArgument | Unauthenticated | PermissionDenied | NotFound | AlreadyExists | FailedPrecondition
        | OutOfRange | Unimplemented | Aborted)
}

fn explain(status: &Status, sent: &str) -> String {
    let outcome = match status.code() {
        code if is_refusal(code) => "not done".into(),
        _ if sent.is_empty() => "no answer".into(),
        _ => format!("in doubt, ask again with {sent}"),
    };
    let info = status.get_details_error_info().map(|info| (info.reason, info.metadata));
    format!("{outcome}: {:?} {info:?}", status.code())
}
