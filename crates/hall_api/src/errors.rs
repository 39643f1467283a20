//! Errors of the engine as a window gets them: a code where a consumer branches, words for people.

use protocol::{ErrorCode, UiError};
use sync_engine::client::CallError;
use sync_engine::pins::VERIFIER_AGE_MS;
use sync_engine::{OutboxError, SignInError, StoreError};

/// How long the hall believes in a PIN without the backend, in days.
const VERIFIER_DAYS: i64 = VERIFIER_AGE_MS / domain::time::DAY_MS;

/// A sentence in both languages.
pub fn both(zh: &str, en: &str) -> String {
    format!("{zh} / {en}")
}

/// Nobody sits at the desk.
pub fn sign_in_needed() -> UiError {
    UiError::fatal(
        ErrorCode::SignInNeeded,
        both("请先登录", "sign in first; nothing was queued"),
    )
}

/// An error of a database; nothing was queued.
pub fn of_store(error: &StoreError) -> UiError {
    let zh = match error {
        StoreError::DiskFull { .. } => "磁盘已满，未写入任何内容，请清理后重试",
        StoreError::Damaged { .. } => "本地数据库损坏，请重新启动程序",
        StoreError::Failed { .. } => "本地数据库无法写入，未写入任何内容",
        StoreError::Closed { .. } => "程序正在关闭",
    };
    UiError::retryable(
        ErrorCode::StorageFailed,
        both(zh, &format!("nothing was queued: {error}")),
    )
}

/// An error of the outbox.
pub fn of_outbox(error: &OutboxError) -> UiError {
    let (code, zh) = match error {
        OutboxError::Store(error) => return of_store(error),
        OutboxError::KeyUsed => (
            ErrorCode::NotAllowedNow,
            "该方案已用于另一操作，请重新打开案件",
        ),
        OutboxError::GivenUp => (
            ErrorCode::NotAllowedNow,
            "该操作已被放弃、撤回或更改，请重新打开案件",
        ),
        OutboxError::NotFound => (ErrorCode::NotFound, "该派单或操作已不存在"),
        OutboxError::MayBeDone => (
            ErrorCode::NotAllowedNow,
            "该操作可能已经发出，不能直接放弃或更改；再次发送后，后台即告知是否已办",
        ),
        OutboxError::Accepted => (
            ErrorCode::NotAllowedNow,
            "后台已受理该操作，请撤回派单或按流程处理",
        ),
        OutboxError::NotParked => (ErrorCode::NotAllowedNow, "该操作未被退回，无需处理"),
        OutboxError::NotInConflict => (
            ErrorCode::NotAllowedNow,
            "该操作并无冲突，请重试、更改或放弃",
        ),
        OutboxError::OtherMatter => (
            ErrorCode::BadRequest,
            "只能用同一案件的操作替换被退回的操作",
        ),
        OutboxError::OtherBackend { .. } => (
            ErrorCode::NotAllowedNow,
            "该操作属于另一后台，请连接该后台后发送",
        ),
        OutboxError::Ended { .. } => (ErrorCode::NotAllowedNow, "派单已结束，不能撤回"),
    };
    UiError::fatal(code, both(zh, &error.to_string()))
}

/// Why an officer could not be signed in.
pub fn of_sign_in(error: &SignInError) -> UiError {
    match error {
        SignInError::Outbox(error) => of_outbox(error),
        SignInError::Call(error) => of_sign_in_call(error),
        SignInError::NotKnownHere { officer, .. } => UiError::retryable(
            ErrorCode::Unreachable,
            both(
                &format!(
                    "后台无法连接，且 {officer} 未曾在本大厅联网登录，不能离线登录；\
                     已登录的值班员可继续派单，派单将排队"
                ),
                &format!("the backend cannot be reached, and without it: {error}"),
            ),
        ),
        SignInError::ConfirmedTooLongAgo { confirmed_at, .. } => UiError::retryable(
            ErrorCode::Unreachable,
            both(
                &format!(
                    "后台无法连接，且上次联网登录是 {}，已超过 {VERIFIER_DAYS} 天，不能离线登录",
                    confirmed_at.local_ymd()
                ),
                &format!(
                    "the backend cannot be reached, and that is over {VERIFIER_DAYS} days ago: {error}"
                ),
            ),
        ),
        SignInError::WrongPin => UiError::fatal(
            ErrorCode::WrongPin,
            both(
                "口令错误（离线登录按上次联网时的口令核对）",
                "the PIN is wrong; without the line it is compared with that of the last sign-in \
                 with the line",
            ),
        ),
        SignInError::Wait { wait_ms } => {
            let seconds = wait_ms / 1_000 + 1;
            UiError::retryable(
                ErrorCode::TooManyAttempts,
                both(
                    &format!("口令错误次数过多，请 {seconds} 秒后再试"),
                    &error.to_string(),
                ),
            )
        }
    }
}

fn of_sign_in_call(error: &CallError) -> UiError {
    match error {
        // The hall's own key was refused; an officer cannot mend that by typing another PIN.
        CallError::Refused(problem) if problem.code == ErrorCode::SignInNeeded => UiError::fatal(
            ErrorCode::Forbidden,
            both(
                "后台不接受本大厅的密钥，请联系信息员",
                &format!("the backend refuses this hall's key: {}", problem.message),
            ),
        ),
        CallError::Refused(problem) => UiError::fatal(problem.code, problem.message.clone()),
        CallError::Busy {
            code: Some(ErrorCode::TooManyAttempts),
            detail,
            ..
        } => UiError::retryable(ErrorCode::TooManyAttempts, detail.clone()),
        CallError::OtherProtocol { .. } => UiError::fatal(
            ErrorCode::ProtocolMismatch,
            both("后台协议版本不同，无法登录", &error.to_string()),
        ),
        CallError::Unreachable { .. } | CallError::Busy { .. } | CallError::Nonsense(_) => {
            UiError::retryable(
                ErrorCode::Unreachable,
                both(
                    "后台无法连接，登录需要链路；已登录的值班员可继续派单，派单将排队",
                    &format!("the backend cannot be reached to sign in: {error}"),
                ),
            )
        }
    }
}
