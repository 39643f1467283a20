//! The desktop's keyring, where the key of the databases is kept: the Secret Service that GNOME and
//! KDE offer on the session bus (<https://specifications.freedesktop.org/secret-service/>).
//!
//! Secrets cross the bus in the clear, which the specification calls the "plain" algorithm: whoever
//! can listen to this user's session bus can also ask the keyring. A locked keyring counts as one
//! that is not there, because nobody may be sitting at the machine to answer its question.

use std::collections::HashMap;

use gio::glib::prelude::*;
use gio::glib::variant::{FromVariant, ObjectPath, Variant};
use gio::{BusType, Cancellable, DBusCallFlags, DBusConnection};
use hall_api::Keyring;

const BUS_NAME: &str = "org.freedesktop.secrets";
const SERVICE_PATH: &str = "/org/freedesktop/secrets";
/// The collection that the desktop opens when its user signs in.
const COLLECTION_PATH: &str = "/org/freedesktop/secrets/aliases/default";
const SERVICE: &str = "org.freedesktop.Secret.Service";
const COLLECTION: &str = "org.freedesktop.Secret.Collection";
const ITEM: &str = "org.freedesktop.Secret.Item";
/// Path that stands for no prompt and no object.
const NOTHING: &str = "/";
/// One call on the bus is not waited for any longer.
const CALL_TIMEOUT_MS: i32 = 2_000;

/// Session, parameters (none), value, and kind of content.
type Secret = (ObjectPath, Vec<u8>, Vec<u8>, String);

/// The keyring of the desktop that this program runs on.
#[derive(Debug)]
pub struct DesktopKeyring;

impl Keyring for DesktopKeyring {
    fn read(&self, entry: &str) -> Result<Option<String>, String> {
        let session = Session::open()?;
        let Some(item) = session.find(entry)? else {
            return Ok(None);
        };
        let reply = session.call(
            &item,
            ITEM,
            "GetSecret",
            &(session.path.clone(),).to_variant(),
        )?;
        let (secret,): (Secret,) = shaped(&reply)?;
        Ok(Some(String::from_utf8_lossy(&secret.2).into_owned()))
    }

    fn write(&self, entry: &str, secret: &str) -> Result<(), String> {
        let session = Session::open()?;
        session.unlock(COLLECTION_PATH)?;
        let label = "街道城运指挥大厅 streethall";
        let properties = HashMap::from([
            (format!("{ITEM}.Label"), label.to_variant()),
            (format!("{ITEM}.Attributes"), attributes(entry).to_variant()),
        ]);
        let value: Secret = (
            session.path.clone(),
            Vec::new(),
            secret.as_bytes().to_vec(),
            "text/plain".to_owned(),
        );
        let arguments = (properties, value, true).to_variant();
        let reply = session.call(COLLECTION_PATH, COLLECTION, "CreateItem", &arguments)?;
        let (_, prompt): (ObjectPath, ObjectPath) = shaped(&reply)?;
        unprompted(&prompt)
    }
}

/// What an entry is found by.
fn attributes(entry: &str) -> HashMap<String, String> {
    HashMap::from([
        ("application".to_owned(), "streethall".to_owned()),
        ("directory".to_owned(), entry.to_owned()),
    ])
}

fn shaped<T: FromVariant>(reply: &Variant) -> Result<T, String> {
    let unexpected = || format!("the keyring answered with a {}", reply.type_());
    T::from_variant(reply).ok_or_else(unexpected)
}

fn object_path(path: &str) -> Result<ObjectPath, String> {
    ObjectPath::try_from(path.to_owned()).map_err(|e| e.to_string())
}

fn unprompted(prompt: &ObjectPath) -> Result<(), String> {
    if prompt.as_str() == NOTHING {
        Ok(())
    } else {
        Err("the keyring is locked".to_owned())
    }
}

/// A conversation with the keyring.
struct Session {
    bus: DBusConnection,
    path: ObjectPath,
}

impl Session {
    fn open() -> Result<Self, String> {
        let bus = gio::bus_get_sync(BusType::Session, Cancellable::NONE)
            .map_err(|e| e.message().to_owned())?;
        let mut session = Self {
            bus,
            path: object_path(NOTHING)?,
        };
        let arguments = ("plain", "".to_variant()).to_variant();
        let reply = session.call(SERVICE_PATH, SERVICE, "OpenSession", &arguments)?;
        let (_, path): (Variant, ObjectPath) = shaped(&reply)?;
        session.path = path;
        Ok(session)
    }

    fn call(
        &self,
        object: &str,
        interface: &str,
        method: &str,
        arguments: &Variant,
    ) -> Result<Variant, String> {
        self.bus
            .call_sync(
                Some(BUS_NAME),
                object,
                interface,
                method,
                Some(arguments),
                None,
                DBusCallFlags::NONE,
                CALL_TIMEOUT_MS,
                Cancellable::NONE,
            )
            .map_err(|e| e.message().to_owned())
    }

    /// The unlocked item of an entry.
    fn find(&self, entry: &str) -> Result<Option<String>, String> {
        let arguments = (attributes(entry),).to_variant();
        let reply = self.call(SERVICE_PATH, SERVICE, "SearchItems", &arguments)?;
        let (open, locked): (Vec<ObjectPath>, Vec<ObjectPath>) = shaped(&reply)?;
        if let Some(item) = open.first() {
            return Ok(Some(item.as_str().to_owned()));
        }
        let Some(item) = locked.first() else {
            return Ok(None);
        };
        self.unlock(item.as_str())?;
        Ok(Some(item.as_str().to_owned()))
    }

    /// Unlocks an object where that needs nobody's password.
    fn unlock(&self, object: &str) -> Result<(), String> {
        let arguments = (vec![object_path(object)?],).to_variant();
        let reply = self.call(SERVICE_PATH, SERVICE, "Unlock", &arguments)?;
        let (_, prompt): (Vec<ObjectPath>, ObjectPath) = shaped(&reply)?;
        unprompted(&prompt)
    }
}
