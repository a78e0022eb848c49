// What htmx does not do by itself: say aloud what a partial change brought, keep the filters
// as the reader left them, and never lose the keyboard's place. Pages work without this file.

const wide = window.matchMedia("(min-width: 64rem)");
let opened = false;
let place = "";

function showFilters() {
  const filters = document.getElementById("filtres");
  if (filters) filters.open = wide.matches || opened;
}

function announce() {
  const status = document.getElementById("annonce");
  const results = document.getElementById("resultats");
  if (status && results) status.textContent = results.dataset.announcement;
}

// htmx looks for the same place while folded filters still hide it; what is gone leaves the keyboard at the results.
function keepFocus() {
  for (const id of [place, "resultats"]) {
    if (document.activeElement === document.body) document.getElementById(id)?.focus({ preventScroll: true });
  }
}

// A draft that is no longer kept says so, and stays on the screen: nothing that was typed may go.
function warn() {
  const kept = document.getElementById("enregistre");
  kept.textContent = kept.dataset.lost;
  kept.classList.add("lost");
  kept.setAttribute("role", "alert");
}

document.addEventListener("toggle", (event) => {
  if (event.target.id === "filtres" && !wide.matches) opened = event.target.open;
}, true);
wide.addEventListener("change", showFilters);
document.addEventListener("htmx:beforeSwap", () => { place = document.activeElement.id; });
document.addEventListener("htmx:afterSwap", showFilters);
// A part that is refused or does not come says nothing: the whole page, asked for, says what is wrong and what to do.
for (const fault of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(fault, (event) => {
    if (event.detail.elt.hasAttribute("data-keeps")) warn();
    else window.location.assign(event.detail.pathInfo.finalRequestPath);
  });
}
document.addEventListener("htmx:afterSettle", () => { announce(); keepFocus(); });
showFilters();
