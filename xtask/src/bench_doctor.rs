//! `cargo xtask bench-doctor`: what the doctor's questions cost on inventories of 100 to 100,000 VMs.
//!
//! Each question is a process of its own, so that the most memory it had is its own: it reads the inventory, which is one
//! time, and answers, which is another. Both are said as processor time, which does not depend on who else is on the
//! machine, and as time on the clock, which is what a user waits. What is said is the median over the runs.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use nsw_lab::doctor::audit::audit;
use nsw_lab::doctor::exposure::Exposure;
use nsw_lab::doctor::fix;
use nsw_lab::doctor::platform::Platform;
use nsw_lab::doctor::reach::Reachability;
use nsw_lab::doctor::tighten::Tightening;
use nsw_lab::doctor::why::Question;
use nsw_lab::sim::{EndpointId, EndpointKind, Verdict, World};
use nsw_lab::spec;
use rustix::time::{ClockId, clock_gettime};

use crate::bench_live::{load, machine};
use crate::generate::{self, Shape};

/// What is asked. `why` is the reason, `fixes` what to do about it; both are asked of several pairs that do not talk, and the
/// median of them is said.
const QUESTIONS: [&str; 6] = ["reach", "audit", "why", "fixes", "tighten", "exposure"];
const SIZES: [u32; 5] = [100, 1_000, 10_000, 20_000, 100_000];
/// Pairs that do not talk, as far as there are as many.
const PAIRS: usize = 3;
/// In a small inventory one host in ten may be none with a nested host: there so many of a hundred have a fault.
const SMALL: u32 = 4_000;
const FAULTS_OF_SMALL: u32 = 60;

/// How it is measured.
pub(crate) struct Plan {
    pub(crate) runs: usize,
    pub(crate) sizes: Vec<u32>,
    pub(crate) questions: Vec<String>,
    /// Where the results go; nowhere if `None`.
    pub(crate) into: Option<PathBuf>,
}

impl Plan {
    /// Reads the words after `bench-doctor`.
    pub(crate) fn parse(words: &[&str]) -> Result<Self, String> {
        let questions = QUESTIONS.map(str::to_owned).to_vec();
        let mut plan = Self { runs: 3, sizes: SIZES.to_vec(), questions, into: None };
        for pair in words.chunks(2) {
            let number = |word: &str| word.parse::<u32>().map_err(|_| format!("`{word}` is no number"));
            match *pair {
                ["--runs", runs] => plan.runs = usize::try_from(number(runs)?).unwrap_or(1).max(1),
                ["--vms", sizes] => plan.sizes = sizes.split(',').map(number).collect::<Result<_, _>>()?,
                ["--ask", questions] => plan.questions = questions.split(',').map(str::to_owned).collect(),
                ["--into", folder] => plan.into = Some(folder.into()),
                _ => return Err(format!("`{}` is not known", pair.join(" "))),
            }
        }
        match plan.questions.iter().find(|question| !QUESTIONS.contains(&question.as_str())) {
            Some(unknown) => Err(format!("`{unknown}` is none of {}", QUESTIONS.join(", "))),
            None => Ok(plan),
        }
    }
}

/// Prints a line for each run, then the table.
pub(crate) fn run(plan: &Plan) -> Result<(), String> {
    if cfg!(debug_assertions) {
        return Err("build it with `cargo run --release -p xtask -- bench-doctor`".to_owned());
    }
    let text = |error: std::io::Error| error.to_string();
    let folder = std::env::temp_dir().join(format!("bench-doctor-{}", std::process::id()));
    std::fs::create_dir_all(&folder).map_err(text)?;
    let mut raw = format!("# {}\n# vms question load-average: times in ms, memory in KiB\n", machine());
    let mut table = String::from(
        "| VMs | question | reading, CPU ms | answer, CPU ms | answer, clock ms | memory, MiB |\n|---|---|---|---|---|---|\n",
    );
    for vms in &plan.sizes {
        let file = folder.join(format!("{vms}.yaml"));
        std::fs::write(&file, generate::text(shape(*vms))).map_err(text)?;
        for question in &plan.questions {
            let mut runs = Vec::new();
            for _ in 0..plan.runs {
                let found = in_a_process(question, &file)?;
                let line = format!("{vms} {question} {}: {}", load(), found.line());
                say!("{line}");
                let _ = writeln!(raw, "{line}");
                runs.push(found);
            }
            let of = |field: fn(&Measured) -> f64| median(runs.iter().map(field).collect());
            let _ = writeln!(
                table,
                "| {vms} | {question} | {:.0} | {:.1} | {:.1} | {:.0} |",
                of(|run| run.reading_ms),
                of(|run| run.answer_ms),
                of(|run| run.clock_ms),
                of(|run| run.memory_kib) / 1024.0
            );
        }
    }
    say!("\n{table}");
    std::fs::remove_dir_all(&folder).map_err(text)?;
    if let Some(into) = &plan.into {
        std::fs::create_dir_all(into).map_err(text)?;
        std::fs::write(into.join("doctor.txt"), raw + "\n" + &table).map_err(text)?;
    }
    Ok(())
}

fn shape(vms: u32) -> Shape {
    let usual = Shape::of(vms);
    if vms <= SMALL { Shape { faults: FAULTS_OF_SMALL, ..usual } } else { usual }
}

#[derive(Clone, Copy)]
struct Measured {
    reading_ms: f64,
    answer_ms: f64,
    clock_ms: f64,
    memory_kib: f64,
}

impl Measured {
    fn line(&self) -> String {
        let Self { reading_ms, answer_ms, clock_ms, memory_kib } = self;
        format!("reading {reading_ms:.1} answer {answer_ms:.3} clock {clock_ms:.3} memory {memory_kib:.0}")
    }
}

fn in_a_process(question: &str, file: &Path) -> Result<Measured, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let ran = Command::new(program).args(["bench-doctor", "--one", question]).arg(file).output();
    let ran = ran.map_err(|error| error.to_string())?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into_owned());
    }
    let said = String::from_utf8_lossy(&ran.stdout);
    let numbers: Vec<f64> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    match numbers[..] {
        [reading_ms, answer_ms, clock_ms, memory_kib] => {
            Ok(Measured { reading_ms, answer_ms, clock_ms, memory_kib })
        }
        _ => Err(format!("{question} said `{said}`")),
    }
}

/// One question, in this process. Prints four numbers.
pub(crate) fn one(question: &str, file: &Path) -> Result<(), String> {
    let text = std::fs::read_to_string(file).map_err(|error| error.to_string())?;
    let began = processor_ms();
    let parsed = spec::parse(&file.to_string_lossy(), &text).map_err(|errors| errors.to_string())?;
    let world = World::new(&parsed.lab).map_err(|error| error.to_string())?;
    let reading_ms = processor_ms() - began;
    let (mut answers_ms, mut clocks_ms) = (Vec::new(), Vec::new());
    let mut measure = |answer: &mut dyn FnMut()| {
        let (began, clock) = (processor_ms(), Instant::now());
        answer();
        answers_ms.push(processor_ms() - began);
        clocks_ms.push(clock.elapsed().as_secs_f64() * 1000.0);
    };
    match question {
        "reach" => measure(&mut || drop(Reachability::of(&world))),
        "audit" => measure(&mut || drop(audit(&parsed.lab, &parsed.locations))),
        "exposure" => measure(&mut || drop(Exposure::now_and_at_worst(&world))),
        "tighten" => measure(&mut || drop(Tightening::of(&parsed.lab))),
        _ => {
            let with_fixes = question == "fixes";
            for (from, to) in silent_pairs(&world) {
                let [from, to] = [from, to].map(|id| world.endpoint(id).name.as_str());
                measure(&mut || {
                    let Ok(question) = Question::new(&parsed.lab, &world, from, to) else { return };
                    if with_fixes {
                        drop(fix::fixes(&question, Platform::Nestswitch));
                    } else {
                        drop(question.answer());
                    }
                });
            }
        }
    }
    say!("{reading_ms} {} {} {}", median(answers_ms), median(clocks_ms), most_memory_kib());
    Ok(())
}

/// VMs in nested hosts and the gateway of their VLAN, where they do not talk; spread over the inventory.
fn silent_pairs(world: &World) -> Vec<(EndpointId, EndpointId)> {
    let is_gateway = |id: &EndpointId| world.endpoint(*id).kind == EndpointKind::Station;
    let gateways: Vec<EndpointId> = world.endpoint_ids().filter(is_gateway).collect();
    let nested = world.endpoint_ids().filter(|id| {
        let host = world.endpoint(*id).host.as_deref();
        host.is_some_and(|host| host.starts_with("nested-"))
    });
    let reachability = Reachability::of(world);
    let is_silent = |vm: EndpointId, gateway: EndpointId| {
        matches!(reachability.verdict(vm, gateway), Verdict::OneWay | Verdict::Unreachable)
    };
    let silent = nested.filter_map(|vm| {
        let gateway = gateways.iter().find(|gateway| is_silent(vm, **gateway))?;
        Some((vm, *gateway))
    });
    let silent: Vec<_> = silent.collect();
    let step = silent.len().div_ceil(PAIRS).max(1);
    silent.into_iter().step_by(step).collect()
}

fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Of this process with all its threads.
fn processor_ms() -> f64 {
    let spent = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(spent).map_or(f64::NAN, |spent| spent.as_secs_f64() * 1000.0)
}

fn most_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
