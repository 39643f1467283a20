//! What can keep the hall from starting, said in both languages: what, where, what to do.

use std::path::PathBuf;

/// A reason not to start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// There is no display.
    #[error(
        "没有显示器（DISPLAY 与 WAYLAND_DISPLAY 均未设置）。请在图形会话中启动，或用 ./hall run 在虚拟屏幕上运行。\n\
         There is no display (neither DISPLAY nor WAYLAND_DISPLAY is set). Start it in a graphical session, or use ./hall run for a virtual screen."
    )]
    NoDisplay,
    /// No home directory and no `--data-dir`.
    #[error(
        "不知道数据放在哪里：HOME 未设置。请用 --data-dir DIR 指定。\n\
         There is no place for the data: HOME is not set. Name one with --data-dir DIR."
    )]
    NoDataDir,
    /// The data directory cannot be used.
    #[error(
        "数据目录 {path} 无法使用：{cause}。请检查权限与磁盘，或用 --data-dir 指定其他目录。\n\
         The data directory {path} cannot be used: {cause}. Check its permissions and the disk, or name another one with --data-dir."
    )]
    DataDir {
        /// The directory.
        path: PathBuf,
        /// The system's words.
        cause: String,
    },
    /// Another instance has the directory.
    #[error(
        "数据目录 {path} 正被另一个 streethall 使用。请先关闭它，或用 --data-dir 指定其他目录。\n\
         Another streethall is using the data directory {path}. Close that one first, or name another directory with --data-dir."
    )]
    AlreadyRunning {
        /// The directory.
        path: PathBuf,
    },
    /// The settings file is wrong.
    #[error(
        "设置文件 {path} 有误：{cause}。请改正，或将其移走以使用缺省设置。\n\
         The settings file {path} is wrong: {cause}. Mend it, or move it away to use the defaults."
    )]
    Settings {
        /// The file.
        path: PathBuf,
        /// What and where.
        cause: String,
    },
    /// The key file cannot be read, or the key is empty.
    #[error(
        "读不到密钥 {text}：{cause}。请给出 --hall-key KEY 或 --hall-key @文件。\n\
         The hall's key {text} cannot be read: {cause}. Give --hall-key KEY or --hall-key @FILE."
    )]
    HallKey {
        /// As given.
        text: String,
        /// Why.
        cause: String,
    },
    /// The address is no HTTP address.
    #[error(
        "后台地址 {url} 无效：{cause}。应形如 http://10.0.0.5:7700。\n\
         The backend's address {url} is not usable: {cause}. It should look like http://10.0.0.5:7700."
    )]
    BackendUrl {
        /// As given.
        url: String,
        /// Why.
        cause: String,
    },
    /// The machine gives the embedded backend no port.
    #[error(
        "内置后台得不到本机端口：{cause}。请检查本机回环网络（127.0.0.1）与安全软件，或用 --backend 指定后台。\n\
         This machine gives the embedded backend no port: {cause}. Check its loopback network (127.0.0.1) and what guards it, or name a backend with --backend."
    )]
    Port {
        /// The system's words.
        cause: String,
    },
    /// The embedded backend cannot start.
    #[error(
        "内置后台无法启动，将显示本机已保存的数据并每半分钟重试：{cause}\n\
         The embedded backend cannot start; what was kept here is shown, and it is tried again every half minute: {cause}"
    )]
    Backend {
        /// Why.
        cause: String,
    },
    /// The rules files are faulty.
    #[error(
        "规则文件有误：\n{cause}\n请按上述文件、行和字段改正，或不用 --rules 以使用内置规则。\n\
         The rules files are faulty: mend them at the files, lines and fields named above, or leave out --rules to use those that ship."
    )]
    Rules {
        /// Every fault with file, line and field.
        cause: String,
    },
    /// The address of the tile service cannot be used.
    #[error(
        "底图地址有误：{cause}。请改正 --map、--map-key 或 settings.toml。\n\
         The base map's address is not usable: {cause}. Mend --map, --map-key or settings.toml."
    )]
    MapAddress {
        /// What and where, without the address, which may hold a key.
        cause: String,
    },
    /// The cache or outbox cannot be opened.
    #[error(
        "本地缓存或待发箱无法打开：{cause}。请检查该磁盘的空间与权限，或用 --data-dir 指定其他目录。\n\
         The local cache or outbox cannot be opened: {cause}. Check the room on that disk and its permissions, or name another directory with --data-dir."
    )]
    Hall {
        /// Why.
        cause: String,
    },
    /// The window system refused.
    #[error(
        "窗口无法打开：{cause}\n\
         The windows cannot be opened: {cause}"
    )]
    Windows {
        /// Why.
        cause: String,
    },
}
