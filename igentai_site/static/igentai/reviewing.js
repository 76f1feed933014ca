// A long action goes on by itself, step by step, until the last one leads back to the list.

const form = document.querySelector("[data-goes-on]");
form.querySelector("button").hidden = true;
form.requestSubmit();
