// Shows below the form what a model would be asked with the values it holds now. Without this module the button
// opens the same on a page of its own.

const button = document.querySelector("[data-preview]");
button?.addEventListener("click", (event) => {
  event.preventDefault();
  show();
});

async function show() {
  const place = document.querySelector("[data-preview-place]");
  place.textContent = "Loading…";
  button.disabled = true;
  try {
    const values = new URLSearchParams(new FormData(button.form));
    const response = await fetch(button.formAction, { method: "POST", body: values });
    if (!response.ok || response.redirected) throw new Error(String(response.status));
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    place.replaceChildren(document.adoptNode(page.querySelector("[data-preview-content]")));
  } catch {
    place.textContent = "The preview could not be loaded. Are you still signed in?";
  }
  button.disabled = false;
}
