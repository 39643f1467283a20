//! What the heat map asks the backend for.

use domain::Timestamp;
use protocol::ErrorCode;
use protocol::commands::{GetReports, SetLink};

use crate::harness::{Street, staffed_hall};

#[tokio::test]
async fn the_backend_tells_where_reports_came_from_as_long_as_there_is_a_line() {
    let dir = tempfile::tempdir().unwrap();
    let street = Street::up();
    let (hall, incidents) = staffed_hall(&street, dir.path(), 2).await;
    let span = GetReports {
        from: Timestamp::from_unix_ms(0),
        until: Timestamp::from_unix_ms(i64::MAX),
    };
    let told = hall.get_reports(span.clone()).await.unwrap();
    let mut reported: Vec<_> = told.reports.iter().map(|report| report.incident).collect();
    reported.sort_unstable();
    assert_eq!(reported, incidents);
    assert_eq!(told.since, span.from, "nothing is left out");
    let backwards = GetReports {
        from: span.until,
        until: span.from,
    };
    let refused = hall.get_reports(backwards).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::BadRequest);
    hall.set_link(SetLink { enabled: false }).await.unwrap();
    let refused = hall.get_reports(span).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Unreachable);
    assert!(refused.retryable);
    hall.shutdown().await;
}
