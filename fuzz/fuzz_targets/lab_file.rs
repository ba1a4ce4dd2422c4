#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| nsw_fuzz::lab_file(data));
