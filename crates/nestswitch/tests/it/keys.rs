//! The tables of keys in docs/lab-file.md are the schema's. To renew them: `UPDATE_EXPECT=1 cargo test -p nestswitch`.

use std::fmt::Write as _;

use expect_test::{expect, expect_file};
use serde_json::Value;

use super::fixture::{check_with_file, root, stdout};

const BEGIN: &str = "<!-- keys: begin -->\n";
const END: &str = "<!-- keys: end -->\n";
/// In which order people meet them.
const OBJECTS: [&str; 15] = [
    "segment",
    "station",
    "host",
    "physical-adapter",
    "vswitch",
    "port-group",
    "security-policy",
    "teaming-policy",
    "traffic-shaping",
    "beyond",
    "mac-learning",
    "vswitch-options",
    "vmkernel-adapter",
    "vm",
    "vm-adapter",
];

#[test]
fn the_guide_has_every_key() {
    let (schema, _) = stdout(&["schema"]);
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let definitions = schema["definitions"].as_object().unwrap();
    assert_eq!(definitions.len(), OBJECTS.len(), "an object of the schema is missing in OBJECTS");
    let mut tables = String::new();
    push_object(&mut tables, "lab file", &schema);
    for name in OBJECTS {
        push_object(&mut tables, name, &definitions[name]);
    }
    let path = root().join("docs/lab-file.md");
    let guide = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = guide.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    expect_file![path].assert_eq(&format!("{before}{BEGIN}{tables}\n{END}{after}"));
}

#[test]
fn the_smallest_lab_of_the_guide_works() {
    let guide = std::fs::read_to_string(root().join("docs/lab-file.md")).unwrap();
    let blocks = guide.split("```yaml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0));
    let labs: Vec<&str> = blocks.filter(|block| block.starts_with("lab: ")).collect();
    assert_eq!(labs.len(), 1);
    check_with_file(
        "small.yaml",
        labs[0],
        &["lab", "check", "small.yaml"],
        &expect![[r#"
            exit code 0
            --- stdout
            lab small is in order: 1 host (none nested), 1 VM
        "#]],
    );
}

fn push_object(text: &mut String, name: &str, object: &Value) {
    let required: Vec<&str> =
        object["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let _ =
        writeln!(text, "\n### {name}\n\n{}\n", object["description"].as_str().expect("the schema says so"));
    text.push_str("| key | value | meaning |\n|---|---|---|\n");
    for (key, property) in object["properties"].as_object().expect("the schema says so") {
        let needed = if required.contains(&key.as_str()) { " (needed)" } else { "" };
        let meaning = property["description"]
            .as_str()
            .expect("the schema says so")
            .replace('|', "\\|")
            .replace('\n', " ");
        let _ = writeln!(text, "| `{key}`{needed} | {} | {meaning} |", value_of(property));
    }
}

/// What a key takes, in a word or two.
fn value_of(property: &Value) -> String {
    if let Some(reference) = property["$ref"].as_str() {
        return link(reference);
    }
    for several in ["anyOf", "allOf"] {
        if let Some(choices) = property[several].as_array() {
            let choices = choices.iter().filter(|choice| choice["type"] != "null");
            return choices.map(value_of).collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some(values) = property["enum"].as_array() {
        let values = values.iter().filter_map(Value::as_str);
        return values.map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    }
    if let Some(value) = property["const"].as_str() {
        return format!("`{value}`");
    }
    if property["additionalProperties"].is_object() {
        return format!("`name:` {}, ...", value_of(&property["additionalProperties"]));
    }
    match property["type"].as_str().expect("the schema says so") {
        "array" => format!("list of {}", value_of(&property["items"])),
        "boolean" => "`true`, `false`".to_owned(),
        "integer" => format!("{} to {}", property["minimum"], property["maximum"]),
        _ => match property["pattern"].as_str() {
            Some(pattern) if pattern.contains("[*]") => "MAC address or `00:50:56:*`",
            Some(pattern) if pattern.contains("[:-]") => "MAC address",
            Some(pattern) if pattern.contains('/') => "address/length",
            _ => "name",
        }
        .to_owned(),
    }
}

fn link(reference: &str) -> String {
    let name = reference.trim_start_matches("#/definitions/");
    format!("[{name}](#{name})")
}
