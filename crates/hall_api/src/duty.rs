//! The duty log and the handover of the desk (交接班).

use domain::duty::{HandoverRefused, HandoverSheet, Undone, keeps_duty, open_matters, undone};
use domain::trail::Officer;
use domain::{Intent, OrderState, Proposal, Timestamp};
use protocol::commands::{HandOver, LogDuty};
use protocol::http::SignIn;
use protocol::{ErrorCode, UiError};

use crate::Hall;
use crate::commands::{Decision, bad_request, text};
use crate::errors::{both, of_outbox, of_sign_in};

impl Hall {
    /// Queues an entry of the duty log.
    pub async fn log_duty(&self, command: LogDuty) -> Result<(), UiError> {
        let officer = self.officer_at_desk()?;
        check_role(&officer)?;
        let text = text(&command.text, "值班日志", "the entry")?
            .ok_or_else(|| bad_request("值班日志为空", "the entry is empty"))?;
        let decision = Decision::about_no_incident(officer, command.key);
        self.queue(decision, Intent::LogDuty { text }).await
    }

    /// Hands the desk over: both signatures and the change at the desk are one write.
    pub async fn hand_over(&self, command: HandOver) -> Result<HandoverSheet, UiError> {
        if let Some(signed) = self.engine().signed_handover(command.key) {
            // A second click: the desk has been handed over already.
            return Ok(signed);
        }
        let outgoing = self.officer_at_desk()?;
        check_role(&outgoing)?;
        let remarks = text(&command.remarks, "备注", "the remarks")?.unwrap_or_default();
        for taken in &command.taken_over {
            text(&taken.remark, "未办事项的说明", "a remark")?;
        }
        let now = self.now();
        let (sheet, undone) = self.sheet(&command, &outgoing, remarks, now);
        sheet.check(&undone).map_err(|why| refused(&why))?;
        let incoming = self
            .engine()
            .authenticate(SignIn {
                officer: command.incoming,
                pin: command.pin,
            })
            .await
            .map_err(|error| of_sign_in(&error))?;
        if !keeps_duty(incoming.session.officer.role) {
            self.engine().release(incoming);
            return Err(bad_request(
                "接班人不是值班人员",
                "the incoming officer does not keep the duty desk",
            ));
        }
        let signature = |key, officer| Proposal {
            key,
            officer,
            occurred_at: now,
            intent: Intent::HandOver {
                sheet: Box::new(sheet.clone()),
            },
            basis: None,
        };
        let signatures = vec![
            signature(command.key, outgoing.id),
            signature(command.incoming_key, incoming.session.officer.id.clone()),
        ];
        self.engine()
            .hand_over(signatures, incoming)
            .await
            .map_err(|error| of_outbox(&error))?;
        // Of two clicks that overlap the first one's sheet was signed.
        Ok(self.engine().signed_handover(command.key).unwrap_or(sheet))
    }

    /// The sheet as it is signed now, and what is undone.
    fn sheet(
        &self,
        command: &HandOver,
        outgoing: &Officer,
        remarks: String,
        now: Timestamp,
    ) -> (HandoverSheet, Vec<Undone>) {
        let outbox = self.engine().outbox_items();
        let parked = outbox.iter().filter(|i| i.state == OrderState::Parked);
        let parked = parked.map(|item| {
            let intent = &item.proposal.intent;
            (item.proposal.key, intent.incident())
        });
        let queued = outbox.iter().filter(|i| i.state == OrderState::Queued);
        let queued = queued.count() as u32;
        self.engine().read(|picture| {
            let situation = &picture.situation;
            let sheet = HandoverSheet {
                id: command.key,
                outgoing: outgoing.id.clone(),
                incoming: command.incoming.clone(),
                at: now,
                as_of: picture.line.last_contact,
                open: open_matters(situation, now),
                undone: command.taken_over.clone(),
                queued,
                remarks,
            };
            (sheet, undone(situation, parked, now))
        })
    }
}

fn check_role(officer: &Officer) -> Result<(), UiError> {
    if keeps_duty(officer.role) {
        return Ok(());
    }
    Err(UiError::fatal(
        ErrorCode::Forbidden,
        both(
            "只有值班长和值班员可以写值班日志和交接班",
            "only shift leaders and duty officers write the duty log and hand the desk over",
        ),
    ))
}

fn refused(why: &HandoverRefused) -> UiError {
    let zh = match why {
        HandoverRefused::SamePerson => "交班人与接班人不能是同一人".to_owned(),
        HandoverRefused::NotTakenOver(left) => {
            format!("有 {} 项未办事项未接收，请逐项说明", left.len())
        }
        HandoverRefused::RemarkMissing(_) => "每项未办事项都须写明如何处理".to_owned(),
    };
    UiError::fatal(ErrorCode::NotAllowedNow, both(&zh, &why.to_string()))
}
