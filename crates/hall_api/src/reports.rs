//! Taking in a matter at the desk itself (登记).

use domain::incidents::is_allowed;
use domain::new_matter::{LONGEST_LINE, LONGEST_TEXT, MatterFault, intent_of};
use domain::time::DAY_MS;
use domain::trail::{ActionKind, Taker};
use domain::{IncidentId, NewMatter};
use protocol::commands::TakeReport;
use protocol::{ErrorCode, UiError};

use crate::Hall;
use crate::commands::{Decision, bad_request};
use crate::errors::both;

/// A matter that was reported longer ago than this is not taken in as if the telephone had rung:
/// the clock of the window is wrong, or the form was forgotten. In milliseconds.
const LONGEST_AGO_MS: i64 = DAY_MS;

impl Hall {
    /// Queues a report durably and shows its matter at once; every click on one form is one report.
    /// Answers the number under which the matter is shown.
    pub async fn take_report(&self, command: TakeReport) -> Result<IncidentId, UiError> {
        let officer = self.officer_at_desk()?;
        if !is_allowed(Taker::Officer(officer.role), ActionKind::Report) {
            return Err(UiError::fatal(
                ErrorCode::Forbidden,
                both(
                    "当前岗位不能登记案件，请由值班人员登录后登记；已填内容保留",
                    "this role takes in no matters: somebody on duty has to sign in; what is filled in stays",
                ),
            ));
        }
        let provisional = IncidentId::provisional(command.key);
        let shown = self.engine().number_of(provisional);
        if shown != provisional {
            // An earlier click has had its effect already.
            return Ok(shown);
        }
        let reference = self.engine().reference().await.ok_or_else(|| {
            UiError::retryable(
                ErrorCode::Unreachable,
                both(
                    "尚未取得街道数据，连接后台后才能登记",
                    "the street's data has not been fetched yet; nothing can be taken in",
                ),
            )
        })?;
        let matter = trimmed(command.matter);
        if let Some(fault) = matter.faults(&reference.rules).first() {
            return Err(refuse(*fault));
        }
        let now = self.now();
        if now.ms_since(command.at) > LONGEST_AGO_MS {
            return Err(bad_request(
                "来电时间早于 24 小时前，请更正",
                "the time of the call is more than 24 hours ago: correct it",
            ));
        }
        let intent = intent_of(command.key, Box::new(matter));
        let decision = Decision::about_no_incident(officer, command.key);
        self.queue_at(decision, intent, command.at.min(now)).await?;
        Ok(provisional)
    }
}

fn trimmed(mut matter: NewMatter) -> NewMatter {
    for text in [
        &mut matter.title,
        &mut matter.address,
        &mut matter.description,
    ] {
        *text = text.trim().to_owned();
    }
    // What a number of its own was before is for the backend to say.
    matter.particulars.provisional = None;
    matter
}

fn refuse(fault: MatterFault) -> UiError {
    let too_long = |zh: &str, en: &str, most: usize| {
        bad_request(
            &format!("{zh}超过 {most} 字"),
            &format!("{en} is longer than {most} characters"),
        )
    };
    match fault {
        MatterFault::UnknownCategory => bad_request(
            "现行规则中没有此类别，请重新选择",
            "the rules in force do not know this category: choose another",
        ),
        MatterFault::NoTitle => bad_request("标题为空", "the title is empty"),
        MatterFault::LongTitle => too_long("标题", "the title", LONGEST_LINE),
        MatterFault::LongAddress => too_long("地址", "the address", LONGEST_LINE),
        MatterFault::LongDescription => too_long("描述", "the description", LONGEST_TEXT),
        MatterFault::NoPlace => bad_request(
            "位置无效：请在地图上选点，或填写所选坐标系的经纬度",
            "the place is none: choose it on the map or type longitude and latitude of the system",
        ),
    }
}
