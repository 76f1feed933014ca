// Puts what a field holds on the clipboard. The button is only there where there is this module.

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(document.getElementById(button.dataset.copy)));
}

async function copy(field) {
  const said = document.querySelector("[data-copied]");
  field.select();
  said.textContent = (await isCopied(field.value)) ? "Copied." : "It is selected: copy it with Ctrl+C.";
}

/** Browsers give the clipboard to pages by https and of this machine only. */
async function isCopied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
