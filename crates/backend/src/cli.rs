//! The command line: serve, seed, officers, checks.

mod assess;
mod assess_text;

use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use backend::{Backend, BackendConfig, FIELD_KEY_FILE, HALL_KEY_FILE};
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::OfficerId;
use domain::rules::Rules;
use domain::trail::{Officer, OfficerRole};
use protocol::Seed;
use tokio::net::TcpListener;

use crate::{check_grids, rules_files};

/// How long open requests may take to be answered after the signal to end.
const LONGEST_END: Duration = Duration::from_secs(10);

/// The backend of a street (街道城运指挥大厅后台).
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
pub struct Options {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: ServeOptions,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer halls and field (the default).
    Serve(ServeOptions),
    /// Load a seed (JSON) into an empty data directory.
    Seed {
        /// The seed file.
        file: PathBuf,
        #[command(flatten)]
        place: Place,
    },
    /// Add an officer, or give one a new PIN; the PIN is read from standard input.
    AddOfficer {
        /// Sign-in name, such as zhou.min.
        id: String,
        /// Full name.
        #[arg(long)]
        name: String,
        /// What the officer may do.
        #[arg(long, value_enum)]
        role: Role,
        #[command(flatten)]
        place: Place,
    },
    /// End all sessions of an officer, also while a backend runs.
    Revoke {
        /// Sign-in name.
        id: String,
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
    /// Check a division of the land before it is imported: outlines, overlaps, gaps, grids that
    /// cross their community, buildings split, unit grids that nobody or more than one answers
    /// for. Fails when anything is wrong.
    CheckGrids(check_grids::Options),
    /// Show the indicators of a time with everything behind them (考核评价); the trail is verified
    /// first, and every number is computed in two ways.
    Assess(assess::AssessOptions),
    /// Verify the hash chain of the trail and name the first broken link.
    Verify {
        /// The data directory.
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
    /// Check a folder of rules files; every fault is named with file, line and field.
    CheckRules {
        /// The folder.
        folder: PathBuf,
    },
    /// Write the shipped rules files into a folder, for a street to change.
    WriteRules {
        /// The folder; made where it is missing.
        folder: PathBuf,
    },
}

#[derive(Debug, Args)]
struct ServeOptions {
    /// Address to listen on.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7700")]
    listen: SocketAddr,
    #[command(flatten)]
    place: Place,
    /// Key of the halls; default: hall.key in the data directory, made on the first start.
    #[arg(long, value_name = "KEY")]
    hall_key: Option<String>,
    /// Key of the field; default: field.key in the data directory, made on the first start.
    #[arg(long, value_name = "KEY")]
    field_key: Option<String>,
}

#[derive(Debug, Args)]
struct Place {
    /// The data directory; made where it is missing.
    #[arg(long, value_name = "DIR", default_value = "streethall-backend-data")]
    data_dir: PathBuf,
    /// Folder of rules files; default: the rules that ship with the program.
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// 值班长.
    ShiftLeader,
    /// 值班员.
    DutyOfficer,
    /// 街道领导.
    StreetLeader,
    /// 信息员.
    ItOfficer,
}

impl From<Role> for OfficerRole {
    fn from(role: Role) -> Self {
        match role {
            Role::ShiftLeader => Self::ShiftLeader,
            Role::DutyOfficer => Self::DutyOfficer,
            Role::StreetLeader => Self::StreetLeader,
            Role::ItOfficer => Self::ItOfficer,
        }
    }
}

/// Does what the command line says.
pub fn run(options: Options) -> Result<()> {
    match options.command.unwrap_or(Command::Serve(options.serve)) {
        Command::Serve(options) => serve(options),
        Command::Seed { file, place } => seed(&file, &place),
        Command::AddOfficer {
            id,
            name,
            role,
            place,
        } => {
            let officer = Officer {
                id: OfficerId(id),
                name,
                role: role.into(),
                provenance: None,
            };
            add_officer(&officer, &place)
        }
        Command::Revoke { id, data_dir } => revoke(&OfficerId(id), &data_dir),
        Command::CheckGrids(options) => check_grids::run(&options),
        Command::Verify { data_dir } => verify(&data_dir),
        Command::Assess(options) => {
            require_database(&options.data_dir)?;
            assess::run(&options)
        }
        Command::CheckRules { folder } => rules_files::check(&folder),
        Command::WriteRules { folder } => rules_files::write_shipped(&folder),
    }
}

fn config(place: &Place) -> Result<BackendConfig> {
    let rules: Rules = match &place.rules {
        Some(folder) => rules::load_dir(folder)?,
        None => rules::shipped()?,
    };
    Ok(BackendConfig::in_dir(&place.data_dir, rules))
}

fn serve(options: ServeOptions) -> Result<()> {
    for key in [&options.hall_key, &options.field_key]
        .into_iter()
        .flatten()
    {
        if key.len() < 16 || !key.bytes().all(|b| b.is_ascii_graphic()) {
            bail!(
                "密钥至少 16 个可见字符 / a key has at least 16 visible characters without spaces"
            );
        }
    }
    let mut config = config(&options.place)?;
    config.hall_key = options.hall_key;
    config.field_key = options.field_key;
    let backend = Backend::open(config)?;
    backend::handles::ask_for_enough();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the program cannot start its threads")?;
    runtime.block_on(answer(backend, options.listen, &options.place.data_dir))
}

async fn answer(backend: Backend, listen: SocketAddr, data_dir: &Path) -> Result<()> {
    let listener = TcpListener::bind(listen)
        .await
        .map_err(|error| cannot_listen(listen, &error))?;
    let address = listener
        .local_addr()
        .context("the listener has no address")?;
    tracing::info!(
        hall_key = %data_dir.join(HALL_KEY_FILE).display(),
        field_key = %data_dir.join(FIELD_KEY_FILE).display(),
        "the keys are in these files unless they were given on the command line"
    );
    tracing::info!(%address, data_dir = %data_dir.display(), "listening");
    let ending = backend.clone();
    let serving = backend.serve(listener);
    tokio::pin!(serving);
    tokio::select! {
        served = &mut serving => return served.context("the server ended"),
        () = end_signal() => {}
    }
    tracing::info!("ending: open requests are answered first");
    ending.stop();
    let Ok(served) = tokio::time::timeout(LONGEST_END, serving).await else {
        tracing::warn!("some connections did not close in time");
        return Ok(());
    };
    served.context("the server ended")
}

fn cannot_listen(address: SocketAddr, error: &std::io::Error) -> anyhow::Error {
    if error.kind() == std::io::ErrorKind::AddrInUse {
        return anyhow::anyhow!(
            "地址 {address} 已被占用：请停止占用它的程序，或用 --listen 换一个端口 / \
             the address {address} is in use: stop the program that uses it, or choose another \
             port with --listen"
        );
    }
    anyhow::anyhow!(
        "无法监听 {address}：{error}，请用 --listen 给出本机地址 / \
         cannot listen on {address}: {error}; give an address of this machine with --listen"
    )
}

async fn end_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let terminated = async {
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = interrupted => {}
        () = terminated => {}
    }
}

fn seed(file: &Path, place: &Place) -> Result<()> {
    let text = std::fs::read(file)
        .with_context(|| format!("无法读取种子文件 / cannot read the seed {}", file.display()))?;
    let seed: Seed = serde_json::from_slice(&text)
        .with_context(|| format!("种子文件有误 / the seed is malformed: {}", file.display()))?;
    let backend = Backend::open(config(place)?)?;
    backend.load_seed(&seed)?;
    let verified = backend.verify_chain()?;
    say(&format!(
        "已装入 {0} 起案件、{1} 人，存证链 {2} 环 / loaded {0} incidents and {1} people, chain of {2} links",
        seed.incidents.len(),
        seed.people.len(),
        verified.links
    ));
    Ok(())
}

fn add_officer(officer: &Officer, place: &Place) -> Result<()> {
    let mut pin = String::new();
    std::io::stdin()
        .take(64)
        .read_to_string(&mut pin)
        .context("无法读取 PIN / cannot read the PIN from standard input")?;
    if officer.id.as_str().trim().is_empty() || officer.name.trim().is_empty() {
        bail!("登录名和姓名不能为空 / sign-in name and full name must not be empty");
    }
    let backend = Backend::open(config(place)?)?;
    backend.put_officer(officer, pin.trim())?;
    say(&format!("{0} 可以登录了 / {0} can sign in", officer.id));
    Ok(())
}

fn revoke(officer: &OfficerId, data_dir: &Path) -> Result<()> {
    require_database(data_dir)?;
    let ended = backend::revoke_in_file(data_dir, officer)?;
    say(&format!(
        "已结束 {officer} 的 {ended} 个登录 / ended {ended} sessions of {officer}"
    ));
    Ok(())
}

fn verify(data_dir: &Path) -> Result<()> {
    require_database(data_dir)?;
    let verified = backend::verify_file(data_dir)?;
    say(&format!(
        "存证链完整：{0} 环，末环 {1} / the chain is whole: {0} links, the last is {1}",
        verified.links, verified.head
    ));
    Ok(())
}

fn require_database(data_dir: &Path) -> Result<()> {
    let file = data_dir.join(backend::config::DATABASE_FILE);
    if !file.is_file() {
        bail!(
            "没有数据库 {0}，请检查 --data-dir / there is no database {0}: check --data-dir",
            file.display()
        );
    }
    Ok(())
}

/// One line on standard error; a closed one is no reason to fail.
pub fn say(line: &str) {
    writeln!(std::io::stderr(), "{line}").ok();
}
