// Included by the build script and by the shell. A test compares it with the typed commands of
// the protocol and with the capability files.
const COMMAND_NAMES: &[&str] = &[
    "subscribe_feed",
    "get_settings",
    "get_reference",
    "get_trail",
    "beat",
    "sign_in",
    "sign_out",
    "propose",
    "send_order",
    "withdraw_order",
    "act",
    "set_mode",
    "retry_parked",
    "send_anyway",
    "drop_parked",
    "set_link",
    "show_on_wall",
    "log_duty",
    "hand_over",
    "take_report",
];
