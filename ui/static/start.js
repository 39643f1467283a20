// Loads the user interface. A file of its own, because the content security policy allows no
// script inside the page.
import init from "./streethall_ui.js";

init({ module_or_path: new URL("streethall_ui_bg.wasm", import.meta.url) }).catch((error) => {
  const message = document.createElement("p");
  message.className = "start-failed";
  message.textContent = `界面无法启动 · The screens cannot start: ${error}`;
  document.body.append(message);
});
