//! The nineteen source channels (来源) and what a street says about each.

use serde::{Deserialize, Serialize};

use crate::rules::{Rules, Words};
use crate::signals::Signal;
use crate::trail::SourceChannel;

impl SourceChannel {
    /// Every channel, in the order in which the field lists them.
    pub const ALL: [Self; 19] = [
        Self::GridPatrol,
        Self::Hotline12345,
        Self::CitizenSnapshot,
        Self::SocialMedia,
        Self::PoliceTransfer,
        Self::FireTransfer,
        Self::EmergencyOffice,
        Self::AiCamera,
        Self::IotSensor,
        Self::CityCollector,
        Self::LetterVisit,
        Self::Media,
        Self::LeaderInstruction,
        Self::HigherDispatch,
        Self::DepartmentTransfer,
        Self::PropertyCompany,
        Self::VolunteerReport,
        Self::DutyPhone,
        Self::Inspection,
    ];
}

/// What the rules say about a channel (`[[channel]]` of the rules files).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRule {
    /// The channel.
    pub channel: SourceChannel,
    /// What screens call it.
    pub name: Words,
    /// The signal that its reports feed.
    pub signal: Signal,
    /// Whether somebody outside of the administration stands behind a report, who can be called
    /// back and whose repeated complaints count.
    pub has_caller: bool,
}

impl Rules {
    /// The rule of a channel; loaded rules have one for each.
    pub fn channel(&self, channel: SourceChannel) -> Option<&ChannelRule> {
        self.channels.iter().find(|rule| rule.channel == channel)
    }
}
