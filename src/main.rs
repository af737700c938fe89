//! The command: arguments, configuration, logging, signals and the exit code; no logic.

use std::io::{IsTerminal, Write};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use anyhow::{Context, Result, anyhow};
use clap::Parser;
use sharesrv::config::{Config, Durability, Layers, is_key};
use sharesrv::event_loops::{EventLoops, Loops};
use sharesrv::pipeline::STACK_BYTES;
use sharesrv::{Daemon, Parts, server};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Can give back what an expression used: the system's allocator keeps the most that each thread ever had.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// After how many milliseconds the allocator gives back what is free. It reads that from the environment alone, and
/// before `main`.
const GIVES_BACK_AFTER: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "0");

/// Lets programs and boards share data and messages by sending expressions as text over a socket.
///
/// A flag beats an environment variable SHARESRV_... (SHARESRV_PORT for --port, and one for every key of the
/// configuration), which beats the configuration file, which beats the default.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// TCP port to listen on; 0 lets the system choose [default: 2980]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    port: Option<String>,
    /// Address to listen on [default: all of them, IPv6 and IPv4]
    #[arg(long, value_name = "ADDR", allow_negative_numbers = true)]
    bind: Option<String>,
    /// Folder of the data [default: $STATE_DIRECTORY, $XDG_STATE_HOME/sharesrv or ~/.local/state/sharesrv]
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    /// Configuration file
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// What a reply promises: full (on the disk), normal (on the disk within a second), memory (nothing)
    #[arg(long, value_name = "full|normal|memory")]
    durability: Option<String>,
    /// Seconds of silence after which a client is forgotten [default: 600]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    client_expiry_s: Option<String>,
    /// Folder of your own functions, *.rhai [default: functions in the data folder]
    #[arg(long, value_name = "DIR")]
    functions: Option<String>,
    /// What is logged: error, warn, info, debug or trace [default: info]
    #[arg(long, value_name = "LEVEL")]
    log: Option<String>,
    /// Check the configuration and exit
    #[arg(long)]
    check_config: bool,
    /// Print the effective configuration as TOML and exit
    #[arg(long)]
    print_config: bool,
}

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where that cannot be written either, the exit code still tells.
            let _ = writeln!(std::io::stderr(), "sharesrv: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<()> {
    let arguments = arguments()?;
    let mut config = configuration(&arguments)?;
    let level = ["off", "error", "warn", "info", "debug", "trace"].contains(&config.log.as_str());
    let filter = Some(&config.log)
        .filter(|log| level || log.contains('='))
        .and_then(|log| log.parse::<Targets>().ok())
        .ok_or_else(|| {
            anyhow!("bad value for 'log': '{}' is none of error, warn, info, debug, trace", config.log)
        })?;
    if arguments.print_config {
        return Ok(write!(std::io::stdout(), "{}", config.to_toml())?);
    }
    if arguments.check_config {
        return Ok(writeln!(std::io::stdout(), "The configuration is good.")?);
    }
    give_memory_back();
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false);
    tracing_subscriber::registry().with(lines).with(filter).init();
    let files_max = raise_file_limit();
    if config.limits.fit_open_files(files_max) {
        let connections_max = config.limits.connections_max;
        tracing::warn!("connections_max is {connections_max} here: only {files_max} files may be open");
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // They outlive all that is served there.
    let loops = EventLoops::start(cores, STACK_BYTES).context("no threads to be had")?;
    let rest = tokio::runtime::Builder::new_current_thread().enable_all().build();
    rest.context("no event loop to be had")?.block_on(serve(config, loops.handle()))
}

fn arguments() -> Result<Arguments> {
    Arguments::try_parse().map_err(|error| {
        // Help and the version are told in this way, too.
        if !error.use_stderr() {
            error.exit();
        }
        let told = error.to_string();
        let line = told.lines().next().unwrap_or_default();
        anyhow!("{}; '--help' tells more", line.trim_start_matches("error: "))
    })
}

fn configuration(arguments: &Arguments) -> Result<Config> {
    let mut layers = Layers::default();
    let file = arguments.config.clone().or_else(|| std::env::var_os("SHARESRV_CONFIG").map(PathBuf::from));
    if let Some(file) = file {
        let name = file.display().to_string();
        let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {name}"))?;
        layers.file(&text).context(name)?;
    }
    for (name, value) in std::env::vars_os() {
        let Some(key) = name.to_str().and_then(|name| name.strip_prefix("SHARESRV_")) else { continue };
        let key = key.to_ascii_lowercase();
        if is_key(&key) {
            let word =
                value.to_str().ok_or_else(|| anyhow!("the environment's {} is not UTF-8", name.display()))?;
            layers.word(&key, word).with_context(|| format!("the environment's {}", name.display()))?;
        } else if key != "config" {
            // Somebody else's variable may begin so; a slip of the pen should still be seen.
            eprintln!("sharesrv: the environment's {} is no key of the configuration", name.display());
        }
    }
    let flags = [
        ("port", &arguments.port),
        ("bind", &arguments.bind),
        ("data", &arguments.data),
        ("durability", &arguments.durability),
        ("client_expiry_s", &arguments.client_expiry_s),
        ("functions", &arguments.functions),
        ("log", &arguments.log),
    ];
    for (key, word) in flags {
        if let Some(word) = word {
            layers.word(key, word)?;
        }
    }
    Ok(layers.finish()?)
}

async fn serve(config: Config, loops: Loops) -> Result<()> {
    let mut signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
    let daemon = Daemon::start(&config, Parts { loops: Some(loops.clone()), ..Parts::system() })?;
    let listener = server::listen(config.bind, config.port)
        .with_context(|| format!("cannot listen on port {}", config.port))?;
    let port = listener.local_addr()?.port();
    if config.durability == Durability::Memory {
        tracing::warn!("durability is memory: nothing that clients store survives the end of this process");
    }
    // Whoever reads this line may be gone; that is no reason to end.
    let _ = writeln!(std::io::stdout(), "Server is now listening on port {port}.");
    let _ = std::io::stdout().flush();
    daemon
        .serve(listener, async move {
            next(&mut signals).await;
            tracing::info!("ending; a second signal ends at once");
            // Where nothing holds it up, whatever the end is waiting for.
            loops.run(0, async move {
                next(&mut signals).await;
                std::process::exit(1);
            });
        })
        .await?;
    daemon.leave_state();
    Ok(())
}

async fn next([terminate, interrupt]: &mut [Signal; 2]) {
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Becomes this program anew, with the environment that the allocator goes by, unless it has been set already.
fn give_memory_back() {
    let (name, value) = GIVES_BACK_AFTER;
    if std::env::var_os(name).is_some() {
        return;
    }
    let mut arguments = std::env::args_os();
    let Ok(program) = std::env::current_exe() else { return };
    let mut command = Command::new(program);
    if let Some(own_name) = arguments.next() {
        command.arg0(own_name);
    }
    // Where it does not become it, it goes on as it is, and keeps more memory.
    let _ = command.args(arguments).env(name, value).exec();
}

/// Every connection takes a file descriptor, and the usual soft limit of 1,024 is less than `connections_max`. How many
/// there may be.
fn raise_file_limit() -> u64 {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, limit) {
        tracing::warn!("the limit on open files stays as it is: {error}");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
