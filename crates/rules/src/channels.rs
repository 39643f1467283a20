//! Reads the source channels: each of the nineteen exactly once.

use domain::channels::ChannelRule;
use domain::rules::Rules;
use domain::signals::Signal;
use domain::trail::SourceChannel;
use serde::Deserialize;
use toml::Spanned;

use crate::fault::{Faults, Source};
use crate::section::Section;
use crate::texts::{WordsText, word};

/// One channel.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelText {
    channel: Spanned<SourceChannel>,
    name: WordsText,
    signal: Signal,
    has_caller: bool,
}

impl Section for Vec<Spanned<ChannelText>> {
    const NAME: &'static str = "channel";

    fn read(text: &Spanned<Self>, at: &Source, rules: &mut Rules, faults: &mut Faults) {
        for channel in text.get_ref() {
            let ChannelText {
                channel,
                name,
                signal,
                has_caller,
            } = channel.get_ref();
            let field = format!("{} {}", Self::NAME, word(channel.get_ref()));
            let is_new = rules.channel(*channel.get_ref()).is_none();
            faults.require(is_new, at, channel, &field, || "is given twice".to_owned());
            rules.channels.push(ChannelRule {
                channel: *channel.get_ref(),
                name: name.read(at, &format!("{field}.name"), faults),
                signal: *signal,
                has_caller: *has_caller,
            });
        }
        for channel in SourceChannel::ALL {
            let is_there = rules.channel(channel).is_some();
            faults.require(is_there, at, text, Self::NAME, || {
                format!("nothing is said about {}", word(&channel))
            });
        }
    }
}
