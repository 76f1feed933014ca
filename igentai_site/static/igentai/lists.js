// On a narrow screen the rows of a table are shown as cards (lists.css): each cell says which column it is of, and
// the table stays one for screen readers, although it is not laid out as one.

const ROLES = { TABLE: "table", THEAD: "rowgroup", TBODY: "rowgroup", TR: "row", TD: "cell" };

for (const table of document.querySelectorAll("#result_list, #change-history table, table.stacking, .tabular table")) {
  table.classList.add("stacking");
  label(table);
  keepRoles(table);
}

function label(table) {
  const names = [...table.querySelectorAll("thead th")].map((header) => header.textContent.trim());
  for (const row of table.querySelectorAll("tbody tr")) {
    [...row.cells].forEach((cell, index) => {
      nameFields(cell, names[index]);
      const isTitle = cell.tagName === "TH" || cell.classList.contains("action-checkbox");
      const isEmpty = !cell.textContent.trim() && !cell.querySelector("input, select, img");
      if (!isTitle && names[index] && !isEmpty) cell.dataset.label = names[index];
    });
  }
}

/** Django's rows of fields have no labels but the heads of their columns. */
function nameFields(cell, name) {
  if (!name) return;
  for (const field of cell.querySelectorAll("select, textarea, input:not([type=hidden])")) {
    if (!field.labels?.length && !field.ariaLabel) field.ariaLabel = name;
  }
}

function keepRoles(table) {
  for (const part of [table, ...table.querySelectorAll("thead, tbody, tr, td, th")]) {
    part.setAttribute("role", ROLES[part.tagName] ?? (part.closest("thead") ? "columnheader" : "rowheader"));
  }
}
