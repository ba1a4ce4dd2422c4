//! `docs/lab.schema.json` is what the crate makes. To renew it: `UPDATE_EXPECT=1 cargo test -p nsw-lab`.

use std::path::Path;

use expect_test::expect_file;
use nsw_lab::spec;

#[test]
fn the_schema_file_is_up_to_date() {
    expect_file![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lab.schema.json")]
        .assert_eq(&spec::schema_json());
}
