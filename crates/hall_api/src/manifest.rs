//! The names of all commands, so that the shell's handler list and capability files can be compared
//! with the protocol.

use protocol::commands::{
    Act, Beat, Command, DropProposal, GetReference, GetReports, GetSettings, GetTrail, HandOver,
    LogDuty, NoteMapStyle, Propose, RetryParked, SendAnyway, SendOrder, SetLink, SetMode,
    ShowOnWall, SignInOfficer, SignOut, TakeReport, WithdrawOrder,
};

const fn entry<C: Command>() -> (&'static str, bool) {
    (C::NAME, C::CHANGES)
}

/// Every command of the protocol with its name and whether it changes anything.
pub const COMMANDS: &[(&str, bool)] = &[
    entry::<GetSettings>(),
    entry::<GetReference>(),
    entry::<GetTrail>(),
    entry::<GetReports>(),
    entry::<Beat>(),
    entry::<NoteMapStyle>(),
    entry::<SignInOfficer>(),
    entry::<SignOut>(),
    entry::<Propose>(),
    entry::<SendOrder>(),
    entry::<WithdrawOrder>(),
    entry::<Act>(),
    entry::<SetMode>(),
    entry::<RetryParked>(),
    entry::<SendAnyway>(),
    entry::<DropProposal>(),
    entry::<SetLink>(),
    entry::<ShowOnWall>(),
    entry::<LogDuty>(),
    entry::<HandOver>(),
    entry::<TakeReport>(),
];
