//! Rules files on the command line: what a street begins its own from, and their check.

use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cli::say;

/// Writes the shipped files into a folder that has none of them yet.
pub fn write_shipped(folder: &Path) -> Result<()> {
    let files = rules::shipped_files();
    for (name, _) in files {
        let path = folder.join(name);
        if path.exists() {
            bail!(
                "{0} 已存在，未写入任何文件；请换一个文件夹 / {0} exists, nothing was written: name another folder",
                path.display()
            );
        }
    }
    std::fs::create_dir_all(folder)
        .with_context(|| format!("无法创建 / cannot make {}", folder.display()))?;
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("无法写入 / cannot write {}", path.display()))?;
    }
    say(&format!(
        "已写入 {0} 个规则文件到 {1}，修改后请更改 version 并用 check-rules 检查 / wrote {0} rules files to {1}: change version with what you change, and check them with check-rules",
        files.len(),
        folder.display()
    ));
    Ok(())
}

/// Checks a folder of rules files and says what they hold.
pub fn check(folder: &Path) -> Result<()> {
    let rules = rules::load_dir(folder)?;
    say(&format!(
        "规则 {0} 无误：{1} 个小类、{2} 个部门 / rules {0} are sound: {1} minor categories, {2} departments",
        rules.version,
        rules.categories.len(),
        rules.departments.len()
    ));
    Ok(())
}
