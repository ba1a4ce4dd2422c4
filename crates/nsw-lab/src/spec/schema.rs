//! The JSON Schema of the lab file: made from the shape in `file`, so that editors complete and check what `nsw` reads.
//!
//! The words stay text in `file`; what each may say is written here once more, in the schema's terms. What the schema
//! cannot say (names that must resolve, one owner for each address) only `parse` checks.

use nsw_core::{Learning, Shaping};
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use super::file::{LabFile, LearningFile, ShapingFile};

/// The schema as JSON, indented, with a line break at its end. The same for the same version of the crate.
pub fn schema_json() -> String {
    json_of::<LabFile>()
}

/// The schema of a file of ours.
pub(crate) fn json_of<T: JsonSchema>() -> String {
    let settings = SchemaSettings::draft07().with_transform(RecursiveTransform(let_be_empty));
    let schema = settings.into_generator().into_root_schema_for::<T>();
    format!("{:#}\n", schema.to_value())
}

/// `VM Network:` with nothing behind it is null in YAML, and an object at its defaults in a lab file.
fn let_be_empty(schema: &mut Schema) {
    if schema.get("type").is_some_and(|kind| kind == "object") {
        schema.insert("type".to_owned(), ["object", "null"].as_slice().into());
    }
}

pub(crate) fn text(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string" })
}

pub(super) fn texts(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string" } })
}

pub(super) fn boolean(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "boolean" })
}

pub(super) fn hostname(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "maxLength": 63, "pattern": "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$" })
}

pub(super) fn mac(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$" })
}

pub(super) fn addresses(_: &mut SchemaGenerator) -> Schema {
    let address = json_schema!({ "type": "string", "pattern": "^[0-9A-Fa-f.:]+/[0-9]+$" });
    json_schema!({ "anyOf": [address, { "type": "array", "items": address }] })
}

pub(super) fn guest_vlan(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 0, "maximum": 4094 })
}

pub(super) fn port_group_vlan(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "anyOf": [{ "type": "integer", "minimum": 0, "maximum": 4095 }, { "const": "trunk" }] })
}

pub(super) fn mtu(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1280, "maximum": 9000 })
}

pub(super) fn defaults(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["7.0+", "6.x", "8.0", "9.0"] })
}

pub(super) fn ports(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1, "maximum": 4096 })
}

pub(super) fn cdp(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["down", "listen", "advertise", "both"] })
}

pub(super) fn vlan_filter(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "integer", "minimum": 1, "maximum": 4094 } })
}

pub(super) fn action(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["accept", "reject"] })
}

pub(super) fn shaping(generator: &mut SchemaGenerator) -> Schema {
    let keys = generator.subschema_for::<ShapingFile>();
    json_schema!({ "anyOf": [{ "const": "off" }, keys] })
}

pub(super) fn amount(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": Shaping::AMOUNT.start(), "maximum": Shaping::AMOUNT.end() })
}

pub(super) fn mac_learning(generator: &mut SchemaGenerator) -> Schema {
    let keys = generator.subschema_for::<LearningFile>();
    json_schema!({ "anyOf": [{ "const": "off" }, keys] })
}

pub(super) fn learning_limit(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": Learning::LIMIT.start(), "maximum": Learning::LIMIT.end() })
}

pub(super) fn at_limit(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["allow", "drop"] })
}

pub(super) fn ageing(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": Learning::AGEING_S.start(), "maximum": Learning::AGEING_S.end() })
}

pub(super) fn allowed_macs(_: &mut SchemaGenerator) -> Schema {
    let octets = "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){2}([:-][*]|([:-][0-9A-Fa-f]{2}){3})$";
    json_schema!({ "type": "array", "items": { "type": "string", "pattern": octets } })
}

pub(super) fn load_balancing(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["port-id", "source-mac", "ip-hash", "explicit"] })
}

pub(super) fn failure_detection(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["link", "beacon"] })
}

pub(super) fn promiscuous_scope(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["vlan", "port-group"] })
}

pub(super) fn refused_mac_change(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["drop-rx", "block"] })
}
