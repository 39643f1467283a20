//! The places of reports that the hall no longer holds.

use domain::Timestamp;
use protocol::heat::ReportPlaces;
use protocol::http::paths;
use reqwest::header::AUTHORIZATION;

use super::{BATCH_LIMIT, CallError, Client};

impl Client {
    /// Where something was reported from an instant up to and without another.
    pub async fn reports(
        &self,
        from: Timestamp,
        until: Timestamp,
    ) -> Result<ReportPlaces, CallError> {
        let span = [("from", from.unix_ms()), ("until", until.unix_ms())];
        let request = self
            .get(paths::REPORT_PLACES, &[])
            .query(&span)
            .header(AUTHORIZATION, self.hall_key.clone())
            .timeout(self.pace.bulk_timeout);
        self.answer(request, self.pace.bulk_begin, BATCH_LIMIT)
            .await
    }
}
