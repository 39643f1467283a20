//! The handlers of the windows' commands: take the typed argument, call the hall, hand back.

#![allow(
    clippy::let_underscore_must_use,
    reason = "tauri's command macro expands to it in every handler"
)]

pub mod duty;
pub mod orders;
pub mod picture;
pub mod session;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    include!("names.rs");

    /// The one command that is no value of the protocol: it carries an IPC channel.
    const FEED: (&str, bool) = ("subscribe_feed", false);

    fn granted(capability: &str) -> BTreeSet<String> {
        let value: serde_json::Value = serde_json::from_str(capability).expect("JSON");
        value["permissions"]
            .as_array()
            .expect("a list of permissions")
            .iter()
            .map(|p| p.as_str().expect("a name"))
            .map(|p| {
                p.strip_prefix("allow-")
                    .expect("only allowances")
                    .replace('-', "_")
            })
            .collect()
    }

    #[test]
    fn protocol_and_handlers_name_the_same_commands() {
        let protocol: BTreeSet<&str> = hall_api::COMMANDS
            .iter()
            .chain([&FEED])
            .map(|(name, _)| *name)
            .collect();
        assert_eq!(protocol, COMMAND_NAMES.iter().copied().collect());
    }

    #[test]
    fn the_wall_is_granted_only_what_changes_nothing_and_the_desk_everything() {
        // A trail names the officers of every step, which is nothing for a wall.
        let reading: BTreeSet<String> = hall_api::COMMANDS
            .iter()
            .chain([&FEED])
            .filter(|(name, changes)| !changes && *name != "get_trail")
            .map(|(name, _)| (*name).to_owned())
            .collect();
        assert_eq!(
            granted(include_str!("../../capabilities/wall.json")),
            reading
        );
        assert_eq!(
            granted(include_str!("../../capabilities/desk.json")),
            COMMAND_NAMES
                .iter()
                .map(|name| (*name).to_owned())
                .collect()
        );
    }
}
