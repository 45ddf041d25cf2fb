// Keep the rows that have every word asked for; without this script, the page shows them all.
(() => {
  const folded = (text) => text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const field = document.getElementById("q");
  const rows = [...document.querySelectorAll("main tbody tr")].map((row) => [row, folded(row.textContent)]);
  const said = document.createElement("p");
  said.setAttribute("role", "status");
  document.querySelector("main h1").after(said);
  const filter = () => {
    const words = folded(field.value).split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [row, text] of rows) {
      row.hidden = !words.every((word) => text.includes(word));
      shown += row.hidden ? 0 : 1;
    }
    said.textContent = words.length ? `${shown} ligne${shown > 1 ? "s" : ""} sur ${rows.length}` : "";
  };
  field.value = new URLSearchParams(location.search).get("q") || "";
  field.addEventListener("input", filter);
  filter();
})();
